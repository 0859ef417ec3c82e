import { testArguments, waitFlag, type UpgradeRequest } from '../helm/argv.ts'
import { helmFinding } from '../helm/errors.ts'
import type { Finding } from '../health/finding.ts'
import { describeError } from '../platform/errors.ts'
import type { Status } from '../report/model.ts'
import { attemptDeploy, type Attempt } from './attempt.ts'
import { explainFailure, record } from './explain.ts'
import { findUrl, missingUrlProblem } from './environment-url.ts'
import type { JournalBefore } from './journal.ts'
import { lookAtRelease, readStanding, type Before } from './look.ts'
import { asBefore } from './measure.ts'
import { lookAgain } from './look-again.ts'
import { availability, type Availability } from './progress.ts'
import { runHelm, type OnPhase, type Session } from './session.ts'
import { wantedObjects } from './snapshot.ts'
import { withRelease, type Opened } from './open-release.ts'
import {
  nothing,
  stopped,
  unfinished,
  unwholeBefore,
  warningsOf,
  type OnVerdict,
  type TransactionResult,
} from './outcome.ts'
import { recoverForDeploy } from './recover.ts'
import { refusedByHelm, withChart } from './with-chart.ts'
import { knownNoReturn, undoDeploy, type UndoResult } from './undo.ts'
import { urlWarnings } from './verify-url.ts'

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
  const result = await finish(session, request, before, attempt, served, onPhase, onVerdict).catch((error: unknown) =>
    session.stop.aborted ? stopped(session, before) : unfinished(session, before, describeError(error)),
  )
  return { ...result, warnings: [...recovered.warnings, ...unwhole, ...result.warnings] }
}

/** Judges the attempt by the state that it left, and undoes it when it failed. */
async function finish(
  session: Session,
  request: UpgradeRequest,
  before: Before,
  attempt: Attempt,
  served: Availability,
  onPhase: OnPhase,
  onVerdict: OnVerdict,
): Promise<TransactionResult> {
  const end = await tested(session, attempt, onPhase)
  if (end.kind === 'stopped') return stopped(session, before)
  session.client.persist(session.clock.now() + session.inputs.rollbackTimeoutMs)
  const after = await lookAgain(session, before.lastRevision)
  const facts = {
    ...nothing,
    before,
    attempted: after.attempted,
    revision: after.revision,
    warnings: [
      ...warningsOf(session.observer.observed(), session, end),
      ...(attempt.answered ? urlWarnings(attempt.answered) : []),
    ],
    availability:
      served.wanted > 0 ? { wanted: served.wanted, lowest: Math.min(attempt.lowestAvailable, served.available) } : null,
  }
  for (const warning of facts.warnings) session.log.warning(warning)
  if (end.kind === 'complete') {
    const found = attempt.answered ?? (await findUrl(session, after.attempted?.manifest ?? ''))
    // GitHub is told as it is: one that has a secret in it is nobody's to see.
    const environmentUrl = found.url && session.secrets.redact(found.url) === found.url ? found.url : null
    const recording = record(session, end)
    return { ...facts, status: 'deployed', environmentUrl, answered: attempt.answered, recording }
  }

  onPhase('evidence')
  const { findings, recording } = await explainFailure(session, end, request).catch((error: unknown) => {
    const text = `the evidence cannot be gathered: ${describeError(error)}`
    const finding = helmFinding(text, session.target.namespace, session.inputs.chart)
    return { findings: [finding], recording: record(session, end) }
  })
  tellFindings(session, findings)
  session.journal.note({ findings })
  // Now it is known which logs could not be read.
  const warnings = warningsOf(session.observer.observed(), session, end)
  const failed = { ...facts, findings, recording, warnings }
  // Helm recorded nothing, so there is nothing to undo.
  if (!after.attempted) return { ...failed, status: 'rejected' }
  if (after.later) return { ...failed, ...leftToOthers(session, after.later.revision, warnings) }
  if (session.inputs.onFailure === 'keep') return { ...failed, status: 'kept' }

  onPhase(before.fallback.kind === 'uninstall' ? 'uninstall' : 'roll back')
  const undo = {
    fallback: before.fallback,
    failed: after.attempted,
    before: before.everything,
    measure: asBefore(session, before.objects),
    since: session.observer.observed().startedAt,
  }
  if (before.fallback.kind !== 'none' && !knownNoReturn(session, undo))
    onVerdict({
      ...failed,
      recording: null,
      status: before.fallback.kind === 'uninstall' ? 'uninstalled' : 'rolled-back',
    })
  const undone = await undoDeploy(session, undo)
  const revision = await lookAgain(session, before.lastRevision).then(
    (now) => now.revision,
    () => after.revision,
  )
  const told = [...warnings, ...undone.remarks]
  return { ...failed, undo: undone, revision, status: undoneStatus(before, undone), warnings: told }
}

/** `helm test` is part of the deploy: what is complete has to pass it within the same deadline. */
async function tested(session: Session, { end, deadline }: Attempt, onPhase: OnPhase): Promise<Attempt['end']> {
  if (end.kind !== 'complete' || !session.inputs.test) return end
  onPhase('test')
  const timeoutMs = Math.max(1000, deadline - session.clock.now())
  const { error } = await runHelm(session, 'test', testArguments(session.target, timeoutMs), {
    limitMs: timeoutMs + 5000,
  })
  if (error) return { kind: 'test-failed', error }
  session.log.line('the tests of the chart have passed')
  return end
}

/** Somebody deployed after us, without the lock or having taken it over: what runs now is theirs. */
function leftToOthers(
  { log }: Session,
  later: number,
  warnings: readonly string[],
): Pick<TransactionResult, 'status' | 'warnings'> {
  const warning = `revision ${later} was made by somebody else after this deploy began: nothing is rolled back`
  log.warning(warning)
  return { status: 'kept', warnings: [...warnings, warning] }
}

/** How a run ends whose deploy was undone, or could not be. */
export function undoneStatus({ fallback }: Pick<Before, 'fallback'>, { result, noReturn }: UndoResult): Status {
  if (noReturn) return 'kept'
  if (result === 'failed') return 'rollback-failed'
  return fallback.kind === 'uninstall' ? 'uninstalled' : 'rolled-back'
}

function toJournal({ lastRevision, fallback, everything, objects }: Before): JournalBefore {
  return {
    lastRevision,
    fallback: fallback.kind === 'rollback' ? { kind: 'rollback', revision: fallback.to.revision } : fallback,
    entries: [...everything].map(([path, entry]) => ({ ...entry, isObject: objects.has(path) })),
  }
}

function tellFindings({ log, tellsPodLines }: Session, findings: readonly Finding[]): void {
  for (const { resource, cause, count, class: name, evidence } of findings) {
    log.line(`${name}: ${resource.kind}/${resource.name}: ${cause}${count > 1 ? ` (${count} pods)` : ''}`, 'bad')
    if (evidence.decisiveLine && tellsPodLines) log.line(`  ${evidence.decisiveLine}`)
  }
}
