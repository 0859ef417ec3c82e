// How long it took from the moment at which the cluster had shown enough, to the end of Helm: the report's own recording tells.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { firstVerdict } from '../../src/health/replay.ts'
import type { Recording } from '../../src/health/recording.ts'

/** The file to which tests add what they saw; set by run.ts. */
export const verdictsVariable = 'ATOMIC_VERDICTS'

/** Milliseconds from certainty to the end; null for a deploy that ended in another way. */
export function verdictLatencyMs(timeline: Recording | null): { class: string; ms: number } | null {
  if (timeline?.end?.kind !== 'doomed') return null
  const verdict = firstVerdict(timeline)
  return verdict && { class: verdict.classes[0] ?? '', ms: timeline.endedAt - verdict.at }
}

/** Adds a deploy to the file, if there is one. */
export function noteVerdict(timeline: Recording | null): void {
  const file = process.env[verdictsVariable]
  const latency = verdictLatencyMs(timeline)
  if (file && latency) appendFileSync(file, `${JSON.stringify(latency)}\n`)
}

/** A line for each class in the file: how many, the median and the 95th percentile. */
export function verdictLines(file: string): string[] {
  if (!existsSync(file)) return []
  const all = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { class: string; ms: number })
  return [...Map.groupBy(all, (one) => one.class)].map(([name, some]) => {
    const sorted = some.map(({ ms }) => ms).sort((a, b) => a - b)
    return `${name}: ${sorted.length} verdicts, from certainty to the end of Helm ${percentile(sorted, 50)} ms (median), ${percentile(sorted, 95)} ms (95th percentile)`
  })
}

/** The value below which so many percent of sorted numbers lie. */
export function percentile(sorted: readonly number[], percent: number): number {
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0)
}
