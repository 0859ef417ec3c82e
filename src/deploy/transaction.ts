import { waitFlag, type UpgradeRequest } from '../helm/argv.ts'
import { describeError } from '../platform/errors.ts'
import { attemptDeploy, type Attempt } from './attempt.ts'
import { missingUrlProblem } from './environment-url.ts'
import type { JournalBefore } from './journal.ts'
import { lookAtRelease, readStanding, type Before } from './look.ts'
import { availability } from './progress.ts'
import type { OnPhase, Session } from './session.ts'
import { wantedObjects } from './snapshot.ts'
import { withRelease, type Opened } from './open-release.ts'
import { nothing, stopped, unfinished, unwholeBefore, type OnVerdict, type TransactionResult } from './outcome.ts'
import { recoverForDeploy } from './recover.ts'
import { refusedByHelm, withChart } from './with-chart.ts'
import { judgeAttempt } from './judge-attempt.ts'

/** Deploys, and when that fails undoes it and makes sure that it is undone: state, one action, state again (design decision 4). */
export async function runTransaction(
  session: Session,
  request: UpgradeRequest,
  onPhase: OnPhase,
  onVerdict: OnVerdict,
): Promise<TransactionResult> {
  return withChart(session, request, onPhase, (ready) =>
    withRelease(session, onPhase, (locked, opened, noting) => deployInHand(locked, ready, opened, noting, onVerdict)),
  )
}

/** The transaction on a release that this run has in hand. */
export async function deployInHand(
  session: Session,
  request: UpgradeRequest,
  opened: Opened,
  onPhase: OnPhase,
  onVerdict: OnVerdict,
): Promise<TransactionResult> {
  onPhase('look at the release')
  const recovered = await recoverForDeploy(session, opened, await readStanding(session), onPhase)
  if ('status' in recovered) return recovered
  const before = await lookAtRelease(session, request, recovered.standing)
  if ('kind' in before) {
    if (before.kind === 'problems') return { ...nothing, problems: before.problems }
    return refusedByHelm(session, request, before.error)
  }
  const missing = await missingUrlProblem(session, request)
  if (missing) return { ...nothing, problems: [missing] }
  const unwhole = unwholeBefore(before)
  for (const warning of unwhole) session.log.warning(warning)
  const served = availability(session.observer.observed())
  onPhase('deploy')
  session.journal.noteBefore(toJournal(before))
  session.journal.note({ stage: 'changing', changingSince: session.client.now() })
  // From here on the deploy's own deadline counts, which a single read must not sit out.
  session.client.persist(0)
  const attempt = await attemptDeploy(session, request, {
    last: before.lastRevision,
    version: recovered.standing.version,
    wait: waitFlag(session.helm.major, wantedObjects(before.everything)),
  }).catch((error: unknown): Attempt => {
    const facts = { lowestAvailable: 0, deadline: session.clock.now(), answered: null }
    if (session.stop.aborted) return { ...facts, end: { kind: 'stopped' } }
    return { ...facts, end: { kind: 'helm-failed', error: describeError(error) } }
  })
  const result = await judgeAttempt(session, request, before, attempt, served, onPhase, onVerdict).catch(
    (error: unknown) =>
      session.stop.aborted ? stopped(session, before) : unfinished(session, before, describeError(error)),
  )
  return { ...result, warnings: [...recovered.warnings, ...unwhole, ...result.warnings] }
}

function toJournal({ lastRevision, fallback, everything, objects }: Before): JournalBefore {
  return {
    lastRevision,
    fallback: fallback.kind === 'rollback' ? { kind: 'rollback', revision: fallback.to.revision } : fallback,
    entries: [...everything].map(([path, entry]) => ({ ...entry, isObject: objects.has(path) })),
  }
}
