import { diagnose, unfinished } from './diagnose.ts'
import type { DiagnosisOptions, Fault } from './fault.ts'
import { containerKey, crashCount, podContainers, type Observed, type WatchedObject } from './observed.ts'
import { ownedPods } from './ownership.ts'
import { rollout } from './rollout.ts'

/** How often each container of the release had crashed at some moment: `podUid/container` → count. */
export type Crashes = Readonly<Record<string, number>>

/** Counts the crashes of the release's own pods so far. */
export function crashesSoFar(observed: Observed): Crashes {
  return Object.fromEntries(observed.objects.flatMap((object) => crashesOf(observed, object)))
}

/**
 * What a release that was complete is not any more: a container that crashed since, a rollout that lost its readiness, a Job that
 * failed. Empty while it is stable. `crash-tolerance` is for starts: what has served and crashes is a fault at the first crash.
 */
export function unstable(observed: Observed, options: DiagnosisOptions, before: Crashes): Fault[] {
  // Between a pod that failed and its condition, a Job looks as if it had not begun: only the condition counts.
  const open = unfinished(observed, options).filter(
    ({ object: { live } }) => live?.kind !== 'Job' || rollout(live, true).failed,
  )
  const isAffected = (object: WatchedObject): boolean =>
    open.some((one) => one.object.manifest === object.manifest) ||
    crashesOf(observed, object).some(([key, count]) => count > (before[key] ?? 0))
  const faults = diagnose(observed, options).filter(
    ({ object, severity }) => severity.kind !== 'information' && isAffected(object),
  )
  const rest = open.filter(({ object }) => !faults.some((fault) => fault.object.manifest === object.manifest))
  return [
    ...faults,
    ...rest.map((fault) => ({ ...fault, cause: `it was complete, and is not any more: ${fault.cause}` })),
  ]
}

/** Of ordinary objects that should keep running: a Job's pods may fail and be tried again. */
function crashesOf(observed: Observed, object: WatchedObject): [key: string, count: number][] {
  if (object.hookEvents.length > 0 || object.manifest.kind === 'Job') return []
  return ownedPods(observed, object).current.flatMap((pod) =>
    podContainers(pod).map(({ name, status }): [string, number] => [containerKey(pod, name), crashCount(status)]),
  )
}
