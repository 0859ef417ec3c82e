import type { Problem } from '../platform/errors.ts'
import { readGood, readRecord } from '../release/records.ts'
import type { ReleaseRecord } from '../release/record.ts'
import { planRecovery, type Recovery } from '../release/recovery.ts'
import { presentRevision } from '../release/state.ts'
import type { RecoveryFacts } from '../release/recovery-facts.ts'
import { learnSecrets } from './learn-secrets.ts'
import { readLiveFacts } from './live-facts.ts'
import { readStanding, type Standing } from './look.ts'
import { asBefore } from './measure.ts'
import type { Opened } from './open-release.ts'
import { nothing, rejectedWith, type TransactionResult } from './outcome.ts'
import { observeRecord } from './release-objects.ts'
import { confirmLock, type OnPhase, type Session } from './session.ts'
import { undoDeploy, type UndoResult } from './undo.ts'
import { goWayBack } from './way-back.ts'

/** A release that can be deployed over, and what was done for it. */
export interface Recovered {
  readonly standing: Standing
  readonly warnings: readonly string[]
}

/** Brings a release that a dead run left behind to a state that can be deployed over; gives the end of the run when that cannot be. */
export async function recoverForDeploy(
  session: Session,
  opened: Opened,
  standing: Standing,
  onPhase: OnPhase,
): Promise<Recovered | TransactionResult> {
  if (opened.stale && session.inputs.lock === 'take-over') standing = await letGo(session, standing)
  if (isPlain(standing, opened)) return { standing, warnings: [] }
  const facts = await gatherFacts(session, opened, standing, 'deploy')
  const plan = planRecovery(facts)
  if (plan.kind === 'nothing') return { standing, warnings: [] }
  if (plan.kind === 'wait' || plan.kind === 'refuse') return rejectedWith(toProblem(plan))
  onPhase('recover')
  const done = await carryOut(session, plan, facts)
  if (done?.result === 'failed' || done?.noReturn) return unrecovered(plan, done)
  const warnings = [`recovered before the deploy: ${plan.reason}`, ...(done?.remarks ?? [])]
  return { standing: await readStanding(session), warnings }
}

/** `mode: recover`: brings a release to a good state, or tells why that needs a person. */
export async function recoverRelease(session: Session, opened: Opened, onPhase: OnPhase): Promise<TransactionResult> {
  onPhase('look at the release')
  const standing = await readStanding(session)
  const facts = await gatherFacts(session, opened, standing, 'recover')
  const plan = planRecovery(facts)
  if (plan.kind === 'nothing') {
    const revision = presentRevision(standing.entries)
    return { ...nothing, status: 'recovered', revision, reason: `nothing to do: ${plan.reason}` }
  }
  if (plan.kind === 'wait' || plan.kind === 'refuse') return rejectedWith(toProblem(plan))
  onPhase('recover')
  const undo = await carryOut(session, plan, facts)
  if (undo?.result === 'failed' || undo?.noReturn) return unrecovered(plan, undo)
  const now = await readStanding(session)
  return {
    ...nothing,
    status: 'recovered',
    undo,
    revision: presentRevision(now.entries),
    reason:
      plan.kind === 'rollback' ? `back on revision ${plan.to.revision}: ${plan.reason}` : `removed: ${plan.reason}`,
    warnings: undo?.remarks ?? [],
  }
}

/** Why a pending release must be left alone: somebody may be working on it. Null when nobody is, or it is not pending. */
export async function heldByOthers(session: Session, opened: Opened, standing: Standing): Promise<Problem | null> {
  if (standing.state.kind !== 'locked' && standing.state.kind !== 'uninstalling') return null
  const plan = planRecovery(await gatherFacts(session, opened, standing, 'recover'))
  return plan.kind === 'wait' ? toProblem(plan) : null
}

const letGoMs = 30_000

/** Waits until the run that the lock was taken from has ended its Helm: it learns at once that it is fenced off, if it lives. */
async function letGo(session: Session, before: Standing): Promise<Standing> {
  const { clock, log, stop } = session
  const deadline = clock.now() + letGoMs
  let standing = before
  while (standing.state.kind === 'locked' && clock.now() < deadline) {
    log.reminder(() => 'waiting: the run that had the release has to end its Helm first')
    await clock.sleep(500, stop)
    stop.throwIfAborted()
    standing = await readStanding(session)
  }
  return standing
}

/** Whether nothing has to be recovered, seen without asking for more. */
function isPlain({ state, skipped }: Standing, { stale }: Opened): boolean {
  if (skipped.length > 0) return false
  if (state.kind === 'absent') return true
  return state.kind === 'present' && state.good !== null && (state.last.status === 'deployed' || stale === null)
}

async function gatherFacts(
  session: Session,
  { stale, isOurs = false }: Opened,
  { entries }: Standing,
  purpose: RecoveryFacts['purpose'],
): Promise<RecoveryFacts> {
  const { storage, target, inputs, client } = session
  const entry = entries.at(-1)
  const last = entry ? await readRecord(storage, entry) : null
  const record = last && !('unreadable' in last) ? last : null
  if (record) learnSecrets(session, record)
  const [{ good, skipped }, live, attemptCompleted] = await Promise.all([
    readGood(storage, entries),
    record ? readLiveFacts(session, entries, record) : null,
    // A run's number is of one repository only: where it is another's, GitHub does not know it.
    entry?.run
      ? session.isAttemptCompleted({ ...session.owner, runId: entry.run, attempt: entry.attempt ?? '1' })
      : null,
  ])
  return {
    release: target.release,
    namespace: target.namespace,
    purpose,
    onStuck: inputs.onStuck,
    isDisposable: inputs.mode === 'preview',
    storedIn: storage.driver,
    entries,
    last,
    good,
    skipped,
    now: client.now(),
    lease: stale || isOurs ? 'stale' : session.lock.identity ? 'ours' : 'unknown',
    leaseRenewedAt: Date.parse(stale?.renewedAt ?? '') || null,
    attemptCompleted,
    live,
  }
}

type Doable = Exclude<Recovery, { kind: 'nothing' | 'wait' | 'refuse' }>

/** Does what was planned; null when there was nothing to check afterwards. */
async function carryOut(session: Session, plan: Doable, facts: RecoveryFacts): Promise<UndoResult | null> {
  const { log, observer, storage } = session
  log.line(`recovering: ${plan.reason}`)
  if (plan.kind === 'forward') {
    await confirmLock(session)
    await storage.mark(plan.entry, 'failed', 'Marked as failed by atomic-helm-action: its run died')
    log.warning(
      `revision ${plan.entry.revision} is marked as failed; what it had added and the next one does not have stays`,
    )
    return null
  }
  const failed = await wrongRevision(session, plan, facts)
  const since = writtenAt(failed, facts.entries)
  if (plan.kind === 'rollback') return goWayBack(session, { to: plan.to, failed, since, isByHand: false })
  observer.begin()
  await observeRecord(session, failed)
  const fallback = { kind: 'uninstall' as const, keepHistory: plan.keepHistory }
  const nothingBefore = new Map()
  const measure = asBefore(session, nothingBefore)
  return undoDeploy(session, { fallback, failed, before: nothingBefore, measure, since })
}

/** The newest revision that is not what is gone back to: an unfinished rollback tells nothing of what has to be taken away. */
async function wrongRevision(
  { storage }: Session,
  plan: Doable,
  { entries, last }: RecoveryFacts,
): Promise<ReleaseRecord> {
  if (plan.kind !== 'rollback') return last as ReleaseRecord
  for (const entry of entries.filter(({ revision }) => revision > plan.to.revision).toReversed()) {
    const record = await readRecord(storage, entry)
    if (!('unreadable' in record) && record.manifest !== plan.to.manifest) return record
  }
  return last as ReleaseRecord
}

/** When a revision began, ms since 1970: by the API server's clock, else by that of whoever made it. */
function writtenAt({ revision, lastDeployed }: ReleaseRecord, entries: RecoveryFacts['entries']): number {
  const entry = entries.find((one) => one.revision === revision)
  return entry?.createdAt ?? (Date.parse(lastDeployed) || 0)
}

function unrecovered(plan: Doable, undo: UndoResult): TransactionResult {
  const reason = `it could not be recovered: ${undo.report?.error ?? plan.reason}`
  return { ...nothing, status: undo.noReturn ? 'kept' : 'rollback-failed', undo, reason, warnings: undo.remarks }
}

function toProblem({ reason, remedy, command }: { reason: string; remedy: string; command: string }): Problem {
  return { problem: reason, remedy, command }
}
