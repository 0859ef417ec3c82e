import { diagnose, dueFaults, isHookRunning, nextDue } from './diagnose.ts'
import type { FindingClass, Finding } from './finding.ts'
import { judge } from './judge.ts'
import { createMemory } from './memory.ts'
import type { Recording } from './recording.ts'

/** Judges a recording again, from nothing but itself. */
export function judgeRecording({ options, changes, end, endedAt, namespace, chart }: Recording): Finding[] {
  const memory = createMemory(options)
  for (const change of changes) memory.apply(change)
  return end === null ? [] : judge(memory.observed(endedAt), end, options, { namespace, chart })
}

/** When a deploy would have been ended, ms since 1970, and by what; null when nothing was certain before the recording's end. */
export function firstVerdict({ options, changes, endedAt }: Recording): {
  readonly at: number
  readonly classes: readonly FindingClass[]
} | null {
  const memory = createMemory(options)
  let isBegun = false
  for (const [index, change] of changes.entries()) {
    memory.apply(change)
    isBegun ||= change.kind === 'begin'
    const until = changes[index + 1]?.at ?? endedAt
    // What comes in one moment is judged together.
    if (!isBegun || until <= change.at) continue
    for (let now: number | null = change.at; now !== null && now < until;) {
      const seen = memory.observed(now)
      const faults = diagnose(seen, options)
      const due = dueFaults(faults, now)
      if (due.length > 0 && !isHookRunning(seen)) return { at: now, classes: due.map((fault) => fault.class) }
      now = nextDue(faults, now)
    }
  }
  return null
}
