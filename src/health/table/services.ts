import type { KubeObject, Pod } from '../../cluster/types.ts'
import type { KeptPort } from '../change.ts'
import type { Observed } from '../observed.ts'
import type { ObjectRow } from '../row.ts'
import { remark } from './remark.ts'

/** What leads nowhere, by the manifests of the release and the labels of its pods: Services, Ingresses, disruption budgets. */
export const serviceRemarks: readonly ObjectRow[] = [
  remark(
    'I01',
    ['Service'],
    'its selector matches no pod',
    'Compare `spec.selector` with the labels of the pods',
    ({ manifest }, observed) =>
      answersNowhere(manifest.object, manifest.namespace, observed)
        ? 'it selects no pod, so nobody answers there'
        : null,
  ),
  remark(
    'I01',
    ['Service'],
    'a port leads to the name of a container port that no pod has',
    'Compare `targetPort` with the names in `ports` of the containers',
    ({ manifest }, observed) => {
      const port = portToNowhere(manifest.object, manifest.namespace, observed)
      return port === null ? null : `it leads to the container port "${port}", which no container of its pods has`
    },
  ),
  remark(
    'I03',
    ['Ingress'],
    'a backend is a port that its Service, of the same release, does not have',
    'Compare the backends of the Ingress with the `ports` of the Service',
    ({ manifest }, observed) => {
      const lost = backendToNowhere(manifest.object, manifest.namespace, observed)
      return lost === null ? null : `it leads to the port ${lost}, which that Service does not have`
    },
  ),
  remark(
    'I06',
    ['PodDisruptionBudget'],
    'its selector matches no pod',
    'Compare `spec.selector` with the labels of the pods',
    ({ manifest }, observed) => {
      const { matchLabels, matchExpressions } = (manifest.object as Budget).spec?.selector ?? {}
      return !matchExpressions && selectsNothing(matchLabels, manifest.namespace, observed)
        ? 'it selects no pod, so it protects nothing'
        : null
    },
  ),
]

type Labels = Readonly<Record<string, string>>
interface Selecting extends KubeObject {
  readonly spec?: {
    readonly selector?: Labels
    readonly type?: string
    readonly ports?: readonly KeptPort[]
  }
}
interface Budget extends KubeObject {
  readonly spec?: { readonly selector?: { readonly matchLabels?: Labels; readonly matchExpressions?: unknown } }
}
interface Backend {
  readonly service?: { readonly name?: string; readonly port?: { readonly name?: string; readonly number?: number } }
}
interface Ingress extends KubeObject {
  readonly spec?: {
    readonly defaultBackend?: Backend
    readonly rules?: readonly { readonly http?: { readonly paths?: readonly { readonly backend?: Backend }[] } }[]
  }
}

function selectedPods(selector: Labels, namespace: string, { pods }: Observed): Pod[] {
  return pods.filter(
    ({ metadata }) =>
      metadata.namespace === namespace &&
      !metadata.deletionTimestamp &&
      Object.entries(selector).every(([key, value]) => metadata.labels?.[key] === value),
  )
}

function answersNowhere({ spec }: Selecting, namespace: string, observed: Observed): boolean {
  return spec?.type !== 'ExternalName' && selectsNothing(spec?.selector, namespace, observed)
}

/** Only where the release itself has pods there: then the pods of the namespace are known. */
function selectsNothing(selector: Labels = {}, namespace: string, observed: Observed): boolean {
  const workloads = observed.objects.filter(
    (one) => one.manifest.namespace === namespace && one.hookEvents.length === 0,
  )
  const wanted = workloads.some(({ live }) => live?.kind !== 'Job' && (live?.spec?.replicas ?? 1) > 0)
  return wanted && Object.keys(selector).length > 0 && selectedPods(selector, namespace, observed).length === 0
}

function portToNowhere(service: Selecting, namespace: string, observed: Observed): string | null {
  const { selector, ports = [] } = service.spec ?? {}
  const pods = selector && Object.keys(selector).length > 0 ? selectedPods(selector, namespace, observed) : []
  const names = new Set(
    pods
      .flatMap(({ spec }) => [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])])
      .flatMap((container) => (container.ports ?? []).map(({ name }) => name)),
  )
  const lost = ports.find(({ targetPort }) => typeof targetPort === 'string' && !names.has(targetPort))
  return pods.length > 0 && lost ? String(lost.targetPort) : null
}

/** A Service of somebody else may have any port. */
function backendToNowhere({ spec }: Ingress, namespace: string, { others }: Observed): string | null {
  const paths = (spec?.rules ?? []).flatMap(({ http }) => http?.paths ?? [])
  for (const { service } of [spec?.defaultBackend ?? {}, ...paths.map(({ backend = {} }) => backend)]) {
    const found = others.find(
      ({ manifest }) =>
        manifest.kind === 'Service' && manifest.name === service?.name && manifest.namespace === namespace,
    )
    const target: Selecting | undefined = found?.manifest.object
    const ports = target?.spec?.ports
    const { name, number } = service?.port ?? {}
    const isThere = ports?.some((one) => (name === undefined ? one.port === number : one.name === name)) ?? true
    if (!isThere) return `${name ?? number} of Service ${service?.name}`
  }
  return null
}
