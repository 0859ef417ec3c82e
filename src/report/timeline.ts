import { firstSign } from '../health/first-sign.ts'
import { resourceKey } from '../health/finding.ts'
import { beganAt, rolloutSpans, type RolloutSpan } from '../health/rollout-spans.ts'
import { counted, duration } from './markdown.ts'
import type { Report } from './model.ts'
import { succeeded } from './status.ts'

/** How a bar looks: as it should be, as it should not, or neither. */
export type Tone = 'good' | 'bad' | 'open' | 'plain'

/** One line of the picture: something that took time, or a moment. Times are ms since the run began. */
export interface Bar {
  readonly section: 'Phases' | 'Rollout' | 'Signs' | 'Undo'
  /** Untrusted, of any length. */
  readonly label: string
  /** What is added to the label, in our words. */
  readonly remark: string
  readonly startMs: number
  readonly endMs: number
  readonly tone: Tone
  readonly isMoment: boolean
}

/** More bars than these nobody reads. */
const mostPhases = 12
const mostRollouts = 24

const undoPhases: readonly string[] = ['roll back', 'uninstall']

/**
 * What happened when, by section and in the order in which to show it, at most 41 bars; none of a run with one phase, where there is
 * nothing to compare. Phases are by the runner's clock and rollouts by the API server's: they meet where the deploy begins.
 */
export function timelineOf(report: Report): readonly Bar[] {
  if (report.phases.length < 2) return []
  const isUndo = ({ name }: Phase): boolean =>
    report.mode === 'deploy' && report.undo !== null && undoPhases.includes(name)
  const phases = report.phases.filter((phase) => !isUndo(phase)).slice(0, mostPhases)
  const undo = report.phases.filter(isUndo).slice(0, 2)
  return [
    ...phases.map((phase) => phaseBar(phase, 'Phases', 'plain')),
    ...rolloutBars(report),
    ...signs(report),
    ...undo.map((phase) => ({
      ...phaseBar(phase, 'Undo', report.rollback === 'restored' ? 'good' : 'bad'),
      ...(report.undo?.toRevision == null ? {} : { label: `back to revision ${String(report.undo.toRevision)}` }),
    })),
  ]
}

type Phase = Report['phases'][number]

function phaseBar({ name, startMs, durationMs }: Phase, section: Bar['section'], tone: Tone): Bar {
  const endMs = startMs + Math.max(0, durationMs)
  return { section, label: name, remark: duration(endMs - startMs), startMs, endMs, tone, isMoment: false }
}

/** Turns a time of the API server into one of the run; null where nothing ties the two clocks together. */
function clockOf({ timeline, phases }: Report): ((at: number) => number) | null {
  const deploy = phases.find(({ name }) => name === 'deploy')
  const began = timeline === null ? null : beganAt(timeline)
  if (deploy === undefined || began === null) return null
  // What was recorded was so before the run's end; a clock that was set must not stretch the picture.
  const endMs = Math.max(...phases.map(({ startMs, durationMs }) => startMs + Math.max(0, durationMs)))
  return (at) => Math.min(deploy.startMs + Math.max(0, at - began), endMs)
}

/** When the verdict fell: evidence is gathered right after it. Null where nothing was deployed. */
function verdictMs({ phases }: Report): number | null {
  const evidence = phases.find(({ name }) => name === 'evidence')
  const deployed = phases.findLast(({ name }) => name === 'deploy' || name === 'test')
  if (deployed === undefined) return null
  return evidence?.startMs ?? deployed.startMs + deployed.durationMs
}

function rolloutBars(report: Report): Bar[] {
  const toRun = clockOf(report)
  const end = verdictMs(report)
  if (report.timeline === null || toRun === null || end === null) return []
  const failing = new Set(report.findings.map(({ resource }) => resourceKey(resource)))
  const bars = rolloutSpans(report.timeline).map((span) =>
    rolloutBar(span, failing.has(resourceKey(span.object)), toRun, end),
  )
  // Of many those that tell most are shown, in the order of the manifest.
  const weight = ({ tone }: Bar): number => (tone === 'bad' ? 0 : tone === 'open' ? 1 : 2)
  const shown = new Set(bars.toSorted((a, b) => weight(a) - weight(b) || b.endMs - a.endMs).slice(0, mostRollouts))
  const rest = bars.filter((bar) => !shown.has(bar))
  return [...bars.filter((bar) => shown.has(bar)), ...(rest.length > 0 ? [restBar(rest)] : [])]
}

function rolloutBar(span: RolloutSpan, isFailing: boolean, toRun: (at: number) => number, endMs: number): Bar {
  const startMs = toRun(span.from)
  const isBad = isFailing || span.failed
  const until = span.until === null ? endMs : toRun(span.until)
  const took = duration(Math.max(0, until - startMs))
  const ends = span.isHook ? 'over' : 'complete'
  return {
    section: 'Rollout',
    label: `${span.object.kind} ${span.object.name}`,
    remark: isBad ? 'failed' : span.until === null ? `not ${ends}` : `${ends} in ${took}`,
    startMs,
    endMs: Math.max(startMs, until),
    tone: isBad ? 'bad' : span.until === null ? 'open' : 'good',
    isMoment: false,
  }
}

function restBar(rest: readonly Bar[]): Bar {
  const tones = new Set(rest.map(({ tone }) => tone))
  return {
    section: 'Rollout',
    label: `and ${counted(rest.length, 'more workload')}`,
    remark: '',
    startMs: Math.min(...rest.map(({ startMs }) => startMs)),
    endMs: Math.max(...rest.map(({ endMs }) => endMs)),
    tone: tones.has('bad') ? 'bad' : tones.has('open') ? 'open' : 'good',
    isMoment: false,
  }
}

function signs(report: Report): Bar[] {
  const verdict = verdictMs(report)
  if (verdict === null || report.mode !== 'deploy') return []
  if (succeeded(report)) return [moment('complete', verdict, 'good')]
  const [first] = report.findings
  if (first === undefined) return []
  const toRun = clockOf(report)
  const seen = report.timeline === null || toRun === null ? null : firstSign(report.timeline, report.findings)
  return [
    ...(seen === null || toRun === null
      ? []
      : [moment('first sign of failure', Math.min(toRun(seen), verdict), 'bad')]),
    moment(`verdict ${first.class}`, verdict, 'bad'),
  ]
}

function moment(label: string, atMs: number, tone: Tone): Bar {
  const remark = `after ${duration(atMs)}`
  return { section: 'Signs', label, remark, startMs: atMs, endMs: atMs, tone, isMoment: true }
}
