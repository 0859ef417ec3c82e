import { ApiError, type ClusterClient } from './client.ts'
import type { Discovery, LocatedObject } from './discovery.ts'
import { parseManifest, type ManifestObject } from './manifest.ts'
import type { KubeList, KubeObject } from './types.ts'
import { withQuery } from './watch.ts'

const parallelReads = 12

/** Runs `work` over the items, at most `limit` at a time; the results keep the items' order. */
export async function mapLimited<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  limit = parallelReads,
): Promise<R[]> {
  const results: R[] = []
  let next = 0
  async function worker(): Promise<void> {
    while (next < items.length) {
      const index = next++
      results[index] = await work(items[index] as T)
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  return results
}

/** Finds where the objects of a manifest live in the API; objects of kinds that the cluster does not serve are left out. */
export async function locateManifest(
  discovery: Discovery,
  manifest: string,
  releaseNamespace: string,
): Promise<LocatedObject[]> {
  return locateObjects(discovery, parseManifest(manifest), releaseNamespace)
}

/** Finds where objects live in the API; objects of kinds that the cluster does not serve are left out. */
export async function locateObjects(
  discovery: Discovery,
  objects: readonly ManifestObject[],
  releaseNamespace: string,
): Promise<LocatedObject[]> {
  const located = await mapLimited(objects, (object) => discovery.locate(object, releaseNamespace))
  return located.filter((object) => object !== null)
}

/** Reads one object; null when it does not exist. */
export async function readObject(client: ClusterClient, path: string): Promise<KubeObject | null> {
  return client.get<KubeObject>(path).catch(nullWhenGone)
}

/** Deletes an object if it still is the one with that uid; resolves when the server has taken the order, or it is gone. */
export async function deleteObject(
  client: ClusterClient,
  path: string,
  uid: string,
  propagationPolicy: 'Background' | 'Orphan' = 'Background',
): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy, preconditions: { uid } }
  await client.send('DELETE', path, { body }).catch((error: unknown) => {
    // 409: it bears another uid by now, so the one that we meant is gone.
    if (error instanceof ApiError && (error.status === 404 || error.status === 409)) return
    throw error
  })
}

/** Counts what a namespace holds beside what Kubernetes itself puts there; stops at the first find. Null when it cannot be known. */
export async function isNamespaceEmpty(client: ClusterClient, namespace: string): Promise<boolean | null> {
  try {
    const paths = await listablePaths(client, namespace)
    const lists = await mapLimited(paths, (path) =>
      client.get<KubeList>(withQuery(path, { limit: '5' }), { accept: metadataList }).catch(emptyWhenUnserved),
    )
    return lists.every(({ items }) => (items ?? []).every(isOwnFurniture))
  } catch {
    return null
  }
}

/** An object of a namespace, and the plural that `kubectl` takes for its kind. */
export interface Content {
  readonly resource: string
  readonly object: KubeObject
}

/** Everything in a namespace but events, metadata only. Throws when something may not be listed. */
export async function listContent(client: ClusterClient, namespace: string): Promise<Content[]> {
  const lists = await mapLimited(await listablePaths(client, namespace), async (path) => {
    const { items } = await client.get<KubeList>(path, { accept: metadataList }).catch(emptyWhenUnserved)
    return (items ?? []).map((object) => ({ resource: path.slice(path.lastIndexOf('/') + 1), object }))
  })
  return lists.flat()
}

/** Asks for a list with nothing but the metadata of each object; what does not know that form gives whole objects. */
export const metadataList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'

interface ApiResources {
  readonly resources: readonly {
    readonly name: string
    readonly namespaced: boolean
    readonly verbs: readonly string[]
  }[]
}

async function listablePaths(client: ClusterClient, namespace: string): Promise<string[]> {
  const groups = await client.get<{ groups: { preferredVersion: { groupVersion: string } }[] }>('/apis')
  const roots = ['/api/v1', ...groups.groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)]
  const lists = await mapLimited(roots, async (root) => ({
    root,
    ...(await client.get<ApiResources>(root).catch(() => ({ resources: [] }))),
  }))
  return lists.flatMap(({ root, resources }) =>
    resources
      .filter(({ name, namespaced, verbs }) => namespaced && verbs.includes('list') && name !== 'events')
      .map(({ name }) => `${root}/namespaces/${encodeURIComponent(namespace)}/${name}`),
  )
}

function emptyWhenUnserved(error: unknown): KubeList {
  if (error instanceof ApiError && (error.status === 404 || error.status === 405)) return { metadata: {}, items: [] }
  throw error
}

/** What the control plane makes in every namespace, and what is on its way out. */
function isOwnFurniture({ metadata }: KubeObject): boolean {
  return metadata.name === 'default' || metadata.name === 'kube-root-ca.crt' || metadata.deletionTimestamp !== undefined
}

function nullWhenGone(error: unknown): null {
  if (error instanceof ApiError && error.status === 404) return null
  throw error
}
