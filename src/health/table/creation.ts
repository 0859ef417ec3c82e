import type { Condition, KubeEvent, Workload } from '../../cluster/types.ts'
import type { FindingClass } from '../finding.ts'
import { eventTime, triesOf, type Observed, type WatchedObject } from '../observed.ts'
import { newestReplicaSet, ownedPods } from '../ownership.ts'
import { isUnseen } from '../rollout.ts'
import { atTimeout, seconds, type ObjectRow, type ObjectSight } from '../row.ts'

const controllers = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job']
const source = 'Kubernetes pkg/controller: condition ReplicaFailure of a ReplicaSet, event FailedCreate'

/** Pods that the API server does not let a controller create, told apart by its words; the first row that matches wins. */
export const creationRows: readonly ObjectRow[] = [
  refusal('B01', 'quota-exceeded', /exceeded quota/, 15, 'the namespace has no quota left', {
    advice: 'Raise the ResourceQuota, or ask for less',
  }),
  refusal(
    'B02',
    'quota-exceeded',
    /(maximum|minimum) \S+ usage per (Container|Pod)|must specify (limits|requests)|failed quota:/,
    15,
    'the LimitRange or the quota does not allow what the pod asks for',
    { advice: 'Set `resources` as the LimitRange or the quota wants them' },
  ),
  refusal('B03', 'admission-denied', /violates PodSecurity/, 3, 'Pod Security refuses the pod', {
    advice: 'Set the security context that the message names',
  }),
  refusal(
    'B04',
    'admission-denied',
    /admission webhook "[^"]*" denied|denied the request|denied request/,
    3,
    'a webhook or policy refuses the pod',
    {
      advice: 'Change what the policy objects to',
    },
  ),
  refusal('B04', 'api-refused', /failed calling webhook/, 20, 'a webhook that has to agree does not answer', {
    advice: 'Check the webhook: nothing can be created while it is down',
  }),
  refusal('B05', 'replica-creation', /service ?account/i, 15, 'the ServiceAccount does not exist', {
    advice: 'Create the ServiceAccount, or correct its name in the values',
  }),
  refusal(
    'B06',
    'replica-creation',
    /PriorityClass|RuntimeClass/,
    3,
    'the PriorityClass or RuntimeClass does not exist',
    {
      advice: 'Correct the name of the class, or create it',
    },
  ),
  refusal('B07', 'replica-creation', /.?/, 15, 'the API server refuses the pods for any other reason', {
    advice: 'Correct what the message names in the chart or the values',
  }),
]

function refusal(
  id: string,
  name: FindingClass,
  pattern: RegExp,
  graceSeconds: number,
  sign: string,
  { advice }: { readonly advice: string },
): ObjectRow {
  return {
    id,
    class: name,
    kinds: controllers,
    sign: `pods cannot be created: ${sign}`,
    severity: seconds(graceSeconds),
    advice,
    source,
    see: (object, observed) => {
      const refused = refusedCreation(object, observed)
      if (refused?.message === undefined || !pattern.test(refused.message)) return null
      return id === 'B01' ? whileEnding(refused, object, observed) : refused
    },
  }
}

/** Why pods cannot be created; null when the last one could. What kept them from it before this deploy's change is not told. */
function refusedCreation({ live, changedAt }: WatchedObject, observed: Observed): ObjectSight | null {
  if (!live || changedAt === null || isUnseen(live)) return null
  const creator = live.kind === 'Deployment' ? newestReplicaSet(observed, live) : live
  const condition = creator?.status?.conditions?.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  )
  if (condition && isNews(condition, observed)) {
    const message = condition.message ?? ''
    return {
      cause: causeOf(message),
      message,
      uid: creator?.metadata.uid,
      since: Math.max(Date.parse(condition.lastTransitionTime ?? ''), changedAt),
    }
  }
  return fromEvents(live, observed, changedAt)
}

/** StatefulSets, DaemonSets and Jobs have no condition that tells it. */
function fromEvents(live: Workload, observed: Observed, changedAt: number): ObjectSight | null {
  if (live.kind === 'Deployment') return null
  const told = (observed.eventsOf.get(live.metadata.uid ?? '') ?? []).filter(isAboutCreation)
  const isFailure = ({ reason }: KubeEvent): boolean => reason === 'FailedCreate'
  const since = told.findLastIndex((event) => !isFailure(event)) + 1
  // Events tell whole seconds.
  const failures = told.slice(since).filter((event) => eventTime(event) >= changedAt - 1000)
  const last = failures.at(-1)
  if (!last) return null
  const message = last.message ?? ''
  const firstMs = Math.max(changedAt, Math.min(...failures.map((event) => triesOf(event).firstMs)))
  return { cause: causeOf(message), message, tries: { firstMs, lastMs: eventTime(last) } }
}

/** Old pods that still end give back what they hold, and the controller looks again after its back-off. */
function whileEnding(sight: ObjectSight, object: WatchedObject, observed: Observed): ObjectSight {
  const { current, old } = ownedPods(observed, object)
  const ending = [...old, ...current].filter(({ metadata }) => metadata.deletionTimestamp)
  const wentAt = ending.map(({ metadata }) => observed.gone.get(metadata.uid ?? ''))
  if (wentAt.includes(undefined)) return { ...sight, severity: atTimeout }
  if (wentAt.length === 0) return sight
  const last = Math.max(...wentAt.map((at) => at ?? 0))
  const { since, tries } = sight
  return {
    ...sight,
    severity: seconds(45),
    ...(typeof since === 'number' ? { since: Math.max(since, last) } : {}),
    ...(tries ? { tries: { ...tries, firstMs: Math.max(tries.firstMs, last) } } : {}),
  }
}

function isAboutCreation({ reason }: KubeEvent): boolean {
  return reason === 'FailedCreate' || reason === 'SuccessfulCreate'
}

/** The name of a pod that does not exist tells nothing. */
function causeOf(message: string): string {
  return `its pods cannot be created: ${message.replace(/^.*?\bpods "[^"]*" is forbidden: /, '')}`
}

/** Whether a condition took its present value since the deploy began. */
export function isNews(condition: Condition | undefined, { startedAt }: Observed): boolean {
  return Date.parse(condition?.lastTransitionTime ?? '') >= startedAt - 1000
}
