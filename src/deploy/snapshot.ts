import { ApiError, type ClusterClient } from '../cluster/client.ts'
import type { LocatedObject } from '../cluster/discovery.ts'
import { mapLimited, metadataList, readObject } from '../cluster/objects.ts'
import type { KubeList, KubeObject } from '../cluster/types.ts'
import { withQuery } from '../cluster/watch.ts'

/** One object of a release and how it lay in the cluster; `live` is null when it did not exist. */
export interface SnapshotEntry {
  readonly object: LocatedObject
  readonly live: KubeObject | null
}

/** How a release's objects were at one moment, by their paths: the measure of "as before" (design decision 8). */
export type Snapshot = ReadonlyMap<string, SnapshotEntry>

/**
 * Reads every object: where there are several of a kind, by one list of what Helm has made of that kind, else one by one. Of hooks,
 * which Helm makes anew and nobody restores, only the metadata is sure to be there.
 */
export async function takeSnapshot(
  client: ClusterClient,
  objects: readonly LocatedObject[],
  hooks: readonly LocatedObject[] = [],
): Promise<Snapshot> {
  const wanted = new Map(objects.map((object) => [object.path, object]))
  const besides = new Map(hooks.filter(({ path }) => !wanted.has(path)).map((hook) => [hook.path, hook]))
  const entries = await mapLimited(
    [
      ...[...Map.groupBy(wanted.values(), collectionOf)].map((some) => ({ some, list: listMade })),
      ...[...Map.groupBy(besides.values(), collectionOf)].map((some) => ({ some, list: listMetadata })),
    ],
    ({ some: [collection, some], list }) => readSome(client, collection, some, list),
  )
  return new Map(entries.flat().map((entry) => [entry.object.path, entry]))
}

function collectionOf({ path }: LocatedObject): string {
  return path.slice(0, path.lastIndexOf('/'))
}

/** What one list says of a collection. When it is `whole`, what it lacks does not exist. */
interface Listed {
  readonly found: ReadonlyMap<string, KubeObject>
  readonly whole: boolean
}
type ListSome = (client: ClusterClient, collection: string) => Promise<Listed>

async function readSome(
  client: ClusterClient,
  collection: string,
  objects: readonly LocatedObject[],
  list: ListSome,
): Promise<SnapshotEntry[]> {
  const listed = objects.length > 1 ? await list(client, collection) : nothingListed
  return mapLimited(objects, async (object) => {
    const { apiVersion, kind, name, path } = object
    const found = listed.found.get(name)
    if (found) return { object, live: { ...found, apiVersion, kind } }
    return { object, live: listed.whole ? null : await readObject(client, path) }
  })
}

const nothingListed: Listed = { found: new Map(), whole: false }

/** What Helm has made: it labels everything but hooks (helm v4 pkg/action/validate.go). Somebody may have taken the label off. */
async function listMade(client: ClusterClient, collection: string): Promise<Listed> {
  const path = withQuery(collection, { labelSelector: 'app.kubernetes.io/managed-by=Helm' })
  return toListed(await listUnlessRefused(client, path), false)
}

/** Everything of a kind, as metadata: a hook bears no label to ask for. A list that is not whole leaves the rest to single reads. */
async function listMetadata(client: ClusterClient, collection: string): Promise<Listed> {
  const list = await listUnlessRefused(client, withQuery(collection, { limit: '500' }), metadataList)
  return toListed(list, list !== null && !list.metadata.continue)
}

/** Null where lists are forbidden. */
async function listUnlessRefused(client: ClusterClient, path: string, accept?: string): Promise<KubeList | null> {
  return client.get<KubeList>(path, accept === undefined ? {} : { accept }).catch((error: unknown) => {
    if (error instanceof ApiError && error.status < 500) return null
    throw error
  })
}

function toListed(list: KubeList | null, whole: boolean): Listed {
  return { found: new Map((list?.items ?? []).map((item) => [item.metadata.name, item])), whole }
}

/** The uids of a snapshot: what bears one of these existed before and is never deleted. */
export function uidsOf(snapshot: Snapshot): ReadonlySet<string> {
  return new Set([...snapshot.values()].flatMap(({ live }) => (live?.metadata.uid ? [live.metadata.uid] : [])))
}

/** A snapshot's objects as their manifest has them, whether they exist or not. */
export function wantedObjects(snapshot: Snapshot): KubeObject[] {
  return [...snapshot.values()].map(({ object }) => object.object)
}
