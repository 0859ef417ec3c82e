import { ApiError, type ClusterClient } from './client.ts'
import type { ManifestObject } from './manifest.ts'

/** How the API server serves a kind. */
export interface ServedKind {
  readonly plural: string
  readonly namespaced: boolean
}

/** Answers where objects live in the API; asks the server once per group and version. */
export interface Discovery {
  /** The served kind, or null when the server does not know it. */
  kind(apiVersion: string, kind: string): Promise<ServedKind | null>
  /** The groups and versions that the server serves, as `apps/v1`; empty when it will not say. */
  versions(): Promise<readonly string[]>
  /** The object with its namespace settled (the release's for namespaced kinds, none else), or null for an unknown kind. */
  locate(object: ManifestObject, releaseNamespace: string): Promise<LocatedObject | null>
}

/** A manifest object whose place in the API is known. */
export interface LocatedObject extends ManifestObject {
  readonly path: string
}

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[]
}

interface GroupList {
  readonly groups: readonly { readonly versions: readonly { readonly groupVersion: string }[] }[]
}

/** Creates a discovery with its own cache; nothing is asked before it is needed. */
export function createDiscovery(client: ClusterClient): Discovery {
  const lists = new Map<string, Promise<ResourceList | null>>()

  function list(apiVersion: string): Promise<ResourceList | null> {
    const known = lists.get(apiVersion)
    if (known) return known
    const asked = client.get<ResourceList>(groupPath(apiVersion)).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return null
      throw error
    })
    lists.set(apiVersion, asked)
    return asked
  }

  async function kind(apiVersion: string, name: string): Promise<ServedKind | null> {
    const found = (await list(apiVersion))?.resources.find(
      (resource) => resource.kind === name && !resource.name.includes('/'),
    )
    return found ? { plural: found.name, namespaced: found.namespaced } : null
  }

  async function versions(): Promise<readonly string[]> {
    const served = await client.get<GroupList>('/apis').catch(() => ({ groups: [] }))
    return ['v1', ...served.groups.flatMap((group) => group.versions.map(({ groupVersion }) => groupVersion))]
  }

  return {
    kind,
    versions,
    locate: async (object, releaseNamespace) => {
      const served = await kind(object.apiVersion, object.kind)
      if (!served) return null
      const namespace = served.namespaced ? object.namespace || releaseNamespace : ''
      return {
        ...object,
        namespace,
        path: `${collectionPath(object.apiVersion, served.plural, namespace)}/${encodeURIComponent(object.name)}`,
      }
    },
  }
}

/** The path of a collection: all of a namespace, or of the cluster when the namespace is empty. */
export function collectionPath(apiVersion: string, plural: string, namespace: string): string {
  const scope = namespace ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${groupPath(apiVersion)}${scope}/${plural}`
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
}
