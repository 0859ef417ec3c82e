import type { Condition, Pod } from '../../cluster/types.ts'
import { isEndedByNode, isReady, type Observed, type WatchedObject } from '../observed.ts'
import { ownedPods } from '../ownership.ts'
import { isUnseen } from '../rollout.ts'
import { atOnce, atTimeout, whenStable, type ObjectRow, type ObjectSight } from '../row.ts'

/** What controllers say of their own rollout, and what stands in its way. */
export const rolloutRows: readonly ObjectRow[] = [
  {
    id: 'B08',
    class: 'rollout-stalled',
    kinds: ['Deployment'],
    sign: 'condition Progressing=False: ProgressDeadlineExceeded',
    severity: atOnce,
    advice: 'See why the new pods are not ready; raise `progressDeadlineSeconds` when they only need longer',
    source: 'Kubernetes Deployment controller',
    see: (object) =>
      object.live && !isUnseen(object.live) && progressing(object)?.reason === 'ProgressDeadlineExceeded'
        ? { cause: 'the rollout made no progress within its progressDeadlineSeconds' }
        : null,
  },
  {
    id: 'B09',
    class: 'replica-creation',
    kinds: ['Deployment'],
    sign: 'condition Progressing=False: ReplicaSetCreateError',
    severity: whenStable,
    advice: 'Correct what the message names in the chart or the values',
    source: 'Kubernetes Deployment controller',
    see: (object) => {
      // The controller does not say that it has seen the generation of which it can make no ReplicaSet.
      const condition = progressing(object)
      if (condition?.reason !== 'ReplicaSetCreateError') return null
      const { message = '', lastTransitionTime = '' } = condition
      return { cause: `its ReplicaSet cannot be created: ${message}`, message, since: Date.parse(lastTransitionTime) }
    },
  },
  {
    id: 'B13',
    class: 'rollout-stalled',
    kinds: ['StatefulSet'],
    sign: 'a pod of an older revision is not ready, and the ordered rollout waits for it',
    severity: atTimeout,
    advice: 'Delete that pod: its StatefulSet waits for it without end (kubernetes#67250)',
    source: 'kubernetes#67250',
    see: (object, observed) => {
      const { live } = object
      if (!live || live.spec?.podManagementPolicy === 'Parallel') return null
      const stuck = ownedPods(observed, object).old.find((pod) => !pod.metadata.deletionTimestamp && !isReady(pod))
      return stuck
        ? { cause: `the rollout waits for pod ${stuck.metadata.name} of an older revision, which is not ready` }
        : null
    },
  },
  {
    id: 'G09',
    class: 'rollout-stalled',
    kinds: ['Deployment', 'StatefulSet', 'DaemonSet'],
    sign: 'an old pod is being deleted, and its grace period has passed',
    severity: atTimeout,
    advice: 'See who should remove the finalizer, or whether the node of the pod still answers',
    source: 'Kubernetes metadata.deletionTimestamp',
    see: terminating,
  },
  {
    id: 'G10',
    class: 'pod-failed',
    kinds: ['Pod'],
    sign: 'a pod of the release itself has failed; nobody replaces it',
    severity: atOnce,
    advice: 'Read its log; give it to a Job or a Deployment if it should be tried again',
    source: 'Kubernetes pod phase Failed',
    see: ({ live, isNew }) => {
      const pod = live as Pod | null
      if (pod?.status?.phase !== 'Failed' || !isNew || isEndedByNode(pod)) return null
      const { reason } = pod.status
      return { cause: `the pod failed${reason ? ` (${reason})` : ''}` }
    },
  },
  {
    id: 'C11',
    class: 'unschedulable',
    kinds: ['Deployment', 'StatefulSet', 'DaemonSet'],
    sign: 'three pods or more were rejected by their node: OutOfcpu, OutOfmemory, OutOfpods, NodeAffinity',
    severity: atTimeout,
    advice: 'Look for pods that are bound to nodes without the scheduler, and for a scheduler that sees an old state',
    source: 'Kubernetes pkg/kubelet/lifecycle',
    see: (object, observed) => rejected(object, observed, /^(OutOf|NodeAffinity|UnexpectedAdmissionError)/, 'rejected'),
  },
  {
    id: 'G08',
    class: 'pod-failed',
    kinds: ['Deployment', 'StatefulSet', 'DaemonSet'],
    sign: 'three pods or more were evicted',
    severity: atTimeout,
    advice: 'Look at the memory and disk of the nodes, and at the requests of the pods',
    source: 'Kubernetes pkg/kubelet/eviction; single evictions are forgiven (Shopify/krane)',
    see: (object, observed) => rejected(object, observed, /^Evicted$/, 'evicted'),
  },
]

/** What hinders a Deployment since this deploy changed it: one that was broken before may stop to progress while a hook still runs. */
function progressing({ live, changedAt }: WatchedObject): Condition | null {
  if (!live || changedAt === null) return null
  const condition = live.status?.conditions?.find(({ type, status }) => type === 'Progressing' && status === 'False')
  // Conditions tell whole seconds.
  return Date.parse(condition?.lastTransitionTime ?? '') >= changedAt - 1000 ? (condition ?? null) : null
}

function terminating(object: WatchedObject, observed: Observed): ObjectSight | null {
  const stuck = ownedPods(observed, object).old.find(
    ({ metadata }) =>
      !observed.gone.has(metadata.uid ?? '') && Date.parse(metadata.deletionTimestamp ?? '') + 30_000 < observed.now,
  )
  if (!stuck) return null
  const { name, finalizers = [] } = stuck.metadata
  const why = finalizers.length > 0 ? `; it waits for its finalizers ${finalizers.join(', ')}` : ''
  return { cause: `the old pod ${name} does not end${why}`, uid: stuck.metadata.uid }
}

function rejected(object: WatchedObject, observed: Observed, reasons: RegExp, word: string): ObjectSight | null {
  const pods = ownedPods(observed, object).fresh.filter(
    ({ status }) => status?.phase === 'Failed' && reasons.test(status.reason ?? ''),
  )
  const last = pods.at(-1)
  if (pods.length < 3 || !last) return null
  const message = last.status?.message ?? ''
  return {
    cause: `${pods.length} pods were ${word}: ${last.status?.reason}: ${message}`,
    message,
    uid: last.metadata.uid,
  }
}
