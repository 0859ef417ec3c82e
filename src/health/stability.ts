import type { Pod } from '../cluster/types.ts'
import { diagnose } from './diagnose.ts'
import type { DiagnosisOptions, Fault } from './fault.ts'
import {
  containerKey,
  crashCount,
  indexed,
  isEndedByNode,
  isReady,
  podContainers,
  type Observed,
  type WatchedObject,
} from './observed.ts'
import { ownedPods } from './ownership.ts'
import { rollout } from './rollout.ts'
import { atTimeout } from './row.ts'

/** How a release was when it became complete. */
export interface Steady {
  /** How often each container had crashed: `podUid/container` → count. */
  readonly crashes: Readonly<Record<string, number>>
  /** Uids of the pods that were ready; a recording of an earlier version has none. */
  readonly ready?: readonly string[]
}

/** Notes the release's own pods as they are now. */
export function steadyState(observed: Observed): Steady {
  const pods = observed.objects.flatMap((object) => servingPods(observed, object))
  return {
    crashes: Object.fromEntries(pods.flatMap(crashesOf)),
    ready: pods.filter(isReady).map(({ metadata }) => metadata.uid ?? ''),
  }
}

/**
 * What a release that was complete has lost: a pod that was ready, lives and is not ready any more, a container of then that crashed,
 * a Job that failed. Empty while it is stable. Pods that came later, or that somebody deletes or evicts, are no loss: an autoscaler, a
 * drain and a new node are nothing that the release does. `crash-tolerance` is for starts: what has served and crashes is a fault at
 * the first crash.
 */
export function unstable(observed: Observed, options: DiagnosisOptions, before: Steady): Fault[] {
  const lost = observed.objects.flatMap((object) => {
    if (object.hookEvents.length > 0) return []
    if (object.live?.kind === 'Job')
      return object.isNew && rollout(object.live, true).failed ? [{ object, pods: [] }] : []
    const pods = servingPods(observed, object).filter((pod) => isLost(pod, before))
    return pods.length > 0 ? [{ object, pods }] : []
  })
  const objects = lost.map(({ object }) => object)
  const pods = observed.pods.filter(({ metadata }) =>
    lost.some((one) => one.pods.some((pod) => pod.metadata.uid === metadata.uid)),
  )
  const faults = diagnose(indexed({ ...observed, objects, others: [], pods }), options)
  const isTold = (object: WatchedObject): boolean => faults.some((fault) => fault.object === object)
  return [...faults, ...lost.flatMap((one) => (isTold(one.object) ? [] : plain(one)))]
}

/** Pods that should keep running: those of a Job may fail and be tried again, and hooks are over. */
function servingPods(observed: Observed, object: WatchedObject): Pod[] {
  if (object.hookEvents.length > 0 || object.manifest.kind === 'Job') return []
  return ownedPods(observed, object).current.filter((pod) => !pod.metadata.deletionTimestamp && !isEndedByNode(pod))
}

function isLost(pod: Pod, { crashes, ready = [] }: Steady): boolean {
  const hasCrashed = crashesOf(pod).some(([key, count]) => count > (crashes[key] ?? count))
  return hasCrashed || (ready.includes(pod.metadata.uid ?? '') && !isReady(pod))
}

function crashesOf(pod: Pod): [key: string, count: number][] {
  return podContainers(pod).map(({ name, status }) => [containerKey(pod, name), crashCount(status)])
}

/** A loss that no row explains, as of a pod that was there before the deploy. */
function plain({ object, pods }: { readonly object: WatchedObject; readonly pods: readonly Pod[] }): Fault[] {
  return pods.slice(0, 1).map((pod) => ({
    id: '',
    key: 'unstable',
    class: isReady(pod) ? 'crash-loop' : 'not-ready',
    object,
    cause: `it was complete, and is not any more: pod ${pod.metadata.name} ${isReady(pod) ? 'has crashed' : 'is not ready any more'}`,
    severity: atTimeout,
    count: pods.length,
    dueAt: null,
    witness: { uid: pod.metadata.uid, container: null },
  }))
}
