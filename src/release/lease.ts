import type { KubeObject } from '../cluster/types.ts'
import type { RunContext } from '../context/context.ts'
import { oneLine } from '../platform/untrusted.ts'

/** A Lease of coordination.k8s.io/v1. Its times have microseconds: the API takes no others. */
export interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string | null
    readonly leaseDurationSeconds?: number | null
    readonly acquireTime?: string | null
    readonly renewTime?: string | null
    readonly leaseTransitions?: number | null
  }
}

/** A run that wants or has the lock. */
export interface LockOwner {
  /** Of this run alone: no other attempt, job or machine has the same. */
  readonly identity: string
  readonly runUrl: string | null
  /** `owner/name` */
  readonly repository: string | null
  readonly runId: string | null
  readonly attempt: string | null
  readonly actor: string | null
  /** What the run may take for its deploy and the undo together. */
  readonly timeoutSeconds: number
}

/** The release that a lock is for. */
export interface LockedRelease {
  readonly namespace: string
  readonly release: string
}

/** What a Lease tells about its owner. Whoever may write Leases may have written it. */
export interface LeaseFacts {
  /** Empty when nobody has it. */
  readonly holder: string
  readonly runUrl: string | null
  readonly repository: string | null
  readonly runId: string | null
  readonly attempt: string | null
  readonly phase: string | null
  readonly baseRevision: number | null
  readonly timeoutSeconds: number | null
  readonly durationSeconds: number
  readonly acquiredAt: string | null
  readonly renewedAt: string | null
  readonly takenOverFrom: string | null
  readonly takenOverBy: string | null
}

/** What the owner tells of its progress in the Lease. */
export interface LeaseNotes {
  readonly phase?: string
  readonly baseRevision?: number
}

/** How long a Lease that nobody renews still counts. */
export const durationSeconds = 30
const longestDurationSeconds = 60
/** How far a Lease may be ahead of the clock of who has it. */
const aheadMs = 1000
const prefix = 'atomic-helm.dev/'

/** This run as the owner of a lock; `host` stands for the run where there is no URL, `nonce` is random. */
export function lockOwner(
  { runUrl, repository, runId, attempt, actor }: RunContext,
  timeoutMs: number,
  host: string,
  nonce: string,
): LockOwner {
  return {
    identity: `${runUrl ?? `${host}/attempts/${attempt ?? '1'}`}#${nonce}`,
    runUrl,
    repository: repository && `${repository.owner}/${repository.name}`,
    runId,
    attempt,
    actor,
    timeoutSeconds: Math.ceil(timeoutMs / 1000),
  }
}

/** The name of a release's Lease. */
export function leaseName(release: string): string {
  return `atomic-helm.${release}`
}

/** The Lease of a release that nobody has locked yet. */
export function newLease(owner: LockOwner, { namespace, release }: LockedRelease, nowMs: number): Lease {
  const metadata = { name: leaseName(release), namespace }
  return owned({ metadata, spec: { leaseTransitions: -1 } }, owner, nowMs, {})
}

/** The Lease of another owner with this one in its place, and who took it from whom. */
export function takenLease(lease: Lease, owner: LockOwner, nowMs: number): Lease {
  const { holder, runUrl } = readLease(lease)
  const by = owner.runUrl ?? owner.identity
  const trace = { 'taken-over-from': runUrl ?? holder, 'taken-over-by': owner.actor ? `${owner.actor}, ${by}` : by }
  return owned(lease, owner, nowMs, holder === '' ? {} : trace)
}

/** The same owner's Lease, renewed: later than before, for an update without a change is none to the API, and a clock may stand still. */
export function renewedLease(lease: Lease, { phase, baseRevision }: LeaseNotes, nowMs: number): Lease {
  const notes = annotations({ phase, 'base-revision': baseRevision?.toString() })
  const before = Date.parse(lease.spec?.renewTime ?? '')
  // What is further ahead was edited, or the clock was set back: then ours is right.
  const isAhead = before >= nowMs && before < nowMs + aheadMs
  return {
    ...lease,
    metadata: { ...lease.metadata, annotations: { ...lease.metadata.annotations, ...notes } },
    spec: { ...lease.spec, renewTime: microTime(isAhead ? before + 1 : nowMs) },
  }
}

/** Reads a Lease, whoever wrote it. */
export function readLease({ metadata, spec }: Lease): LeaseFacts {
  const text = (name: string): string | null => metadata.annotations?.[prefix + name] || null
  return {
    holder: spec?.holderIdentity ?? '',
    runUrl: text('run-url'),
    repository: text('repository'),
    runId: text('run-id'),
    attempt: text('attempt'),
    phase: text('phase'),
    baseRevision: count(text('base-revision')),
    timeoutSeconds: count(text('timeout-seconds')),
    durationSeconds: Math.min(Math.max(spec?.leaseDurationSeconds ?? 0, durationSeconds), longestDurationSeconds),
    acquiredAt: spec?.acquireTime ?? null,
    renewedAt: spec?.renewTime ?? null,
    takenOverFrom: text('taken-over-from'),
    takenOverBy: text('taken-over-by'),
  }
}

/** Who has a lock, in words: its run, what it does there, since when. */
export function describeHolder({ holder, runUrl, phase, acquiredAt, takenOverBy }: LeaseFacts): string {
  const details = [
    phase && `phase ${phase}`,
    acquiredAt && `since ${acquiredAt.replace(/\.\d+Z$/, 'Z')}`,
    takenOverBy && `taken over by ${takenOverBy}`,
  ].filter(Boolean)
  return oneLine(`${runUrl ?? holder}${details.length > 0 ? ` (${details.join(', ')})` : ''}`)
}

function owned(lease: Lease, owner: LockOwner, nowMs: number, trace: Readonly<Record<string, string>>): Lease {
  const { metadata, spec } = lease
  const foreign = Object.entries(metadata.annotations ?? {}).filter(([name]) => !name.startsWith(prefix))
  const ours = annotations({
    'run-url': owner.runUrl,
    repository: owner.repository,
    'run-id': owner.runId,
    attempt: owner.attempt,
    phase: 'lock',
    'timeout-seconds': String(owner.timeoutSeconds),
    ...trace,
  })
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, 'app.kubernetes.io/managed-by': 'atomic-helm-action' },
      annotations: { ...Object.fromEntries(foreign), ...ours },
    },
    spec: {
      ...spec,
      holderIdentity: owner.identity,
      leaseDurationSeconds: durationSeconds,
      acquireTime: microTime(nowMs),
      renewTime: microTime(nowMs),
      leaseTransitions: (spec?.leaseTransitions ?? 0) + 1,
    },
  }
}

function annotations(values: Readonly<Record<string, string | null | undefined>>): Record<string, string> {
  const given = Object.entries(values).filter((entry): entry is [string, string] => Boolean(entry[1]))
  return Object.fromEntries(given.map(([name, value]) => [prefix + name, value]))
}

function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z')
}

function count(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null
}
