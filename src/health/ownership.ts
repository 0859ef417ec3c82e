import type { Pod, Workload } from '../cluster/types.ts'
import type { Observed, WatchedObject } from './observed.ts'

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
 * ReplicaSet of a Deployment, the update revision of a StatefulSet, the template generation of a DaemonSet.
 */
export function ownedPods(observed: Observed, { live }: WatchedObject): OwnedPods {
  if (!live) return { fresh: [], current: [], old: [] }
  const all = podsOf(observed, live)
  const current = all.filter((pod) => isCurrent(observed, live, pod))
  return {
    current,
    fresh: current.filter(({ metadata }) => !observed.podsBefore.has(metadata.uid ?? '')),
    old: all.filter((pod) => !current.includes(pod)),
  }
}

function podsOf(observed: Observed, owner: Workload): Pod[] {
  if (owner.kind === 'Pod') return observed.pods.filter(({ metadata }) => metadata.uid === owner.metadata.uid)
  const uids = new Set([owner.metadata.uid])
  for (const set of observed.replicaSets) if (isOwnedBy(set, uids)) uids.add(set.metadata.uid)
  return observed.pods.filter((pod) => isOwnedBy(pod, uids))
}

function isOwnedBy(object: Pod | Workload, uids: ReadonlySet<string | undefined>): boolean {
  return (object.metadata.ownerReferences ?? []).some(({ uid }) => uids.has(uid))
}

function isCurrent(observed: Observed, owner: Workload, pod: Pod): boolean {
  const labels = pod.metadata.labels ?? {}
  switch (owner.kind) {
    case 'Deployment':
      return isOwnedBy(pod, new Set([newestReplicaSet(observed.replicaSets, owner)?.metadata.uid]))
    case 'StatefulSet':
      return labels['controller-revision-hash'] === owner.status?.updateRevision
    case 'DaemonSet': {
      const generation = owner.metadata.annotations?.['deprecated.daemonset.template.generation']
      const own = labels['pod-template-generation']
      return generation === undefined || own === undefined || own === generation
    }
    default:
      return true
  }
}

/** The ReplicaSet of a Deployment's present template; undefined until the controller has made it. */
export function newestReplicaSet(replicaSets: readonly Workload[], deployment: Workload): Workload | undefined {
  const uid = deployment.metadata.uid
  const revision = (set: Workload): number =>
    Number(set.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0)
  return replicaSets.filter((set) => isOwnedBy(set, new Set([uid]))).sort((a, b) => revision(b) - revision(a))[0]
}

/** Whether pods are replaced one after another, so that one that fails stops the rollout. */
export function isOrdered(workload: Workload): boolean {
  if (workload.kind === 'StatefulSet') return workload.spec?.podManagementPolicy !== 'Parallel'
  return workload.kind === 'DaemonSet' || workload.kind === 'Pod'
}
