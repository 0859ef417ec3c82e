import type { ManifestObject } from '../cluster/manifest.ts'
import type { Container, ContainerStatus, KubeEvent, Pod, Workload } from '../cluster/types.ts'

/** A workload or hook of the release, as it should be and as it is. */
export interface WatchedObject {
  readonly manifest: ManifestObject
  /** Null while it does not exist in the cluster. */
  readonly live: Workload | null
  /** The hook's events (`pre-upgrade`), empty for an ordinary object. */
  readonly hookEvents: readonly string[]
  /** It was made since the deploy began. */
  readonly isNew: boolean
  /** When the deploy last changed its specification, or began where the object is new, ms since 1970; null: it has not. */
  readonly changedAt: number | null
  /** A Job, or whatever a hook is, that is gone by now: `live` is how it was last. */
  readonly wasDeleted: boolean
}

/** Everything seen in the cluster since the deploy began: plain data, which the diagnosis judges without asking anything. */
export interface Sights {
  /** Ms since 1970, by the API server's clock. */
  readonly startedAt: number
  readonly now: number
  readonly objects: readonly WatchedObject[]
  /** Objects of the release that have no pods and can be at fault all the same: claims, routes, custom resources. */
  readonly others: readonly WatchedObject[]
  readonly replicaSets: readonly Workload[]
  /** Living pods, and those of this run that are gone. */
  readonly pods: readonly Pod[]
  readonly events: readonly KubeEvent[]
  /** When objects went that are kept for what they tell: uid → ms since 1970. */
  readonly gone: ReadonlyMap<string, number>
  /** Uids of the pods that were there before the deploy: never blamed on it. */
  readonly podsBefore: ReadonlySet<string>
  /** When each signal was first seen without a break: signal key → ms since 1970. */
  readonly signalSince: ReadonlyMap<string, number>
  /** When each container first started: `podUid/container` → ms since 1970. */
  readonly firstStart: ReadonlyMap<string, number>
  /** When a Secret or ConfigMap that was missing appeared: by `missingKey` → ms since 1970. */
  readonly appeared: ReadonlyMap<string, number>
  /** Log lines of containers that failed: `podUid/container` → lines, the newest crash last. */
  readonly logs: ReadonlyMap<string, readonly string[]>
}

/** What was seen, with what is looked up often. */
export interface Observed extends Sights {
  /** By the uid of an owner. */
  readonly podsOf: ReadonlyMap<string, readonly Pod[]>
  readonly setsOf: ReadonlyMap<string, readonly Workload[]>
  /** By the uid of what they are about, the newest last. */
  readonly eventsOf: ReadonlyMap<string, readonly KubeEvent[]>
  /** Events about volume claims, by `namespace/name`. */
  readonly claimEvents: ReadonlyMap<string, readonly KubeEvent[]>
}

/** Prepares what was seen for looking things up: a thousand pods are judged at every change. */
export function indexed(sights: Sights): Observed {
  const events = sights.events.toSorted((one, other) => eventTime(one) - eventTime(other))
  const owned = <T extends Pod | Workload>(items: readonly T[]): Map<string, T[]> =>
    grouped(items, ({ metadata }) => (metadata.ownerReferences ?? []).map(({ uid }) => uid))
  return {
    ...sights,
    podsOf: owned(sights.pods),
    setsOf: owned(sights.replicaSets),
    eventsOf: grouped(events, ({ involvedObject }) => [involvedObject?.uid ?? '']),
    claimEvents: grouped(events, ({ involvedObject: about }) =>
      about?.kind === 'PersistentVolumeClaim' ? [`${about.namespace}/${about.name}`] : [],
    ),
  }
}

function grouped<T>(items: readonly T[], keysOf: (item: T) => readonly string[]): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items)
    for (const key of keysOf(item)) {
      const group = groups.get(key)
      if (group) group.push(item)
      else groups.set(key, [item])
    }
  return groups
}

/** The key under which a container's start and logs are kept. */
export function containerKey(pod: Pod, container: string): string {
  return `${pod.metadata.uid ?? pod.metadata.name}/${container}`
}

/** A container of a pod with what it asks for and how it is. */
export interface PodContainer {
  readonly name: string
  readonly isInit: boolean
  readonly spec: Container | undefined
  readonly status: ContainerStatus
}

/** All containers of a pod that have a status, init containers first. */
export function podContainers(pod: Pod): PodContainer[] {
  const init = (pod.status?.initContainerStatuses ?? []).map((status) => ({
    name: status.name,
    isInit: true,
    spec: pod.spec?.initContainers?.find(({ name }) => name === status.name),
    status,
  }))
  const main = (pod.status?.containerStatuses ?? []).map((status) => ({
    name: status.name,
    isInit: false,
    spec: pod.spec?.containers?.find(({ name }) => name === status.name),
    status,
  }))
  return [...init, ...main]
}

/** Whether any container of a pod runs or has ever run. */
export function hasStarted(pod: Pod): boolean {
  return podContainers(pod).some(
    ({ status }) => status.state?.running || status.state?.terminated || status.lastState?.terminated,
  )
}

/** Whether a node has ended a pod, as when it is drained or short of memory: no fault of the release. */
export function isEndedByNode({ status }: Pod): boolean {
  const reasons = /^(Evicted|Preempting|Shutdown|NodeShutdown|NodeLost|Terminated)$/
  return status?.phase === 'Failed' && reasons.test(status.reason ?? '')
}

/** Whether a pod serves. */
export function isReady({ metadata, status }: Pod): boolean {
  const isTrue = (status?.conditions ?? []).some((one) => one.type === 'Ready' && one.status === 'True')
  return isTrue && !metadata.deletionTimestamp
}

/** How often a container has ended so far, its present end included. */
export function crashCount(status: ContainerStatus): number {
  const restarts = status.restartCount ?? 0
  const isDown =
    status.state?.terminated !== undefined ||
    (status.state?.waiting !== undefined && status.lastState?.terminated !== undefined)
  return restarts + (isDown ? 1 : 0)
}

/** When an event last happened, ms since 1970. */
export function eventTime(event: KubeEvent): number {
  const text =
    event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp
  return Date.parse(text ?? '') || 0
}

/** The first and the last time that an event tells of, ms since 1970. */
export function triesOf(event: KubeEvent): { readonly firstMs: number; readonly lastMs: number } {
  const lastMs = eventTime(event)
  return { firstMs: Date.parse(event.firstTimestamp ?? event.eventTime ?? '') || lastMs, lastMs }
}

/** The key under which the coming of a missing Secret or ConfigMap is kept: `Secret/namespace/name`. */
export function missingKey(
  { metadata }: Pod,
  { kind, name }: { readonly kind: string; readonly name: string },
): string {
  return `${kind}/${metadata.namespace}/${name}`
}
