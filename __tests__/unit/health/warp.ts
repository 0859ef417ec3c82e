// A recording in which time goes by otherwise: each stretch between two changes takes longer or shorter, and all times in it move along.
import type { Recording } from '../../../src/health/recording.ts'

/** The same recording with the time since the deploy began stretched, anew from each change to the next, by what `factor` gives. */
export function warped(recording: Recording, factor: () => number): Recording {
  const begin = recording.changes.find(({ kind }) => kind === 'begin')?.at ?? recording.endedAt
  const times = [...new Set([begin, ...recording.changes.map(({ at }) => at), recording.endedAt])]
  const knots: { from: number; to: number; factor: number }[] = []
  let to = begin
  for (const [index, from] of times
    .filter((at) => at >= begin)
    .toSorted((a, b) => a - b)
    .entries()) {
    const last = knots[index - 1]
    to = last ? last.to + (from - last.from) * last.factor : begin
    knots.push({ from, to, factor: factor() })
  }
  const move = (ms: number): number => {
    const knot = knots.findLast(({ from }) => from <= ms)
    return knot ? Math.round(knot.to + (ms - knot.from) * knot.factor) : ms
  }
  return JSON.parse(JSON.stringify(recording), (key, value: unknown) => {
    if (typeof value === 'number' && (key === 'at' || key === 'endedAt')) return move(value)
    if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value)) return value
    const text = new Date(move(Date.parse(value))).toISOString()
    // What Kubernetes tells in whole seconds stays so.
    return value.includes('.') ? text : text.replace(/\.\d+Z/, 'Z')
  }) as Recording
}
