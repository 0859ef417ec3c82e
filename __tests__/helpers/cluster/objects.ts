// What lives in a namespace, in a form that stays equal as long as nobody changes it.
import type { Api, KubeObject } from './api.ts'

type Resource = { name: string; kind: string; namespaced: boolean; verbs: string[] }

// Kinds that the cluster keeps by itself, or that tests look at in another way (pods by `podHashes`, releases by `releases`).
const ignored = new Set([
  'Event',
  'Endpoints',
  'EndpointSlice',
  'ControllerRevision',
  'ReplicaSet',
  'Pod',
  'PodMetrics',
  'Lease',
])
const volatile = ['uid', 'resourceVersion', 'generation', 'managedFields', 'creationTimestamp', 'selfLink']
const resourcesOf = new WeakMap<Api, Promise<{ path: string; kind: string; apiVersion: string }[]>>()

/** All objects of a namespace by `Kind/name`, as they are but for what the cluster changes by itself. */
export async function normalisedObjects(api: Api, namespace: string): Promise<Record<string, KubeObject>> {
  const objects = await allObjects(api, namespace)
  return Object.fromEntries(objects.map((object) => [nameOf(object), normalise(object)]))
}

/** The uid of every such object: equal before and after means that nothing was deleted and made again. */
export async function uids(api: Api, namespace: string): Promise<Record<string, string>> {
  const objects = await allObjects(api, namespace)
  return Object.fromEntries(objects.map((object) => [nameOf(object), object.metadata.uid ?? '']))
}

async function allObjects(api: Api, namespace: string): Promise<KubeObject[]> {
  const kinds = await (resourcesOf.get(api) ?? remember(api))
  const lists = await Promise.all(
    kinds.map(async ({ path, kind, apiVersion }) => {
      const items = await api.list(path.replace('{namespace}', namespace)).catch((): KubeObject[] => [])
      return items.map((item) => ({ ...item, apiVersion, kind }))
    }),
  )
  return lists
    .flat()
    .filter((object) => !isGenerated(object))
    .sort((a, b) => nameOf(a).localeCompare(nameOf(b)))
}

function remember(api: Api): Promise<{ path: string; kind: string; apiVersion: string }[]> {
  const found = discover(api)
  resourcesOf.set(api, found)
  return found
}

/** Every namespaced kind that can be listed, in its preferred version, so that forgotten objects of any kind are seen. */
async function discover(api: Api): Promise<{ path: string; kind: string; apiVersion: string }[]> {
  const groups = (await api.get('/apis'))?.['groups'] as { preferredVersion: { groupVersion: string } }[]
  const versions = ['v1', ...groups.map(({ preferredVersion }) => preferredVersion.groupVersion)]
  const found = await Promise.all(
    versions.map(async (apiVersion) => {
      const base = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`
      const resources = ((await api.get(base))?.['resources'] ?? []) as Resource[]
      return resources
        .filter(({ name, namespaced, verbs, kind }) => {
          return namespaced && verbs.includes('list') && !name.includes('/') && !ignored.has(kind)
        })
        .map(({ name, kind }) => ({ path: `${base}/namespaces/{namespace}/${name}`, kind, apiVersion }))
    }),
  )
  return found.flat()
}

function isGenerated(object: KubeObject): boolean {
  const { name, ownerReferences = [] } = object.metadata
  return (
    ownerReferences.some(({ controller }) => controller === true) ||
    object['type'] === 'helm.sh/release.v1' ||
    (object.kind === 'ConfigMap' && name === 'kube-root-ca.crt') ||
    (object.kind === 'ServiceAccount' && name === 'default')
  )
}

function normalise(object: KubeObject): KubeObject {
  const { status: _, ...rest } = object
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([field]) => !volatile.includes(field)))
  const annotations = { ...object.metadata.annotations }
  delete annotations['deployment.kubernetes.io/revision']
  delete annotations['deprecated.daemonset.template.generation']
  return { ...rest, metadata: { ...metadata, name: object.metadata.name, annotations } }
}

function nameOf(object: KubeObject): string {
  return `${object.kind}/${object.metadata.name}`
}
