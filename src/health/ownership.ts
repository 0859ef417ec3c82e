import type { Pod, Workload } from '../cluster/types.ts'
import type { Observed, WatchedObject } from './observed.ts'
import { isUnseen } from './rollout.ts'

/** The pods that a release's object is judged by. */
export interface OwnedPods {
  /** Pods of the new revision, made since the deploy began. */
  readonly fresh: readonly Pod[]
  /** Pods of the object's present revision, whenever they were made. */
  readonly current: readonly Pod[]
  /** Pods of older revisions that are still there. */
  readonly old: readonly Pod[]
}

/**
 * Follows owner references by uid from an object of the release to its pods. Only the present revision counts: the newest
 * ReplicaSet of a Deployment, the update revision of a StatefulSet, the template of a DaemonSet.
 */
export function ownedPods(observed: Observed, { live }: WatchedObject): OwnedPods {
  if (!live) return { fresh: [], current: [], old: [] }
  const all = podsOf(observed, live)
  const isCurrent = currentTest(observed, live)
  const current = all.filter(isCurrent)
  const isOfCurrent = new Set(current)
  return {
    current,
    fresh: current.filter(({ metadata }) => !observed.podsBefore.has(metadata.uid ?? '')),
    old: all.filter((pod) => !isOfCurrent.has(pod)),
  }
}

function podsOf(observed: Observed, owner: Workload): Pod[] {
  const uid = owner.metadata.uid ?? ''
  if (owner.kind === 'Pod') return observed.pods.filter(({ metadata }) => metadata.uid === uid)
  const sets = observed.setsOf.get(uid) ?? []
  return [uid, ...sets.map(({ metadata }) => metadata.uid ?? '')].flatMap((one) => observed.podsOf.get(one) ?? [])
}

function isOwnedBy(pod: Pod, owner: string | undefined): boolean {
  return (pod.metadata.ownerReferences ?? []).some(({ uid }) => uid === owner)
}

/** Tells the pods of an owner's present revision. */
function currentTest(observed: Observed, owner: Workload): (pod: Pod) => boolean {
  switch (owner.kind) {
    case 'Deployment': {
      const newest = newestReplicaSet(observed, owner)?.metadata.uid
      return (pod) => isOwnedBy(pod, newest)
    }
    case 'StatefulSet':
      return (pod) => hashOf(pod) === owner.status?.updateRevision
    case 'DaemonSet':
      return daemonTest(observed, owner)
    default:
      return () => true
  }
}

/**
 * Of the present template are the pods that bear its generation, and those of an earlier one that was the same: when a template comes
 * back, as in a rollback, its controller leaves the pods that have it.
 */
function daemonTest(observed: Observed, set: Workload): (pod: Pod) => boolean {
  const generation = set.metadata.annotations?.['deprecated.daemonset.template.generation']
  const isMadeOfIt = ({ metadata }: Pod): boolean => {
    const own = metadata.labels?.['pod-template-generation']
    return generation === undefined || own === undefined || own === generation
  }
  const made = podsOf(observed, set).filter(isMadeOfIt)
  if (made.length === 0 && isUpToDate(set)) return ({ metadata }) => !metadata.deletionTimestamp
  const hashes = new Set(made.flatMap((pod) => hashOf(pod) ?? []))
  return (pod) => isMadeOfIt(pod) || hashes.has(hashOf(pod) ?? '')
}

/** Whether the controller has nothing to replace. */
function isUpToDate(set: Workload): boolean {
  const { updatedNumberScheduled = 0, desiredNumberScheduled } = set.status ?? {}
  return !isUnseen(set) && updatedNumberScheduled > 0 && updatedNumberScheduled === desiredNumberScheduled
}

function hashOf({ metadata }: Pod): string | undefined {
  return metadata.labels?.['controller-revision-hash']
}

/** The ReplicaSet of a Deployment's present template; undefined until the controller has made it. */
export function newestReplicaSet({ setsOf }: Observed, deployment: Workload): Workload | undefined {
  const revision = (set: Workload): number =>
    Number(set.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0)
  return (setsOf.get(deployment.metadata.uid ?? '') ?? []).toSorted((a, b) => revision(b) - revision(a))[0]
}

/** Whether one pod that fails stops the rollout: pods come one after another, or there is only this one. */
export function isOrdered({ kind, spec }: Workload): boolean {
  return kind === 'Pod' || (kind === 'StatefulSet' && spec?.podManagementPolicy !== 'Parallel')
}
