// What is in a namespace at one moment, to compare before and after.
import type { Cluster } from './cluster.ts'
import type { KubeObject } from './cluster/api.ts'
import type { PodHash } from './cluster/pods.ts'

export type Picture = { objects: Record<string, KubeObject>; uids: Record<string, string>; pods: PodHash[] }

/** Looks at everything in a namespace. */
export async function takePicture(cluster: Cluster, namespace: string): Promise<Picture> {
  const [objects, uids, pods] = await Promise.all([
    cluster.normalisedObjects(namespace),
    cluster.uids(namespace),
    cluster.podHashes(namespace),
  ])
  return { objects, uids, pods }
}
