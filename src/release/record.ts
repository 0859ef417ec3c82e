import { gunzipSync } from 'node:zlib'
import type { KubeObject } from '../cluster/types.ts'

/** Helm's words for the status of a revision (helm v4 pkg/release/common/status.go). */
export type HelmStatus =
  | 'unknown'
  | 'deployed'
  | 'uninstalled'
  | 'superseded'
  | 'failed'
  | 'uninstalling'
  | 'pending-install'
  | 'pending-upgrade'
  | 'pending-rollback'

/** What a revision's storage object tells without being unpacked: its labels. */
export interface RevisionEntry {
  readonly name: string
  readonly revision: number
  readonly status: HelmStatus
}

/** One hook of a revision. */
export interface HookRecord {
  readonly name: string
  readonly kind: string
  readonly manifest: string
  readonly path: string
  readonly events: readonly string[]
  readonly deletePolicies: readonly string[]
}

/** One revision as Helm stored it. */
export interface ReleaseRecord {
  readonly revision: number
  readonly status: HelmStatus
  readonly description: string
  readonly manifest: string
  readonly hooks: readonly HookRecord[]
  readonly chart: { readonly name: string; readonly version: string; readonly appVersion: string }
  /** Names of the files in the chart's `crds/` folder. */
  readonly crdFiles: readonly string[]
  readonly lastDeployed: string
  readonly notes: string
}

/** The storage object of a revision: a Secret, or a ConfigMap with `HELM_DRIVER=configmap`. */
export interface StorageObject extends KubeObject {
  readonly data?: { readonly release?: string }
}

// Helm refuses charts far smaller than this; a bomb in the storage would only hurt us.
const maxReleaseBytes = 256 * 1024 * 1024

/** Unpacks a storage object: base64 (once more in a Secret) of gzipped JSON (helm v4 pkg/storage/driver/util.go). Throws when it is not that. */
export function decodeRecord(
  object: StorageObject,
  driver: 'secret' | 'configmap',
  maxBytes = maxReleaseBytes,
): ReleaseRecord {
  const name = object.metadata.name
  const encoded = object.data?.release
  if (!encoded) throw new Error(`${name} holds no release`)
  try {
    const inner = driver === 'secret' ? Buffer.from(encoded, 'base64').toString('latin1') : encoded
    const packed = Buffer.from(inner, 'base64')
    const isGzip = packed[0] === 0x1f && packed[1] === 0x8b
    const json = isGzip ? gunzipSync(packed, { maxOutputLength: maxBytes }) : packed
    return toRecord(JSON.parse(json.toString('utf8')) as RawRelease)
  } catch (error) {
    throw new Error(`${name} cannot be read as a Helm release`, { cause: error })
  }
}

/** A release as Helm writes it in JSON: in its storage, and as the output of a dry run. */
export interface RawRelease {
  version?: number
  info?: { status?: HelmStatus; description?: string; last_deployed?: string; notes?: string }
  chart?: { metadata?: { name?: string; version?: string; appVersion?: string }; files?: { name: string }[] | null }
  manifest?: string
  hooks?:
    | { name: string; kind: string; path: string; manifest: string; events?: string[]; delete_policies?: string[] }[]
    | null
}

/** Reads the parts of a release that we need; what is missing is empty. */
export function toRecord(raw: RawRelease): ReleaseRecord {
  const metadata = raw.chart?.metadata
  return {
    revision: raw.version ?? 0,
    status: raw.info?.status ?? 'unknown',
    description: raw.info?.description ?? '',
    manifest: raw.manifest ?? '',
    hooks: (raw.hooks ?? []).map((hook) => ({
      name: hook.name,
      kind: hook.kind,
      path: hook.path,
      manifest: hook.manifest,
      events: hook.events ?? [],
      deletePolicies: hook.delete_policies ?? [],
    })),
    chart: { name: metadata?.name ?? '', version: metadata?.version ?? '', appVersion: metadata?.appVersion ?? '' },
    crdFiles: (raw.chart?.files ?? []).map(({ name }) => name).filter((name) => name.startsWith('crds/')),
    lastDeployed: raw.info?.last_deployed ?? '',
    notes: raw.info?.notes ?? '',
  }
}

/** Reads the labels that Helm puts on a storage object; null when it is not one of a revision. */
export function toEntry(object: KubeObject): RevisionEntry | null {
  const labels = object.metadata.labels ?? {}
  const revision = Number(labels['version'])
  if (labels['owner'] !== 'helm' || !/^\d+$/.test(labels['version'] ?? '')) return null
  return { name: object.metadata.name, revision, status: (labels['status'] ?? 'unknown') as HelmStatus }
}
