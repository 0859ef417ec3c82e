import type { ClusterClient } from '../cluster/client.ts'
import type { LocatedObject } from '../cluster/discovery.ts'
import { mapLimited, readObject } from '../cluster/objects.ts'
import type { KubeObject } from '../cluster/types.ts'

/** One object of a release and how it lay in the cluster; `live` is null when it did not exist. */
export interface SnapshotEntry {
  readonly object: LocatedObject
  readonly live: KubeObject | null
}

/** How a release's objects were at one moment, by their paths: the measure of "as before" (design decision 8). */
export type Snapshot = ReadonlyMap<string, SnapshotEntry>

/** Reads every object, several at a time. */
export async function takeSnapshot(client: ClusterClient, objects: readonly LocatedObject[]): Promise<Snapshot> {
  const unique = new Map(objects.map((object) => [object.path, object]))
  const entries = await mapLimited([...unique.values()], async (object) => ({
    object,
    live: await readObject(client, object.path),
  }))
  return new Map(entries.map((entry) => [entry.object.path, entry]))
}

/** The uids of a snapshot: what bears one of these existed before and is never deleted. */
export function uidsOf(snapshot: Snapshot): ReadonlySet<string> {
  return new Set([...snapshot.values()].flatMap(({ live }) => (live?.metadata.uid ? [live.metadata.uid] : [])))
}

/** A snapshot's objects as their manifest has them, whether they exist or not. */
export function wantedObjects(snapshot: Snapshot): KubeObject[] {
  return [...snapshot.values()].map(({ object }) => object.object)
}
