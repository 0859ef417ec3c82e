import type { Condition, KubeObject } from '../../cluster/types.ts'
import type { FindingClass, Severity } from '../finding.ts'
import type { WatchedObject } from '../observed.ts'
import { isNews } from './creation.ts'
import { atOnce, atTimeout, seconds, whenStable, type ObjectRow, type Sight } from '../row.ts'

/** An object that has conditions, as custom resources and most others have them. */
interface Conditioned extends KubeObject {
  readonly status?: {
    readonly phase?: string
    readonly observedGeneration?: unknown
    readonly conditions?: readonly Condition[]
    readonly loadBalancer?: { readonly ingress?: readonly unknown[] }
    readonly parents?: readonly { readonly conditions?: readonly Condition[] }[]
  }
}

/** Objects without pods: claims, definitions, autoscalers, routes, and custom resources by their conditions (kstatus). */
export const resourceRows: readonly ObjectRow[] = [
  {
    id: 'D07',
    class: 'volume',
    kinds: ['PersistentVolumeClaim'],
    sign: 'phase Lost: the volume of the claim is gone',
    severity: atOnce,
    advice: 'Restore the volume, or delete the claim and let it be made anew',
    source: 'Shopify/krane persistent_volume_claim.rb',
    see: ({ live, isNew }) =>
      statusOf(live).phase === 'Lost'
        ? { cause: 'the volume of the claim is lost', ...(isNew ? {} : { severity: atTimeout }) }
        : null,
  },
  conditionRow(
    'D11',
    'volume',
    ['PersistentVolumeClaim'],
    /^(ModifyVolumeError|ControllerResizeError|NodeResizeError)$/,
    {
      sign: 'the volume cannot be resized or changed',
      is: 'True',
      severity: atTimeout,
      advice: 'Look at the provisioner of the StorageClass',
      source: 'Kubernetes PersistentVolumeClaim conditions',
    },
  ),
  conditionRow('I05', 'resource-failed', ['HorizontalPodAutoscaler'], /^(AbleToScale|ScalingActive)$/, {
    sign: 'FailedGetScale, FailedUpdateScale or InvalidSelector',
    is: 'False',
    reasons: /^(FailedGetScale|FailedUpdateScale|InvalidSelector)$/,
    severity: atTimeout,
    advice: 'Check what `scaleTargetRef` names; metrics that are not there yet are no fault',
    source: 'Shopify/krane horizontal_pod_autoscaler.rb; argoproj/gitops-engine',
  }),
  conditionRow('I07', 'resource-failed', ['CustomResourceDefinition'], /^NamesAccepted$/, {
    sign: 'NamesAccepted=False: another definition has the name',
    is: 'False',
    severity: whenStable,
    advice: 'Rename the kind, or remove the other definition',
    source: 'Shopify/krane custom_resource_definition.rb; kstatus',
  }),
  conditionRow('I08', 'resource-failed', ['APIService'], /^Available$/, {
    sign: 'Available=False: the aggregated API does not answer',
    is: 'False',
    severity: atTimeout,
    advice: 'Look at the service behind the APIService: discovery is broken for everybody while it is down',
    source: 'argoproj/gitops-engine health_apiservice.go',
  }),
  conditionRow(
    'I04',
    'resource-failed',
    ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute'],
    /^(Accepted|ResolvedRefs)$/,
    {
      sign: 'Accepted=False or ResolvedRefs=False',
      is: 'False',
      severity: seconds(30),
      advice: 'Check the gateway and the services that the route names',
      source: 'Gateway API route status',
    },
  ),
  {
    id: 'I02',
    class: 'resource-failed',
    kinds: ['Service'],
    sign: 'type LoadBalancer, and no address',
    severity: atTimeout,
    advice: 'Look at the events of the Service: the cloud says there why it gives no address',
    source: 'Helm 3 pkg/kube/ready.go waits for it, Helm 4 does not',
    see: ({ manifest, live }, { eventsOf }) => {
      const { spec } = manifest.object as { readonly spec?: { readonly type?: string } }
      if (spec?.type !== 'LoadBalancer' || !live) return null
      if ((statusOf(live).loadBalancer?.ingress ?? []).length > 0) return null
      const refused = eventsOf
        .get(live.metadata.uid ?? '')
        ?.findLast(({ reason }) => reason === 'SyncLoadBalancerFailed')
      const said = refused?.message ? `: ${refused.message}` : ''
      return { cause: `the load balancer has no address${said}` }
    },
  },
  conditionRow('I09', 'resource-failed', [], /^Stalled$/, {
    sign: 'Stalled=True: its controller has given up',
    is: 'True',
    severity: whenStable,
    advice: 'Correct what the message names',
    source: 'kstatus',
  }),
  conditionRow('I12', 'resource-failed', [], /^(Degraded|Failed)$/, {
    sign: 'Degraded=True or Failed=True',
    is: 'True',
    severity: atTimeout,
    advice: 'Look at the controller of the resource',
    source: 'argoproj/gitops-engine resource_customizations',
  }),
  conditionRow('I10', 'resource-failed', [], /^(Ready|Available|Healthy|Synced)$/, {
    sign: 'Ready=False',
    is: 'False',
    severity: atTimeout,
    advice: 'Look at the controller of the resource',
    source: 'kstatus; Helm 4 waits for it, Helm 3 does not',
  }),
]

/** A row that is one condition of the present specification; what was so before the deploy changed the object is no verdict on it. */
function conditionRow(
  id: string,
  name: FindingClass,
  kinds: readonly string[],
  types: RegExp,
  row: {
    readonly sign: string
    readonly is: 'True' | 'False'
    readonly reasons?: RegExp
    readonly severity: Severity
    readonly advice: string
    readonly source: string
  },
): ObjectRow {
  return {
    id,
    class: name,
    kinds,
    sign: kinds.length > 0 ? row.sign : `custom resource: ${row.sign}`,
    severity: row.severity,
    advice: row.advice,
    source: row.source,
    see: (object, observed) => {
      const shown = conditionsOf(object.live).filter(
        (one) =>
          types.test(one.type) &&
          one.status === row.is &&
          (row.reasons?.test(one.reason ?? '') ?? true) &&
          (isNews(one, observed) || isToldOfChange(one, object)) &&
          isAboutPresent(one, object.live),
      )
      // A route has conditions of several gateways: what is new counts more than what one of them has said for long.
      const found = shown.find((one) => isSinceChange(one, object)) ?? shown[0]
      if (!found) return null
      const said = [found.reason, found.message].filter(Boolean).join(': ')
      return {
        cause: `${found.type} is ${found.status}${said ? `: ${said}` : ''}`,
        ...(found.message ? { message: found.message } : {}),
        ...dueSince(found, object),
      }
    },
  }
}

/** The grace of what came with the deploy's own change; anything else is old trouble, or of somebody else (ADR 15). */
function dueSince(condition: Condition, object: WatchedObject): Pick<Sight, 'since' | 'severity'> {
  if (!isSinceChange(condition, object)) return { severity: atTimeout }
  return { since: Math.max(transitionOf(condition), object.changedAt ?? 0) }
}

/** Whether a condition took its present value since the deploy changed the object. Conditions tell whole seconds. */
function isSinceChange(condition: Condition, { changedAt }: WatchedObject): boolean {
  return changedAt !== null && transitionOf(condition) >= changedAt - 1000
}

/** Whether a controller says that a condition, whatever its age, is its word on what the deploy has changed. */
function isToldOfChange({ observedGeneration }: Condition, { changedAt }: WatchedObject): boolean {
  return changedAt !== null && typeof observedGeneration === 'number'
}

function transitionOf({ lastTransitionTime }: Condition): number {
  return Date.parse(lastTransitionTime ?? '')
}

/** Whether a condition is about the present specification: its controller tells which one it has seen, on the condition or beside it. */
function isAboutPresent(condition: Condition, live: Conditioned | null): boolean {
  const present = live?.metadata.generation ?? 0
  // Argo Rollouts keep a string there.
  return [condition.observedGeneration, statusOf(live).observedGeneration].every(
    (seen: unknown) => typeof seen !== 'number' || seen >= present,
  )
}

/** Routes have conditions by gateway. Some controllers keep something else under the name, which is no list. */
function conditionsOf(live: Conditioned | null): Condition[] {
  const { conditions, parents } = statusOf(live)
  const lists = [conditions, ...(Array.isArray(parents) ? parents.map((one) => one.conditions) : [])]
  return lists.flatMap((list) => (Array.isArray(list) ? (list as Condition[]) : []))
}

function statusOf(live: Conditioned | null): NonNullable<Conditioned['status']> {
  return live?.status ?? {}
}
