import type { Condition, Pod, Workload } from '../cluster/types.ts'

/** Controllers and kubelets write their first conditions soon after the object is made; a later change was a change of state. */
const firstWordMs = 10_000

/** Whether an object has a state of being ready at all: pods, a Job's end, or a status that tells. */
export function hasReadiness(live: Workload): boolean {
  return readers[live.kind ?? ''] !== undefined || phaseOf(live) !== '' || readyConditions(live).length > 0
}

/**
 * Whether an object was ready at any time, as far as it and its pods still show it. In doubt it was: this decides whether it may be
 * deleted. A pod without a probe is ready as soon as it runs, so one that crashes may count.
 */
export function wasEverReady(live: Workload, pods: readonly Pod[]): boolean {
  const read = readers[live.kind ?? ''] ?? statusSaysReady
  // A Job's pods work, whether they are ready or not; what it has done is told by itself.
  return read(live) || (live.kind !== 'Job' && pods.some(podWasReady))
}

const readers: Readonly<Record<string, (live: Workload) => boolean>> = {
  Deployment: deploymentWasReady,
  StatefulSet: statefulSetWasReady,
  DaemonSet: ({ status }) => (status?.numberReady ?? 0) > 0 || (status?.numberAvailable ?? 0) > 0,
  ReplicaSet: hasReadyReplicas,
  ReplicationController: hasReadyReplicas,
  Job: jobHasWorked,
  Pod: (live) => podWasReady(live as Pod),
}

function hasReadyReplicas({ status }: Workload): boolean {
  return (status?.readyReplicas ?? 0) > 0 || (status?.availableReplicas ?? 0) > 0
}

/**
 * `Available` was first written with the Deployment: when it became False later, it was True before. `NewReplicaSetAvailable` stays
 * once a rollout is complete; with no replicas it always is, so that it says nothing unless they were scaled away.
 * `Available=True` alone says nothing either: where all pods may be unavailable it is true from the start.
 */
function deploymentWasReady(live: Workload): boolean {
  if (hasReadyReplicas(live)) return true
  const conditions = live.status?.conditions ?? []
  const wasAvailable = conditions.some(
    (one) => one.type === 'Available' && one.status === 'False' && changedAfter(one, live.metadata.creationTimestamp),
  )
  const wasComplete = conditions.some(
    ({ type, reason }) => type === 'Progressing' && reason === 'NewReplicaSetAvailable',
  )
  const isEmptyFromTheStart = live.spec?.replicas === 0 && (live.metadata.generation ?? 0) <= 1
  return wasAvailable || (wasComplete && !isEmptyFromTheStart)
}

/** The second pod of an ordered set is made only when the first one is ready. */
function statefulSetWasReady(live: Workload): boolean {
  const isOrdered = live.spec?.podManagementPolicy !== 'Parallel'
  return hasReadyReplicas(live) || (isOrdered && (live.status?.replicas ?? 0) > 1)
}

/** It has completed, or a pod of it works now. */
function jobHasWorked({ status }: Workload): boolean {
  const isComplete = (status?.conditions ?? []).some(
    (one) => (one.type === 'Complete' || one.type === 'SuccessCriteriaMet') && one.status === 'True',
  )
  return isComplete || (status?.succeeded ?? 0) > 0 || (status?.ready ?? 0) > 0
}

/** It is ready, or ended well, or stopped being ready: a kubelet writes `Ready` when it first sees the pod, and then when it changes. */
function podWasReady({ status, metadata }: Pod): boolean {
  if (status?.phase === 'Succeeded') return true
  const ready = (status?.conditions ?? []).find(({ type }) => type === 'Ready')
  if (!ready) return false
  return ready.status === 'True' || changedAfter(ready, status?.startTime ?? metadata.creationTimestamp)
}

/** What operators say of what they made: a condition, or a word. */
function statusSaysReady(live: Workload): boolean {
  const isSaid = /^(ready|running|active|available|healthy|online|succeeded|complete)/i.test(phaseOf(live))
  const { creationTimestamp } = live.metadata
  return isSaid || readyConditions(live).some((one) => one.status === 'True' || changedAfter(one, creationTimestamp))
}

function readyConditions({ status }: Workload): Condition[] {
  // What comes from a custom resource may have any form.
  const conditions: unknown = status?.conditions
  if (!Array.isArray(conditions)) return []
  return (conditions as (Condition | null)[]).filter(
    (one) => one?.type === 'Ready' || one?.type === 'Available',
  ) as Condition[]
}

/** A volume claim is bound, not ready, and its volume is asked for by itself; namespaces are active from the start. */
const kindsWithoutReadiness: ReadonlySet<string> = new Set([
  'PersistentVolumeClaim',
  'PersistentVolume',
  'Namespace',
  'Service',
])

function phaseOf({ kind, status }: Workload): string {
  if (kindsWithoutReadiness.has(kind ?? '')) return ''
  const { phase, state } = (status ?? {}) as { readonly phase?: unknown; readonly state?: unknown }
  return [phase, state].find((word): word is string => typeof word === 'string') ?? ''
}

function changedAfter({ lastTransitionTime }: Condition, beginning: string | undefined): boolean {
  return Date.parse(lastTransitionTime ?? '') > Date.parse(beginning ?? '') + firstWordMs
}
