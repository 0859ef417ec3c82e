import type { ManifestObject } from '../cluster/manifest.ts'
import type { Container, KubeEvent, KubeObject, Metadata, Pod, PodSpec, Workload } from '../cluster/types.ts'

/** One thing that the cluster showed, or that the deploy did, with the time of the API server in ms since 1970. */
export type Change = { readonly at: number } & (
  | { readonly kind: 'put'; readonly object: Workload }
  | { readonly kind: 'gone'; readonly uid: string }
  | { readonly kind: 'event'; readonly event: KubeEvent }
  | { readonly kind: 'logs'; readonly container: string; readonly lines: readonly string[] }
  /** A Secret or ConfigMap that was missing is there, by `missingKey`. */
  | { readonly kind: 'appeared'; readonly what: string }
  /** From now on, what appears is of this deploy. */
  | { readonly kind: 'begin' }
  /** The objects that the release consists of; they replace those of an earlier change. */
  | { readonly kind: 'release'; readonly objects: readonly ReleaseObject[] }
)

/** An object of the release, as its manifest has it; `hookEvents` is empty for an ordinary one. */
export interface ReleaseObject {
  readonly manifest: ManifestObject
  readonly hookEvents: readonly string[]
}

/** An object with only what the diagnosis reads: no values of the environment, no fields of managers. */
export function trimmed(object: Workload & { readonly kind?: string }): Workload {
  const { apiVersion, kind, metadata, spec, status } = object
  const base = { ...(apiVersion ? { apiVersion } : {}), ...(kind ? { kind } : {}), metadata: trimMetadata(metadata) }
  if (kind === 'Pod') return { ...base, spec: trimPodSpec(spec as PodSpec), status } as Workload
  const template = spec?.template?.spec
  const rest = {
    replicas: spec?.replicas,
    paused: spec?.paused,
    suspend: spec?.suspend,
    completions: spec?.completions,
    backoffLimit: spec?.backoffLimit,
    ttlSecondsAfterFinished: spec?.ttlSecondsAfterFinished,
    selector: spec?.selector,
    strategy: spec?.strategy,
    updateStrategy: spec?.updateStrategy,
    podManagementPolicy: spec?.podManagementPolicy,
    ...(template ? { template: { metadata: { labels: spec?.template?.metadata?.labels } } } : {}),
  }
  return { ...base, spec: rest, status } as Workload
}

/** A manifest with only what the diagnosis reads of it. */
export function trimmedManifest(manifest: ManifestObject): ManifestObject {
  const { object, name, namespace, source } = manifest
  const { apiVersion, kind, metadata, spec } = object as KubeObject & { readonly spec?: KeptSpec }
  const ports = spec?.ports?.map(({ name: portName, port, targetPort }) =>
    present<KeptPort>({ name: portName, port, targetPort }),
  )
  const kept: Readonly<Record<string, object>> = {
    Service: { type: spec?.type, selector: spec?.selector, ...(ports ? { ports } : {}) },
    Ingress: { defaultBackend: spec?.defaultBackend, rules: spec?.rules },
    PodDisruptionBudget: { selector: spec?.selector },
    CronJob: { suspend: spec?.suspend },
  }
  const own = kept[kind ?? '']
  return {
    apiVersion: manifest.apiVersion,
    kind: manifest.kind,
    name,
    namespace,
    source,
    object: {
      ...(apiVersion ? { apiVersion } : {}),
      ...(kind ? { kind } : {}),
      metadata: trimMetadata(metadata),
      ...(own ? { spec: own } : {}),
    },
  }
}

interface KeptSpec {
  readonly suspend?: boolean
  readonly type?: string
  readonly selector?: object
  readonly ports?: readonly KeptPort[]
  readonly defaultBackend?: object
  readonly rules?: readonly object[]
}

/** What is kept of a port of a Service. */
export interface KeptPort {
  readonly name?: string
  readonly port?: number
  readonly targetPort?: number | string
}

/** An event with only what is told of it. */
export function trimmedEvent(event: KubeEvent): KubeEvent {
  const { metadata, involvedObject, reason, message, type, count, firstTimestamp, lastTimestamp, eventTime, series } =
    event
  const { name, uid, creationTimestamp } = metadata
  return present<KubeEvent>({
    metadata: present<Metadata>({ name, uid, creationTimestamp }),
    involvedObject,
    reason,
    message,
    type,
    count,
    firstTimestamp,
    lastTimestamp,
    eventTime,
    series,
  })
}

const keptAnnotations =
  /^(atomic-helm\.dev\/|deployment\.kubernetes\.io\/revision$|deprecated\.daemonset\.template\.generation$)/

function trimMetadata(metadata: Metadata): Metadata {
  const {
    name,
    namespace,
    uid,
    generation,
    creationTimestamp,
    deletionTimestamp,
    finalizers,
    labels,
    ownerReferences,
  } = metadata
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => keptAnnotations.test(key))
  const owners = ownerReferences?.map(({ kind: ownerKind, name: ownerName, uid: ownerUid, controller }) => ({
    kind: ownerKind,
    name: ownerName,
    uid: ownerUid,
    ...(controller === undefined ? {} : { controller }),
  }))
  return present<Metadata>({
    name,
    namespace,
    uid,
    generation,
    creationTimestamp,
    deletionTimestamp,
    finalizers,
    labels,
    ownerReferences: owners,
    ...(annotations.length > 0 ? { annotations: Object.fromEntries(annotations) } : {}),
  })
}

function trimPodSpec(spec: PodSpec | undefined): PodSpec {
  const container = (one: Container): Container => {
    const { name, image, command, args, restartPolicy, readinessProbe, livenessProbe, startupProbe, resources } = one
    const ports = one.ports?.flatMap((port) => (port.name ? [{ name: port.name }] : []))
    const kept = { name, image, command, args, restartPolicy, readinessProbe, livenessProbe, startupProbe, resources }
    return present<Container>({ ...kept, ports: ports?.length ? ports : undefined })
  }
  const claims = (spec?.volumes ?? []).flatMap(({ name, persistentVolumeClaim }) =>
    persistentVolumeClaim ? [{ name, persistentVolumeClaim }] : [],
  )
  return present<PodSpec>({
    nodeName: spec?.nodeName,
    restartPolicy: spec?.restartPolicy,
    containers: spec?.containers?.map(container),
    initContainers: spec?.initContainers?.map(container),
    nodeSelector: spec?.nodeSelector,
    tolerations: spec?.tolerations,
    imagePullSecrets: spec?.imagePullSecrets,
    ...(claims.length > 0 ? { volumes: claims } : {}),
  })
}

/** Without the fields that are not there: they would only be written as nothing. */
function present<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)) as T
}

/** Whether an object is a pod. */
export function isPod(object: Workload): object is Pod & Workload {
  return object.kind === 'Pod'
}
