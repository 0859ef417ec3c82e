import type { ClusterClient } from '../cluster/client.ts'
import { collectionPath } from '../cluster/discovery.ts'
import type { KubeList, KubeObject } from '../cluster/types.ts'
import { watchCollection, withQuery } from '../cluster/watch.ts'
import type { Clock } from '../platform/clock.ts'
import {
  decodeRecord,
  toEntry,
  withStatus,
  type HelmStatus,
  type ReleaseRecord,
  type RevisionEntry,
  type StorageObject,
} from './record.ts'

/** The revisions of one release, as they lie in the cluster. Judged by these, never by what Helm prints. */
export interface ReleaseStorage {
  readonly driver: StorageDriver
  /** All revisions, oldest first, and the version of the list for a watch. */
  list(): Promise<{ readonly entries: readonly RevisionEntry[]; readonly version: string }>
  read(entry: RevisionEntry): Promise<ReleaseRecord>
  /** Gives a revision another status, and this description if there is one; throws ApiError when somebody has written it meanwhile. */
  mark(entry: RevisionEntry, status: HelmStatus, description?: string): Promise<void>
  /** Takes a revision out of the history, if it still is as it was when it was read; throws ApiError when somebody has written it. */
  remove(entry: RevisionEntry): Promise<void>
  /** Tells every record that is written after `version`, until the signal aborts. */
  watch(version: string, onRecord: (record: ReleaseRecord) => void, signal: AbortSignal): Promise<void>
}

export type StorageDriver = 'secret' | 'configmap'

/** Reads `HELM_DRIVER` as Helm does; null for a driver that keeps releases where we cannot look (sql, memory). */
export function storageDriver(value: string | undefined): StorageDriver | null {
  if (!value || value === 'secret' || value === 'secrets') return 'secret'
  return value === 'configmap' || value === 'configmaps' ? 'configmap' : null
}

const pollMs = 1000
const metadataOfOne = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json'
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'

/** Opens the storage of a release; nothing is asked before it is needed. */
export function openStorage(
  client: ClusterClient,
  clock: Clock,
  driver: StorageDriver,
  namespace: string,
  release: string,
): ReleaseStorage {
  const path = collectionPath('v1', driver === 'secret' ? 'secrets' : 'configmaps', namespace)
  const query = { labelSelector: `owner=helm,name=${release}` }
  const pathOf = (entry: RevisionEntry): string => `${path}/${encodeURIComponent(entry.name)}`
  return {
    driver,
    mark: async (entry, status, description) => {
      const object = await client.get<StorageObject>(pathOf(entry))
      const body = withStatus(object, driver, status, description)
      await client.send('PUT', pathOf(entry), { body })
    },
    remove: async (entry) => {
      const { metadata } = await client.get<KubeObject>(pathOf(entry), { accept: metadataOfOne })
      const { uid, resourceVersion } = metadata
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid, resourceVersion } }
      await client.send('DELETE', pathOf(entry), { body })
    },
    list: async () => {
      // Names and labels are enough here: ten revisions of a large chart are megabytes.
      const list = await client.get<KubeList>(withQuery(path, query), { accept: metadataOnly })
      const entries = (list.items ?? []).map((item: KubeObject) => toEntry(item)).filter((entry) => entry !== null)
      return { entries: entries.sort((a, b) => a.revision - b.revision), version: list.metadata.resourceVersion ?? '0' }
    },
    read: async (entry) => decodeRecord(await client.get<StorageObject>(pathOf(entry)), driver),
    watch: async (version, onRecord, signal) => {
      const refusal = new AbortController()
      const tell = (object: StorageObject): void => {
        if (toEntry(object)) onRecord(decodeRecord(object, driver))
      }
      const handler = {
        replace: (items: readonly StorageObject[]) => items.forEach(tell),
        changed: tell,
        deleted: () => undefined,
        refused: () => refusal.abort(),
      }
      await watchCollection<StorageObject>(client, clock, path, query, handler, signal, version)
      // Whoever may list but not watch gets the same, a second later.
      while (refusal.signal.aborted && !signal.aborted) {
        const list = await client.get<KubeList<StorageObject>>(withQuery(path, query)).catch(() => null)
        for (const item of list?.items ?? []) tell(item)
        await clock.sleep(pollMs, signal)
      }
    },
  }
}
