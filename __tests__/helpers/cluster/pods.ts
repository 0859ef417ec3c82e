// Pods and Helm's records: what shows which revision really runs.
import { gunzipSync } from 'node:zlib'
import type { Api, KubeObject } from './api.ts'

export type PodHash = {
  name: string
  /** `Kind/name` of its controller. */
  owner: string
  /** The revision of its template: pod-template-hash or controller-revision-hash; empty for a Job's. */
  hash: string
  images: string[]
  ready: boolean
  restarts: number
  phase: string
}
export type ReleaseRecord = {
  secret: string
  release: string
  revision: number
  status: string
  description: string
  manifest: string
  /** `Kind/name` of each. */
  hooks: string[]
}
type ContainerStatus = { restartCount: number }
type Condition = { type: string; status: string }

/** The pods of a namespace that are not being deleted, by name. */
export async function podHashes(api: Api, namespace: string): Promise<PodHash[]> {
  const pods = await api.list(`/api/v1/namespaces/${namespace}/pods`)
  return pods
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(describePod)
    .sort((a, b) => a.name.localeCompare(b.name))
}

function describePod(pod: KubeObject): PodHash {
  const { name, labels = {}, ownerReferences = [] } = pod.metadata
  const owner = ownerReferences.find(({ controller }) => controller === true)
  const status = pod['status'] as { phase: string; conditions?: Condition[]; containerStatuses?: ContainerStatus[] }
  const { containers } = pod['spec'] as { containers: { image: string }[] }
  return {
    name,
    owner: owner === undefined ? '' : `${owner.kind}/${owner.name}`,
    hash: labels['pod-template-hash'] ?? labels['controller-revision-hash'] ?? '',
    images: containers.map(({ image }) => image),
    ready: (status.conditions ?? []).some((condition) => condition.type === 'Ready' && condition.status === 'True'),
    restarts: (status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0),
    phase: status.phase,
  }
}

/** Helm's records in a namespace, oldest first, decoded from their Secrets. */
export async function releases(api: Api, namespace: string, release?: string): Promise<ReleaseRecord[]> {
  const secrets = await api.list(`/api/v1/namespaces/${namespace}/secrets?labelSelector=owner%3Dhelm`)
  return secrets
    .map((secret) => {
      const data = (secret['data'] as { release: string }).release
      const encoded = Buffer.from(Buffer.from(data, 'base64').toString('utf8'), 'base64')
      const record = JSON.parse(gunzipSync(encoded).toString('utf8')) as {
        name: string
        version: number
        info: { status: string; description?: string }
        manifest: string
        hooks?: { kind: string; name: string }[]
      }
      return {
        secret: secret.metadata.name,
        release: record.name,
        revision: record.version,
        status: record.info.status,
        description: record.info.description ?? '',
        manifest: record.manifest,
        hooks: (record.hooks ?? []).map(({ kind, name }) => `${kind}/${name}`),
      }
    })
    .filter((record) => release === undefined || record.release === release)
    .sort((a, b) => a.release.localeCompare(b.release) || a.revision - b.revision)
}
