import { testArguments, type UpgradeRequest } from '../helm/argv.ts'
import { helmFinding } from '../helm/errors.ts'
import type { Finding } from '../health/finding.ts'
import { describeError } from '../platform/errors.ts'
import type { Status } from '../report/model.ts'
import type { Attempt } from './attempt.ts'
import { explainFailure, record } from './explain.ts'
import { findUrl } from './environment-url.ts'
import type { Before } from './look.ts'
import { asBefore } from './measure.ts'
import { lookAgain } from './look-again.ts'
import type { Availability } from './progress.ts'
import { runHelm, type OnPhase, type Session } from './session.ts'
import { nothing, stopped, warningsOf, type OnVerdict, type TransactionResult } from './outcome.ts'
import { knownNoReturn, undoDeploy, type UndoResult } from './undo.ts'
import { urlWarnings } from './verify-url.ts'

/** Judges the attempt by the state that it left, and undoes it when it failed. */
export async function judgeAttempt(
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
function undoneStatus({ fallback }: Pick<Before, 'fallback'>, { result, noReturn }: UndoResult): Status {
  if (noReturn) return 'kept'
  if (result === 'failed') return 'rollback-failed'
  return fallback.kind === 'uninstall' ? 'uninstalled' : 'rolled-back'
}

function tellFindings({ log, tellsPodLines }: Session, findings: readonly Finding[]): void {
  for (const { resource, cause, count, class: name, evidence } of findings) {
    log.line(`${name}: ${resource.kind}/${resource.name}: ${cause}${count > 1 ? ` (${count} pods)` : ''}`, 'bad')
    if (evidence.decisiveLine && tellsPodLines) log.line(`  ${evidence.decisiveLine}`)
  }
}
