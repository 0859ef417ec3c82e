// How end-to-end tests look at the cluster: independently of the product's own code.
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { openApi } from './cluster/api.ts'
import type { Api, KubeObject } from './cluster/api.ts'
import { normalisedObjects, uids } from './cluster/objects.ts'
import { podHashes, releases } from './cluster/pods.ts'
import type { PodHash, ReleaseRecord } from './cluster/pods.ts'

export type Cluster = Api & {
  namespaceExists: (name: string) => Promise<boolean>
  createNamespace: (name: string) => Promise<void>
  /** Deletes it and waits until it is gone. */
  deleteNamespace: (name: string) => Promise<void>
  /** Everything in a namespace by `Kind/name`, comparable before and after. */
  normalisedObjects: (namespace: string) => Promise<Record<string, KubeObject>>
  uids: (namespace: string) => Promise<Record<string, string>>
  podHashes: (namespace: string) => Promise<PodHash[]>
  releases: (namespace: string, release?: string) => Promise<ReleaseRecord[]>
}

/** Opens the cluster of a kubeconfig. */
export function openCluster(kubeconfig: string): Cluster {
  const api = openApi(kubeconfig)
  const namespace = (name: string): string => `/api/v1/namespaces/${name}`
  return {
    ...api,
    namespaceExists: async (name) => (await api.get(namespace(name))) !== undefined,
    async createNamespace(name) {
      await api.create('/api/v1/namespaces', { metadata: { name } })
      // Pods are refused until a controller has made the account that they run as.
      await until(`account of namespace ${name}`, () => api.get(`${namespace(name)}/serviceaccounts/default`))
    },
    async deleteNamespace(name) {
      await api.remove(namespace(name))
      await until(`end of namespace ${name}`, async () => (await api.get(namespace(name))) === undefined)
    },
    normalisedObjects: (name) => normalisedObjects(api, name),
    uids: (name) => uids(api, name),
    podHashes: (name) => podHashes(api, name),
    releases: (name, release) => releases(api, name, release),
  }
}

/** A namespace name that no other test uses. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`
}

/** Waits until a question has a truthy answer and gives it. */
export async function until<Value>(
  what: string,
  ask: () => Promise<Value>,
  timeoutMs = 60_000,
): Promise<NonNullable<Value>> {
  const deadline = Date.now() + timeoutMs
  while (Date.now() < deadline) {
    const value = await ask()
    if (value) return value
    await sleep(100)
  }
  throw new Error(`${what}: not within ${timeoutMs} ms`)
}
