const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  // Both letters that look like it: the sign of old character sets, and the Greek one.
  '\u00B5s': 1e-3,
  '\u03BCs': 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

// Go counts nanoseconds in 63 bits.
const maxMs = 2 ** 63 / 1e6

/** Reads a Go duration (`90s`, `5m`, `1h30m`, `1.5h`) as milliseconds; null when it is not one, or negative. */
export function parseDuration(text: string): number | null {
  if (text === '0') return 0
  if (!/^\+?((\d+(\.\d*)?|\.\d+)(ns|us|\u00B5s|\u03BCs|ms|s|m|h))+$/.test(text)) return null
  let total = 0
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ns|us|\u00B5s|\u03BCs|ms|s|m|h)/g))
    total += Number(amount) * (unitMs[unit ?? ''] ?? Number.NaN)
  return total <= maxMs ? Math.round(total) : null
}

/** Writes milliseconds as a duration that Helm and people read: `90s` becomes `1m30s`, under a second `250ms`. */
export function formatDuration(ms: number): string {
  if (Math.round(ms) < 1000) return `${Math.round(ms)}ms`
  const seconds = Math.round(ms / 1000)
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'm'],
    [seconds % 60, 's'],
  ] as const
  return parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join('')
}
