import type { Pod, Workload } from '../cluster/types.ts'
import type { WatchedObject } from './observed.ts'

/** How far a workload's rollout is, by its own status: the measure for `deployed` (design decision 4). */
export interface Rollout {
  readonly done: boolean
  readonly failed: boolean
  readonly wanted: number
  readonly ready: number
  /** In words: `1 of 2 new pods ready`. */
  readonly message: string
}

/** How far an object of the release is; null where it does not exist. A Job of an earlier deploy holds up nobody. */
export function stateOf({ live, isNew, wasDeleted }: WatchedObject, waitForJobs: boolean): Rollout | null {
  if (!live) return null
  if (live.kind === 'Job' && !isNew) return finished(0, 0)
  const state = rollout(live, waitForJobs || wasDeleted)
  if (!wasDeleted || state.done || state.failed) return state
  // The TTL controller takes only what has ended, perhaps before its end was seen.
  return live.spec?.ttlSecondsAfterFinished === undefined ? null : finished(state.wanted, state.wanted)
}

/**
 * Reads a workload's rollout. The rules are those of `kubectl rollout status`, but for Jobs: one is done when it completes,
 * or, where Jobs are not waited for, as soon as its first pod works and it has not failed.
 */
export function rollout(live: Workload, waitForJobs: boolean): Rollout {
  if (isUnseen(live)) {
    return {
      done: false,
      failed: false,
      wanted: wantedReplicas(live),
      ready: 0,
      message: 'the controller has not seen the change yet',
    }
  }
  switch (live.kind) {
    case 'Deployment':
      return deployment(live)
    case 'StatefulSet':
      return statefulSet(live)
    case 'DaemonSet':
      return daemonSet(live)
    case 'Job':
      return job(live, waitForJobs)
    case 'Pod':
      return pod(live)
    default:
      return { done: true, failed: false, wanted: 0, ready: 0, message: 'exists' }
  }
}

/** Whether the controller has yet to see the last change: until then the status is that of before. */
export function isUnseen({ metadata, status }: Workload): boolean {
  return status?.observedGeneration !== undefined && status.observedGeneration < (metadata.generation ?? 0)
}

/** Whether a hook has ended, well or not: a Job, or a pod, for which being ready is not the end. Helm awaits the end of no other kind. */
export function hasHookEnded(live: Workload): boolean {
  switch (live.kind) {
    case 'Job': {
      const { done, failed } = rollout(live, true)
      return done || failed
    }
    case 'Pod': {
      const { phase } = (live as Pod).status ?? {}
      return phase === 'Succeeded' || phase === 'Failed'
    }
    default:
      return true
  }
}

function wantedReplicas(live: Workload): number {
  if (live.kind === 'DaemonSet') return live.status?.desiredNumberScheduled ?? 0
  return live.spec?.replicas ?? 1
}

function deployment({ spec, status }: Workload): Rollout {
  const wanted = spec?.replicas ?? 1
  const updated = status?.updatedReplicas ?? 0
  const available = status?.availableReplicas ?? 0
  const old = (status?.replicas ?? 0) - updated
  if (spec?.paused)
    return {
      done: true,
      failed: false,
      wanted,
      ready: available,
      message: 'the Deployment is paused: nothing rolls out',
    }
  if (updated < wanted) return waiting(wanted, Math.min(updated, available), `${updated} of ${wanted} new pods started`)
  if (available < wanted) return waiting(wanted, available, `${available} of ${wanted} pods ready`)
  if (old > 0) return waiting(wanted, available, `${old} old pods still end`)
  return finished(wanted, available)
}

function statefulSet({ spec, status }: Workload): Rollout {
  const wanted = spec?.replicas ?? 1
  const ready = status?.readyReplicas ?? 0
  const updated = status?.updatedReplicas ?? 0
  const partition = spec?.updateStrategy?.rollingUpdate?.partition ?? 0
  const toUpdate = spec?.updateStrategy?.type === 'OnDelete' ? 0 : Math.max(0, wanted - partition)
  const isSameRevision = status?.currentRevision === status?.updateRevision
  if (!isSameRevision && updated < toUpdate)
    return waiting(wanted, Math.min(ready, updated), `${updated} of ${toUpdate} pods updated`)
  if (ready < wanted) return waiting(wanted, ready, `${ready} of ${wanted} pods ready`)
  return finished(wanted, ready)
}

function daemonSet({ spec, status }: Workload): Rollout {
  const wanted = status?.desiredNumberScheduled ?? 0
  const updated = status?.updatedNumberScheduled ?? 0
  const available = status?.numberAvailable ?? 0
  const isOnDelete = spec?.updateStrategy?.type === 'OnDelete'
  if (status?.observedGeneration === undefined) return waiting(wanted, 0, 'the controller has not seen it yet')
  if (!isOnDelete && updated < wanted)
    return waiting(wanted, Math.min(updated, available), `${updated} of ${wanted} new pods started`)
  if (available < wanted) return waiting(wanted, available, `${available} of ${wanted} pods ready`)
  return finished(wanted, available)
}

function job({ spec, status }: Workload, waitForJobs: boolean): Rollout {
  const condition = (type: string): boolean =>
    (status?.conditions ?? []).some((one) => one.type === type && one.status === 'True')
  const wanted = spec?.completions ?? 1
  const succeeded = status?.succeeded ?? 0
  if (condition('Failed') || condition('FailureTarget'))
    return { done: false, failed: true, wanted, ready: succeeded, message: 'failed' }
  if (condition('Complete') || condition('SuccessCriteriaMet')) return finished(wanted, succeeded)
  if (!waitForJobs && (spec?.suspend || (status?.ready ?? 0) > 0 || succeeded > 0 || (status?.failed ?? 0) > 0)) {
    return { done: true, failed: false, wanted, ready: succeeded, message: 'started (its end is not waited for)' }
  }
  if (!waitForJobs) return waiting(wanted, succeeded, 'not started yet')
  return waiting(wanted, succeeded, `${succeeded} of ${wanted} completions`)
}

function pod(live: Workload): Rollout {
  const status = live.status as { phase?: string; conditions?: { type: string; status: string }[] } | undefined
  if (status?.phase === 'Failed') return { done: false, failed: true, wanted: 1, ready: 0, message: 'failed' }
  const isReady =
    status?.phase === 'Succeeded' ||
    (status?.conditions ?? []).some((one) => one.type === 'Ready' && one.status === 'True')
  return isReady ? finished(1, 1) : waiting(1, 0, `phase ${status?.phase ?? 'unknown'}`)
}

function waiting(wanted: number, ready: number, message: string): Rollout {
  return { done: false, failed: false, wanted, ready, message }
}

function finished(wanted: number, ready: number): Rollout {
  return { done: true, failed: false, wanted, ready, message: wanted === 1 ? 'ready' : `${ready} of ${wanted} ready` }
}
