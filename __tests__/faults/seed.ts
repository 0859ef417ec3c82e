// Random numbers that come again with the same seed.

/** A source of numbers from 0 up to 1 (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** The seed of this run of the suite, for one purpose. */
export function seedFor(purpose: string): number {
  const base = Number(process.env['ATOMIC_SEED'] ?? 1)
  let sum = base
  for (let at = 0; at < purpose.length; at += 1) sum = (Math.imul(sum, 31) + purpose.charCodeAt(at)) | 0
  return sum
}
