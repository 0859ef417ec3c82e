import { fetchChart } from '../chart/fetch.ts'
import { waitFlag, type UpgradeRequest } from '../helm/argv.ts'
import { helmFinding } from '../helm/errors.ts'
import type { Finding } from '../health/finding.ts'
import { describeError } from '../platform/errors.ts'
import type { ReleaseRecord } from '../release/record.ts'
import type { Status } from '../report/model.ts'
import { attemptDeploy, type Attempt } from './attempt.ts'
import { explainFailure, record } from './explain.ts'
import { lookAtRelease, type Before } from './look.ts'
import { availability, type Availability } from './progress.ts'
import type { Session } from './session.ts'
import { wantedObjects } from './snapshot.ts'
import { removeCreatedNamespace } from './created-namespace.ts'
import { nothing, unfinished, warningsOf, type TransactionResult } from './outcome.ts'
import { undoBroke, undoDeploy, type UndoResult } from './undo.ts'

export type OnPhase = (name: string) => void

/** Deploys, and when that fails undoes it and makes sure that it is undone: state, one action, state again (design decision 4). */
export async function runTransaction(
  session: Session,
  request: UpgradeRequest,
  onPhase: OnPhase,
): Promise<TransactionResult> {
  if (request.chart.kind === 'oci' || request.chart.kind === 'repository') onPhase('get the chart')
  const fetched = await fetchChart(session, request.chart)
  if (fetched.kind === 'problem') return { ...nothing, problems: [fetched.problem], chartDigest: fetched.digest }
  if (fetched.kind === 'helm') return refused(session, request, fetched.error)
  const result = await deploy(session, { ...request, chart: fetched.chart }, onPhase)
  return { ...result, chartDigest: fetched.digest }
}

/** Helm would not even begin. */
async function refused(session: Session, request: UpgradeRequest, error: string): Promise<TransactionResult> {
  const { findings } = await explainFailure(session, { kind: 'helm-failed', error }, request.chart)
  return { ...nothing, findings }
}

async function deploy(session: Session, request: UpgradeRequest, onPhase: OnPhase): Promise<TransactionResult> {
  onPhase('look at the release')
  const before = await lookAtRelease(session, request)
  if ('kind' in before) {
    if (before.kind === 'problems') return { ...nothing, problems: before.problems }
    return refused(session, request, before.error)
  }

  const served = availability(session.observer.observed())
  onPhase('deploy')
  const attempt = await attemptDeploy(session, request, {
    last: before.lastRevision,
    version: before.version,
    wait: waitFlag(session.helm.major, wantedObjects(before.everything)),
  }).catch((error: unknown): Attempt => ({
    end: { kind: 'helm-failed', error: describeError(error) },
    lowestAvailable: 0,
  }))
  return finish(session, request, before, attempt, served, onPhase).catch((error: unknown) =>
    unfinished(session, before, describeError(error)),
  )
}

/** Judges the attempt by the state that it left, and undoes it when it failed. */
async function finish(
  session: Session,
  request: UpgradeRequest,
  before: Before,
  attempt: Attempt,
  served: Availability,
  onPhase: OnPhase,
): Promise<TransactionResult> {
  const after = await lookAgain(session, before.lastRevision)
  const facts = {
    ...nothing,
    before,
    ...after,
    warnings: warningsOf(session.observer.observed(), session, attempt),
    availability:
      served.wanted > 0 ? { wanted: served.wanted, lowest: Math.min(attempt.lowestAvailable, served.available) } : null,
  }
  for (const warning of facts.warnings) session.log.warning(warning)
  if (attempt.end.kind === 'complete') return { ...facts, status: 'deployed', recording: record(session, attempt.end) }

  onPhase('evidence')
  const { findings, recording } = await explainFailure(session, attempt.end, request.chart).catch((error: unknown) => {
    const text = `the evidence cannot be gathered: ${describeError(error)}`
    return { findings: [helmFinding(text, session.target.namespace, session.inputs.chart)], recording: null }
  })
  tellFindings(session, findings)
  if (!after.attempted) {
    // Helm recorded nothing, so there is nothing to undo but the namespace, which it makes before its record.
    const left = before.createsNamespace ? await removeCreatedNamespace(session) : []
    return {
      ...facts,
      findings,
      recording,
      status: 'rejected',
      warnings: [...facts.warnings, ...left.map(({ object, why }) => `${object.kind} ${object.name} stays: ${why}`)],
    }
  }

  onPhase(before.fallback.kind === 'uninstall' ? 'uninstall' : 'roll back')
  const undoRequest = {
    fallback: before.fallback,
    failed: after.attempted,
    before: before.everything,
    objectsBefore: before.objects,
    createdNamespace: before.createsNamespace,
  }
  const undo = await undoDeploy(session, undoRequest).catch((error: unknown) =>
    undoBroke(session, undoRequest, describeError(error)),
  )
  const revision = await lookAgain(session, before.lastRevision).then(
    (now) => now.revision,
    () => after.revision,
  )
  return {
    ...facts,
    findings,
    recording,
    undo,
    revision,
    status: undoneStatus(before, undo),
    warnings: [...facts.warnings, ...undo.remarks],
  }
}

function undoneStatus({ fallback }: Before, { result }: UndoResult): Status {
  if (result === 'failed') return 'rollback-failed'
  return fallback.kind === 'uninstall' ? 'uninstalled' : 'rolled-back'
}

/** State again: what the storage says now, whatever Helm printed. */
async function lookAgain(
  { storage }: Session,
  lastBefore: number,
): Promise<{ attempted: ReleaseRecord | null; revision: number | null }> {
  const { entries } = await storage.list()
  const last = entries.at(-1)
  const ours = entries.find(({ revision }) => revision > lastBefore)
  const exists = last !== undefined && last.status !== 'uninstalled'
  return { attempted: ours ? await storage.read(ours) : null, revision: exists ? last.revision : null }
}

function tellFindings({ log, tellsPodLines }: Session, findings: readonly Finding[]): void {
  for (const { resource, cause, count, class: name, evidence } of findings) {
    log.line(`${name}: ${resource.kind}/${resource.name}: ${cause}${count > 1 ? ` (${count} pods)` : ''}`, 'bad')
    if (evidence.decisiveLine && tellsPodLines) log.line(`  ${evidence.decisiveLine}`)
  }
}
