import { formatDuration } from '../inputs/duration.ts'
import type { ReleaseRecord, RevisionEntry } from './record.ts'
import type { RecoveryFacts } from './recovery-facts.ts'

/** Whether whoever works on the newest revision is dead, and how that is known. */
export type Owner =
  | { readonly kind: 'dead'; readonly proof: string }
  /** It may live. `until` is when it could be taken for dead, ms by the server's clock; null when no time is known at all. */
  | { readonly kind: 'maybe-alive'; readonly who: string; readonly until: number | null }

/** How long an operation may take of which nothing is recorded. */
const unknownTimeoutMs = 30 * 60_000
/** A Lease lives for at most a minute after its renewal, and a run does nothing without one. */
const leaseMs = 60_000
/** By so much may clocks differ before what a writer says about the time is not believed. */
const clockToleranceMs = 60_000

type OwnerFacts = Pick<RecoveryFacts, 'entries' | 'last' | 'now' | 'lease' | 'leaseRenewedAt' | 'attemptCompleted'>

/** Judges the owner of the newest revision by its Lease, by GitHub, and by age (design decision 6). One proof is enough. */
export function ownerOf(facts: OwnerFacts, last: RevisionEntry): Owner {
  const isOwn = hasOwnLabels(facts.entries, last)
  const who =
    isOwn && last.run ? `run ${last.run}${last.attempt ? `, attempt ${last.attempt}` : ''}` : 'somebody unknown'
  if (isLostLease(facts, last)) return { kind: 'dead', proof: 'the run that held its lock has stopped renewing it' }
  if (isOwn && last.run && facts.attemptCompleted === true)
    return { kind: 'dead', proof: `GitHub says that ${who}, which began it, has completed` }
  const sign = lastSign(facts, last)
  if (sign === null) return { kind: 'maybe-alive', who, until: null }
  const limitMs = isOwn && last.timeoutMs ? last.timeoutMs : Math.max(last.timeoutMs ?? 0, unknownTimeoutMs)
  const ageMs = facts.now - sign
  if (ageMs > limitMs)
    return {
      kind: 'dead',
      proof: `nothing was heard of it for ${formatDuration(ageMs)}, and it had ${formatDuration(limitMs)}`,
    }
  return { kind: 'maybe-alive', who, until: sign + limitMs }
}

/** Whether the newest revision was written by a run whose lock is stale: not what somebody else did after the lock had ended. */
export function isLostLease({ lease, leaseRenewedAt }: OwnerFacts, last: RevisionEntry): boolean {
  if (lease !== 'stale') return false
  const writtenAt = last.writtenAt ?? last.createdAt
  return leaseRenewedAt === null || writtenAt === undefined || writtenAt <= leaseRenewedAt + leaseMs
}

/**
 * Whether the labels of a revision are of whoever works on it. A rollback has those of its target, an uninstall those of what it
 * removes, and an upgrade that gives none those of the revision before it (helm v3.22 and v4.3 upgrade.go, mergeCustomLabels).
 */
export function hasOwnLabels(entries: readonly RevisionEntry[], last: RevisionEntry): boolean {
  if (last.status === 'pending-install') return true
  if (last.status !== 'pending-upgrade') return false
  const before = entries.find(({ revision }) => revision === last.revision - 1)
  return before !== undefined && (before.run !== last.run || before.attempt !== last.attempt)
}

/** When the newest revision was last written. A label that lies in the future is of a clock that is wrong, and says nothing. */
function lastSign({ last: record, now }: OwnerFacts, last: RevisionEntry): number | null {
  const said = [last.labelledAt, record && 'status' in record ? deployedAt(record) : undefined]
  const believed = said.filter((time) => time !== undefined && time <= now + clockToleranceMs)
  const signs = [last.writtenAt, last.createdAt, ...believed].filter((time) => time !== undefined)
  if (signs.length > 0) return Math.max(...signs)
  const claims = said.filter((time) => time !== undefined)
  return claims.length > 0 ? Math.max(...claims) : null
}

function deployedAt({ lastDeployed }: ReleaseRecord): number | undefined {
  return Date.parse(lastDeployed) || undefined
}
