import type { HelmStatus, ReleaseRecord, RevisionEntry } from '../../../src/release/record.ts'
import type { LiveFact, RecoveryFacts } from '../../../src/release/recovery-facts.ts'

/** The server's time in these tests. */
export const now = Date.parse('2026-11-22T10:00:00Z')

/** The server's time so many minutes ago. */
export const ago = (minutes: number): number => now - minutes * 60_000

export function entry(revision: number, status: HelmStatus, parts: Partial<RevisionEntry> = {}): RevisionEntry {
  return { name: `sh.helm.release.v1.shop.v${revision}`, revision, status, ...parts }
}

export function record(revision: number, status: HelmStatus, parts: Partial<ReleaseRecord> = {}): ReleaseRecord {
  return {
    revision,
    status,
    description: '',
    manifest: '',
    hooks: [],
    chart: { name: 'shop', version: '1.0.0', appVersion: '' },
    crdFiles: [],
    lastDeployed: '',
    notes: '',
    ...parts,
  }
}

export function live(name: string, parts: Partial<LiveFact> = {}): LiveFact {
  return {
    object: { kind: 'Deployment', namespace: 'prod', name },
    exists: true,
    existedBefore: false,
    everReady: false,
    hasReadiness: true,
    boundClaims: [],
    ...parts,
  }
}

/** Facts about a release with that history, the newest revision of which was begun five minutes ago by nobody we know. */
export function facts(statuses: readonly HelmStatus[], parts: Partial<RecoveryFacts> = {}): RecoveryFacts {
  const entries = statuses.map((status, index) =>
    entry(index + 1, status, { createdAt: ago(5 * (statuses.length - index)) }),
  )
  const last = entries.at(-1)
  const good =
    entries.findLast(({ status }) => status === 'deployed') ?? entries.findLast(({ status }) => status === 'superseded')
  return {
    release: 'shop',
    namespace: 'prod',
    purpose: 'deploy',
    onStuck: 'rollback',
    isDisposable: false,
    storedIn: 'secret',
    entries,
    last: last ? record(last.revision, last.status) : null,
    good: good ? record(good.revision, good.status) : null,
    skipped: [],
    now,
    lease: 'none',
    leaseRenewedAt: null,
    attemptCompleted: null,
    live: [live('web')],
    ...parts,
  }
}
