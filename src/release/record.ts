import { gunzipSync, gzipSync } from 'node:zlib'
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

/** What a revision's storage object tells without being unpacked: its labels and times. What it does not tell is left out. */
export interface RevisionEntry {
  readonly name: string
  readonly revision: number
  readonly status: HelmStatus
  /** When the server made the object, which is when the revision began: ms since 1970. */
  readonly createdAt?: number
  /** When the server last took a write of it, ms since 1970. */
  readonly writtenAt?: number
  /** The same by the clock of whoever wrote it: Helm's labels `createdAt` and `modifiedAt`. */
  readonly labelledAt?: number
  /** The run that made it, by our labels. An upgrade by hand and a rollback inherit them, so they may name another run (owner.ts). */
  readonly run?: string
  readonly attempt?: string
  /** The preview that it is of, by our label (preview/labels.ts). */
  readonly preview?: string
  /** How long its maker may have worked on it, by our label; inherited likewise. */
  readonly timeoutMs?: number
}

/** One hook of a revision. */
export interface HookRecord {
  readonly name: string
  readonly kind: string
  readonly manifest: string
  readonly path: string
  readonly events: readonly string[]
  readonly deletePolicies: readonly string[]
  /** How its last run ended, in Helm's words; empty while it runs, or when it never did. */
  readonly ended: string
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
  /** When the release was installed, by the clock of whoever did. */
  readonly firstDeployed?: string
  readonly lastDeployed: string
  readonly notes: string
}

/** The storage object of a revision: a Secret, or a ConfigMap with `HELM_DRIVER=configmap`. */
export interface StorageObject extends KubeObject {
  readonly data?: { readonly release?: string }
}

// Helm refuses charts far smaller than this; a bomb in the storage would only hurt us.
const maxReleaseBytes = 256 * 1024 * 1024

/** A storage object that holds no release, or none that can be read. */
export class UnreadableRecord extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'UnreadableRecord'
  }
}

/** Unpacks a storage object: base64 (once more in a Secret) of gzipped JSON (helm v4 pkg/storage/driver/util.go). Throws UnreadableRecord when it is not that. */
export function decodeRecord(
  object: StorageObject,
  driver: 'secret' | 'configmap',
  maxBytes = maxReleaseBytes,
): ReleaseRecord {
  return toRecord(unpack(object, driver, maxBytes))
}

function unpack(object: StorageObject, driver: 'secret' | 'configmap', maxBytes: number): RawRelease {
  const name = object.metadata.name
  const encoded = object.data?.release
  if (!encoded) throw new UnreadableRecord(`${name} holds no release`)
  try {
    const inner = driver === 'secret' ? Buffer.from(encoded, 'base64').toString('latin1') : encoded
    const packed = Buffer.from(inner, 'base64')
    const isGzip = packed[0] === 0x1f && packed[1] === 0x8b
    const json = isGzip ? gunzipSync(packed, { maxOutputLength: maxBytes }) : packed
    const raw = JSON.parse(json.toString('utf8')) as RawRelease | null
    if (raw === null || typeof raw !== 'object') throw new Error('it is no object')
    return raw
  } catch (error) {
    throw new UnreadableRecord(`${name} cannot be read as a Helm release`, { cause: error })
  }
}

/** The storage object with another status, and another description if there is one, in its content and in its label, as Helm itself would write it. */
export function withStatus(
  object: StorageObject,
  driver: 'secret' | 'configmap',
  status: HelmStatus,
  description?: string,
): StorageObject {
  const raw = unpack(object, driver, maxReleaseBytes)
  const json = JSON.stringify({ ...raw, info: { ...raw.info, status, ...(description && { description }) } })
  const packed = gzipSync(json).toString('base64')
  const release = driver === 'secret' ? Buffer.from(packed).toString('base64') : packed
  const metadata = { ...object.metadata, labels: { ...object.metadata.labels, status } }
  return { ...object, metadata, data: { ...object.data, release } }
}

/** A release as Helm writes it in JSON: in its storage, and as the output of a dry run. */
export interface RawRelease {
  version?: number
  info?: {
    status?: HelmStatus
    description?: string
    first_deployed?: string
    last_deployed?: string
    notes?: string
  }
  chart?: { metadata?: { name?: string; version?: string; appVersion?: string }; files?: { name: string }[] | null }
  manifest?: string
  hooks?: RawHook[] | null
}

interface RawHook {
  name: string
  kind: string
  path: string
  manifest: string
  events?: string[]
  delete_policies?: string[]
  last_run?: { phase?: string }
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
      ended: /^(Succeeded|Failed)$/.exec(hook.last_run?.phase ?? '')?.[0] ?? '',
    })),
    chart: { name: metadata?.name ?? '', version: metadata?.version ?? '', appVersion: metadata?.appVersion ?? '' },
    crdFiles: (raw.chart?.files ?? []).map(({ name }) => name).filter((name) => name.startsWith('crds/')),
    ...(raw.info?.first_deployed ? { firstDeployed: raw.info.first_deployed } : {}),
    lastDeployed: raw.info?.last_deployed ?? '',
    notes: raw.info?.notes ?? '',
  }
}

/** Reads the labels that Helm puts on a storage object, and ours; null when it is not one of a revision. */
export function toEntry(object: KubeObject): RevisionEntry | null {
  const { name, labels = {}, creationTimestamp, managedFields = [] } = object.metadata
  const revision = Number(labels['version'])
  if (labels['owner'] !== 'helm' || !/^\d+$/.test(labels['version'] ?? '')) return null
  const timeoutMs = secondsLabel(labels['atomic-helm.dev/timeout'])
  const known = {
    createdAt: latest([creationTimestamp]),
    writtenAt: latest([creationTimestamp, ...managedFields.map(({ time }) => time)]),
    labelledAt: maximum([secondsLabel(labels['createdAt']), secondsLabel(labels['modifiedAt'])]),
    run: labels['atomic-helm.dev/run'] || undefined,
    attempt: labels['atomic-helm.dev/attempt'] || undefined,
    preview: labels['atomic-helm.dev/preview'] || undefined,
    timeoutMs,
  }
  return {
    name,
    revision,
    status: (labels['status'] ?? 'unknown') as HelmStatus,
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
  }
}

/** A label that holds whole seconds, in ms. */
function secondsLabel(text: string | undefined): number | undefined {
  return text && /^\d{1,12}$/.test(text) ? Number(text) * 1000 : undefined
}

function latest(times: readonly (string | undefined)[]): number | undefined {
  return maximum(times.map((time) => Date.parse(time ?? '')))
}

function maximum(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined && !Number.isNaN(value)) as number[]
  return known.length > 0 ? Math.max(...known) : undefined
}
