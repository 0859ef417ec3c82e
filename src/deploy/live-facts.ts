import { ApiError, type ClusterClient } from '../cluster/client.ts'
import { collectionPath, type Discovery } from '../cluster/discovery.ts'
import { locateManifest, mapLimited, readObject } from '../cluster/objects.ts'
import type { KubeList, KubeObject, Pod, Workload } from '../cluster/types.ts'
import type { ReleaseRecord, RevisionEntry } from '../release/record.ts'
import type { LiveFact } from '../release/recovery-facts.ts'
import { installedAt } from '../release/removal.ts'
import { judgeLive, type Claim, type Surroundings } from './live-judgement.ts'

/** What of a session is needed to look at a release's objects. */
export interface Looking {
  readonly client: ClusterClient
  readonly discovery: Discovery
  readonly target: { readonly namespace: string }
}

/**
 * Reads the objects of the newest revision and what they own, and tells of each whether it was there before the release, was ever
 * ready, or holds a volume. Changes nothing; throws when an object itself cannot be read.
 */
export async function readLiveFacts(
  { client, discovery, target }: Looking,
  entries: readonly RevisionEntry[],
  last: ReleaseRecord,
): Promise<readonly LiveFact[]> {
  const located = await locateManifest(discovery, last.manifest, target.namespace)
  const namespaces = [...new Set([target.namespace, ...located.map(({ namespace }) => namespace)])].filter(Boolean)
  const [live, around] = await Promise.all([
    mapLimited(located, ({ path }) => readObject(client, path)),
    lookAround(client, namespaces),
  ])
  const began = installedAt(entries, last)
  return located.map((object, index) => judgeLive(object, (live[index] as Workload | null) ?? null, around, began))
}

/** What may own pods, of what operators make: the rest of them is of the release itself, or owns none. */
const betweenKinds = [
  ['apps/v1', 'deployments'],
  ['apps/v1', 'replicasets'],
  ['apps/v1', 'statefulsets'],
  ['apps/v1', 'daemonsets'],
  ['batch/v1', 'jobs'],
] as const

async function lookAround(client: ClusterClient, namespaces: readonly string[]): Promise<Surroundings> {
  const [pods, claims, ...between] = await Promise.all([
    listAll<Pod>(client, namespaces, 'v1', 'pods'),
    listAll<Claim>(client, namespaces, 'v1', 'persistentvolumeclaims'),
    ...betweenKinds.map(([apiVersion, plural]) => listAll(client, namespaces, apiVersion, plural)),
  ])
  const isComplete = between.every((list) => list !== null)
  return { pods, claims, between: isComplete ? between.flat() : null }
}

/** Everything of a kind in these namespaces; null when it may not be listed in one of them. */
async function listAll<T extends KubeObject>(
  client: ClusterClient,
  namespaces: readonly string[],
  apiVersion: string,
  plural: string,
): Promise<T[] | null> {
  const lists = await mapLimited(namespaces, (namespace) => {
    return client.get<KubeList<T>>(collectionPath(apiVersion, plural, namespace)).catch(nullWhenRefused)
  })
  return lists.some((list) => list === null) ? null : lists.flatMap((list) => list?.items ?? [])
}

function nullWhenRefused(error: unknown): null {
  if (error instanceof ApiError && error.status === 403) return null
  throw error
}
