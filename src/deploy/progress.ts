import { containerKey, hasStarted, type Observed } from '../health/observed.ts'
import { decisiveLine, logLines, objectText } from '../health/evidence.ts'
import { ownedPods } from '../health/ownership.ts'
import { rollout, stateOf } from '../health/rollout.ts'
import { saidOf } from '../health/pod-faults.ts'
import type { DiagnosisOptions } from '../health/fault.ts'
import { podSignals } from '../health/signals.ts'

/** What was last told of each object: a line is written only when its text changes. */
export type Told = Map<string, string>

export interface ProgressOptions extends DiagnosisOptions {
  /** Whether lines of pods' logs may be quoted. */
  readonly tellsPodLines: boolean
}

/** The lines to write for what has changed since the last call; remembers them in `told`. */
export function progressLines(observed: Observed, options: ProgressOptions, told: Told): string[] {
  const lines: string[] = []
  const tell = (key: string, text: string): void => {
    if (told.get(key) === text) return
    told.set(key, text)
    lines.push(text)
  }
  for (const object of observed.objects) {
    const isHook = object.hookEvents.length > 0
    const name = objectText(object.manifest)
    if (object.live && !isHook) tell(name, `${name}: ${rollout(object.live, options.waitForJobs).message}`)
    if (object.live && isHook)
      tell(
        `hook ${name}`,
        `hook ${name} (${object.hookEvents.join(', ')}) ${object.wasDeleted ? 'is gone' : hookText(rollout(object.live, true).message)}`,
      )
    for (const pod of ownedPods(observed, object).fresh) {
      for (const signal of podSignals(pod, options, saidOf(observed, pod))) {
        if (signal.isUsual) continue
        const key = signal.container ? containerKey(pod, signal.container) : pod.metadata.name
        const line =
          options.tellsPodLines && signal.class === 'crash-loop' && signal.container
            ? decisiveLine(logLines(observed, pod, signal.container))
            : null
        tell(key, `pod ${pod.metadata.name}: ${signal.cause}${line ? ` (${line})` : ''}`)
      }
    }
  }
  return lines
}

function hookText(message: string): string {
  return message === 'ready' ? 'has completed' : message === 'failed' ? 'has failed' : 'runs'
}

/** What is still waited for, on one line; empty when nothing is. */
export function remaining(observed: Observed, waitForJobs: boolean): string {
  return observed.objects
    .flatMap((object) => {
      const state = stateOf(object, waitForJobs || object.hookEvents.length > 0)
      return !state || state.done || state.failed ? [] : [`${objectText(object.manifest)} (${state.message})`]
    })
    .join(', ')
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
