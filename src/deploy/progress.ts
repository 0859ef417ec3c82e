import { containerKey, hasStarted, type Observed, type WatchedObject } from '../health/observed.ts'
import { decisiveLine, logLines, objectText } from '../health/evidence.ts'
import { ownedPods } from '../health/ownership.ts'
import { rollout, stateOf, type Rollout } from '../health/rollout.ts'
import { saidOf } from '../health/pod-faults.ts'
import type { DiagnosisOptions } from '../health/fault.ts'
import { podSignals } from '../health/signals.ts'
import type { Tone } from '../platform/log.ts'
import type { Told } from './told.ts'
import { renderWaiting, type WaitingRow } from './waiting-table.ts'

export interface ProgressOptions extends DiagnosisOptions {
  /** Whether lines of pods' logs may be quoted. */
  readonly tellsPodLines: boolean
}

/** A line of the log. */
export interface ProgressLine {
  readonly text: string
  readonly tone?: Tone
}

/** The lines to write for what has changed since the last call; remembers them in `told`. */
export function progressLines(observed: Observed, options: ProgressOptions, told: Told): ProgressLine[] {
  const lines: ProgressLine[] = []
  const add = (text: string | null, tone: Tone | undefined): void => {
    if (text !== null) lines.push(tone === undefined ? { text } : { text, tone })
  }
  for (const object of observed.objects) {
    const isHook = object.hookEvents.length > 0
    const name = objectText(object.manifest)
    const state = object.live && rollout(object.live, isHook || options.waitForJobs)
    if (state && !isHook) add(told.tell(name, `${name}: ${state.message}`, observed.now, isEnd(state)), toneOf(state))
    if (state && isHook) {
      const events = object.hookEvents.join(', ')
      const text = `hook ${name} (${events}) ${object.wasDeleted ? 'is gone' : hookText(state.message)}`
      add(told.tell(`hook ${name}`, text, observed.now, isEnd(state)), toneOf(state))
    }
    for (const pod of ownedPods(observed, object).fresh) {
      for (const signal of podSignals(pod, options, saidOf(observed, pod))) {
        if (signal.isUsual) continue
        const key = signal.container ? containerKey(pod, signal.container) : pod.metadata.name
        const line =
          options.tellsPodLines && signal.class === 'crash-loop' && signal.container
            ? decisiveLine(logLines(observed, pod, signal.container))
            : null
        const text = `pod ${pod.metadata.name}: ${signal.cause}${line ? ` (${line})` : ''}`
        add(told.tellOne(`${name}: ${signal.cause}`, key, text, observed.now), 'caution')
      }
    }
  }
  return lines
}

function isEnd({ done, failed }: Rollout): boolean {
  return done || failed
}

function toneOf({ done, failed }: Rollout): Tone | undefined {
  return failed ? 'bad' : done ? 'good' : undefined
}

function hookText(message: string): string {
  return message === 'ready' ? 'has completed' : message === 'failed' ? 'has failed' : 'runs'
}

/** The table of what is still waited for, what has waited longest first; empty when nothing is. */
export function waitingTable(observed: Observed, options: DiagnosisOptions): string {
  const rows = observed.objects.flatMap((object): WaitingRow[] => {
    const isHook = object.hookEvents.length > 0
    const state = stateOf(object, options.waitForJobs || isHook)
    if (!state || state.done || state.failed) return []
    return [
      {
        name: objectText(object.manifest),
        ready: state.ready,
        wanted: state.wanted,
        waitsFor: podTrouble(observed, object, options) ?? state.message,
        seconds: Math.round((observed.now - (object.changedAt ?? observed.startedAt)) / 1000),
      },
    ]
  })
  return renderWaiting(rows, observed.objects.length)
}

/** What most of an object's new pods tell, and of how many it is true; null when they tell nothing. */
function podTrouble(observed: Observed, object: WatchedObject, options: DiagnosisOptions): string | null {
  const causes = ownedPods(observed, object).fresh.flatMap((pod) => {
    const signal = podSignals(pod, options, saidOf(observed, pod)).find(({ isUsual }) => !isUsual)
    return signal ? [signal.cause] : []
  })
  const [most] = [...Map.groupBy(causes, (cause) => cause)].sort(([, one], [, other]) => other.length - one.length)
  if (!most) return null
  const [cause, { length }] = most
  return length === 1 ? cause : `${cause} (${String(length)} pods)`
}

/** Replicas that serve, and that are wanted. */
export interface Availability {
  readonly available: number
  readonly wanted: number
}

/** Replicas that serve now and that are wanted, over all workloads of the release that keep running. */
export function availability(observed: Observed): Availability {
  const states = observed.objects.flatMap(({ live, hookEvents, manifest }) => {
    if (!live || hookEvents.length > 0 || manifest.kind === 'Job') return []
    const { spec, status } = live
    const wanted = live.kind === 'DaemonSet' ? (status?.desiredNumberScheduled ?? 0) : (spec?.replicas ?? 1)
    const available = status?.numberAvailable ?? status?.availableReplicas ?? status?.readyReplicas ?? 0
    return [{ wanted, available: Math.min(available, wanted) }]
  })
  return {
    wanted: states.reduce((sum, one) => sum + one.wanted, 0),
    available: states.reduce((sum, one) => sum + one.available, 0),
  }
}

/** Whether a pod of that owner has ever run a container: used to tell a hook that never started. */
export function hasRun(observed: Observed, uid: string | undefined): boolean {
  return observed.pods
    .filter(({ metadata }) => metadata.uid === uid || metadata.ownerReferences?.some((owner) => owner.uid === uid))
    .some(hasStarted)
}
