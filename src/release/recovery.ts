import type { HelmStatus, ReleaseRecord, RevisionEntry } from './record.ts'
import { isLostLease, ownerOf } from './owner.ts'
import type { RecoveryFacts } from './recovery-facts.ts'
import { refusals, type Refused } from './recovery-refusals.ts'
import { obstaclesToRemoval, revisionsSinceInstall } from './removal.ts'
import { stuckPolicy } from './stuck-policy.ts'

/** What is to be done with a release before anything else, with the reason in words. */
export type Recovery =
  | { readonly kind: 'nothing'; readonly reason: string }
  | { readonly kind: 'rollback'; readonly to: ReleaseRecord; readonly reason: string }
  | { readonly kind: 'uninstall'; readonly keepHistory: boolean; readonly reason: string }
  /** The stuck revision is to be marked failed, whatever it leaves behind. */
  | { readonly kind: 'forward'; readonly entry: RevisionEntry; readonly reason: string }
  /** Somebody may work on it until then (ms, the server's clock); the rest is for when nobody waits. */
  | ({ readonly kind: 'wait'; readonly who: string; readonly until: number } & Refused)
  | ({ readonly kind: 'refuse' } & Refused)

/** The newest revision with its record, both readable. */
interface Newest {
  readonly entry: RevisionEntry
  readonly record: ReleaseRecord
}

/** Decides what is to be done with a release that may not be simply deployable (design decision 6). Asks nothing, changes nothing. */
export function planRecovery(facts: RecoveryFacts): Recovery {
  const { entries, last } = facts
  const entry = entries.at(-1)
  if (!entry || !last)
    return facts.purpose === 'deploy' ? nothing('there is no release of that name') : refuse(refusals.absent(facts))
  if ('unreadable' in last) return refuse(refusals.unreadable(facts, entry, last.unreadable))
  // Helm goes by the record where the label says something else.
  const status = last.status === 'unknown' ? entry.status : last.status
  const newest = { entry: { ...entry, status }, record: last }
  switch (status) {
    case 'uninstalled':
      return nothing('it was uninstalled, and its history kept')
    case 'deployed':
      return nothing(`revision ${entry.revision} is deployed`)
    case 'pending-install':
    case 'pending-upgrade':
    case 'pending-rollback':
    case 'uninstalling':
      return planStuck(facts, newest)
    case 'failed':
      return planFailed(facts, newest)
    case 'superseded':
    case 'unknown':
      return planOdd(facts, status)
  }
}

/** A release on which some operation began and did not end. */
function planStuck(facts: RecoveryFacts, newest: Newest): Recovery {
  const { entry } = newest
  const owner = ownerOf(facts, entry)
  if (owner.kind === 'maybe-alive') {
    const refused = refusals.held(facts, entry, owner.who, owner.until)
    return owner.until === null ? refuse(refused) : { kind: 'wait', who: owner.who, until: owner.until, ...refused }
  }
  const reason = `revision ${entry.revision} is ${entry.status}, and ${owner.proof}`
  switch (stuckPolicy(facts.onStuck, facts.purpose)) {
    case 'fail':
      return refuse(refusals.stuck(facts, entry, reason))
    case 'forward':
      return { kind: 'forward', entry, reason }
    case 'rollback':
      return entry.status === 'uninstalling'
        ? planUninstalling(facts, newest, reason)
        : planPending(facts, newest, reason)
  }
}

function planPending(facts: RecoveryFacts, { entry }: Newest, reason: string): Recovery {
  // An install after an uninstall that kept the history: what was good then is not what was before.
  if (entry.status === 'pending-install' || !facts.good) return planRemoval(facts, reason)
  return rollback(facts, facts.good, reason)
}

/** The record does not tell whether the revision was good before its uninstall began; the others and the cluster may. */
function planUninstalling(facts: RecoveryFacts, { record }: Newest, reason: string): Recovery {
  const others = revisionsSinceInstall(facts.entries).slice(0, -1)
  const good = others.some(({ revision }) => revision === facts.good?.revision) ? facts.good : null
  if (good?.status === 'deployed') return rollback(facts, good, reason)
  // Helm calls a revision superseded when a newer one has become good, and no other is deployed: it was this one.
  if (good || wasAllReady(facts)) return rollback(facts, record, `${reason}; it was good before`)
  return planRemoval(facts, reason)
}

/** Whether everything that is left and can be ready was ready: then the revision was good. */
function wasAllReady({ live, skipped }: RecoveryFacts): boolean {
  const seen = (live ?? []).filter(({ exists, hasReadiness }) => exists && hasReadiness)
  return skipped.length === 0 && seen.length > 0 && seen.every(({ everReady }) => everReady === true)
}

function planFailed(facts: RecoveryFacts, { entry }: Newest): Recovery {
  const { good, purpose } = facts
  const reason = `revision ${entry.revision} is failed`
  if (!good) return planFailedInstall(facts, `${reason}, and no revision of it was ever good`)
  if (purpose === 'recover') return rollback(facts, good, reason)
  if (!isLostLease(facts, entry)) return nothing(`${reason}; revision ${good.revision} is the last good one`)
  const undone = `${reason}, and the run that held its lock died before it was undone`
  switch (facts.onStuck) {
    case 'fail':
      return refuse(refusals.stuck(facts, entry, undone))
    case 'forward':
      return nothing(undone)
    case 'rollback':
      return rollback(facts, good, undone)
  }
}

/** Helm upgrades over a failed install, so a deploy never uninstalls it; a recovery leads to a good state or says that it does not. */
function planFailedInstall(facts: RecoveryFacts, reason: string): Recovery {
  return facts.purpose === 'recover' ? planRemoval(facts, reason) : nothing(reason)
}

/** Helm leaves no release in such a state: revisions were deleted by hand. */
function planOdd(facts: RecoveryFacts, status: HelmStatus): Recovery {
  const { good, purpose } = facts
  if (!good) return refuse(refusals.noGood(facts, status))
  const reason = `the newest revision is ${status}, so newer ones were deleted; revision ${good.revision} is the last good one`
  return purpose === 'deploy' ? nothing(reason) : rollback(facts, good, reason)
}

/** What was never good is removed, unless something of it may be worth keeping. */
function planRemoval(facts: RecoveryFacts, reason: string): Recovery {
  const obstacles = facts.isDisposable ? [] : obstaclesToRemoval(facts)
  const keepHistory = revisionsSinceInstall(facts.entries).length < facts.entries.length
  if (obstacles.length === 0) return { kind: 'uninstall', keepHistory, reason }
  return refuse(refusals.notRemovable(facts, reason, obstacles))
}

/** A better revision may have been passed over because it cannot be read: then that is told. */
function rollback({ skipped }: RecoveryFacts, to: ReleaseRecord, reason: string): Recovery {
  const lost = skipped.filter(({ revision }) => revision !== to.revision).map(({ name }) => name)
  const told = lost.length > 0 ? `; ${lost.join(', ')} cannot be read and is passed over` : ''
  return { kind: 'rollback', to, reason: reason + told }
}

function nothing(reason: string): Recovery {
  return { kind: 'nothing', reason }
}

function refuse(refused: Refused): Recovery {
  return { kind: 'refuse', ...refused }
}
