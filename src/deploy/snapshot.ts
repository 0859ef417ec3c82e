import { ApiError, type ClusterClient } from '../cluster/client.ts'
import type { LocatedObject } from '../cluster/discovery.ts'
import { mapLimited, readObject } from '../cluster/objects.ts'
import type { KubeList, KubeObject } from '../cluster/types.ts'
import { withQuery } from '../cluster/watch.ts'

/** One object of a release and how it lay in the cluster; `live` is null when it did not exist. */
export interface SnapshotEntry {
  readonly object: LocatedObject
  readonly live: KubeObject | null
}

/** How a release's objects were at one moment, by their paths: the measure of "as before" (design decision 8). */
export type Snapshot = ReadonlyMap<string, SnapshotEntry>

/** Reads every object: where there are several of a kind, by one list of what Helm has made of that kind, else one by one. */
export async function takeSnapshot(client: ClusterClient, objects: readonly LocatedObject[]): Promise<Snapshot> {
  const unique = new Map(objects.map((object) => [object.path, object]))
  const byCollection = [...Map.groupBy(unique.values(), collectionOf)]
  const entries = await mapLimited(byCollection, ([collection, some]) => readSome(client, collection, some))
  return new Map(entries.flat().map((entry) => [entry.object.path, entry]))
}

function collectionOf({ path }: LocatedObject): string {
  return path.slice(0, path.lastIndexOf('/'))
}

async function readSome(
  client: ClusterClient,
  collection: string,
  objects: readonly LocatedObject[],
): Promise<SnapshotEntry[]> {
  const listed = objects.length > 1 ? await listMade(client, collection) : new Map<string, KubeObject>()
  return mapLimited(objects, async (object) => {
    const { apiVersion, kind, name, path } = object
    const found = listed.get(name)
    // Hooks have no such label, nor has what somebody took it from: whatever the list lacks is asked for by name.
    return { object, live: found ? { ...found, apiVersion, kind } : await readObject(client, path) }
  })
}

/** What Helm has made, by name: it labels everything but hooks (helm v4 pkg/action/validate.go). Empty where lists are forbidden. */
async function listMade(client: ClusterClient, collection: string): Promise<ReadonlyMap<string, KubeObject>> {
  const path = withQuery(collection, { labelSelector: 'app.kubernetes.io/managed-by=Helm' })
  const list = await client.get<KubeList>(path).catch((error: unknown) => {
    if (error instanceof ApiError && error.status < 500) return null
    throw error
  })
  return new Map((list?.items ?? []).map((item) => [item.metadata.name, item]))
}

/** The uids of a snapshot: what bears one of these existed before and is never deleted. */
export function uidsOf(snapshot: Snapshot): ReadonlySet<string> {
  return new Set([...snapshot.values()].flatMap(({ live }) => (live?.metadata.uid ? [live.metadata.uid] : [])))
}

/** A snapshot's objects as their manifest has them, whether they exist or not. */
export function wantedObjects(snapshot: Snapshot): KubeObject[] {
  return [...snapshot.values()].map(({ object }) => object.object)
}
