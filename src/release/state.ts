import type { HelmStatus, ReleaseRecord, RevisionEntry } from './record.ts'

/** What a release is before we act on it, with the reason in words. */
export type ReleaseState =
  | { readonly kind: 'absent'; readonly reason: string; readonly keptHistory: boolean }
  | {
      readonly kind: 'present'
      readonly reason: string
      readonly last: RevisionEntry
      readonly good: ReleaseRecord | null
    }
  | {
      readonly kind: 'locked'
      readonly reason: string
      readonly last: RevisionEntry
      readonly good: ReleaseRecord | null
    }
  | { readonly kind: 'uninstalling'; readonly reason: string; readonly last: RevisionEntry }

/** Names the state of a release from its revisions (oldest first) and its last good revision. */
export function releaseState(entries: readonly RevisionEntry[], good: ReleaseRecord | null): ReleaseState {
  const last = entries.at(-1)
  if (!last) return { kind: 'absent', reason: 'there is no release of that name', keptHistory: false }
  const at = good ? `revision ${good.revision} is the last good one` : 'no revision of it was ever good'
  switch (last.status) {
    case 'uninstalled':
      return {
        kind: 'absent',
        reason: `it was uninstalled, and its history kept (revision ${last.revision})`,
        keptHistory: true,
      }
    case 'uninstalling':
      return { kind: 'uninstalling', reason: `an uninstall of revision ${last.revision} began and did not end`, last }
    case 'pending-install':
    case 'pending-upgrade':
    case 'pending-rollback':
      return { kind: 'locked', reason: `revision ${last.revision} is ${last.status}; ${at}`, last, good }
    case 'deployed':
    case 'failed':
    case 'superseded':
    case 'unknown':
      return { kind: 'present', reason: `revision ${last.revision} is ${last.status}; ${at}`, last, good }
  }
}

/** The revision at which a release is; null when there is none, or only a history that an uninstall has kept. */
export function presentRevision(entries: readonly RevisionEntry[]): number | null {
  const last = entries.at(-1)
  return last && last.status !== 'uninstalled' ? last.revision : null
}

/** The revisions that may be good, in the order to try them: what is deployed, else the newest superseded ones. */
export function goodCandidates(entries: readonly RevisionEntry[]): RevisionEntry[] {
  const newestFirst = entries.toReversed()
  const rank = (status: HelmStatus): number => (status === 'deployed' ? 0 : 1)
  return newestFirst
    .filter(({ status }) => status === 'deployed' || status === 'superseded')
    .sort((a, b) => rank(a.status) - rank(b.status) || b.revision - a.revision)
}

/**
 * Whether a record is of a revision that once was healthy. A rollback whose apply fails marks the broken revision
 * `superseded` (helm v3.22 and v4.3 rollback.go), but its description keeps the failure, or that it never ended.
 */
export function isGood(record: ReleaseRecord): boolean {
  if (record.status === 'deployed') return true
  if (record.status !== 'superseded') return false
  return !/^(Upgrade|Release|Rollback) ".*" failed: |^(Preparing upgrade|Initial install underway)$/s.test(
    record.description,
  )
}
