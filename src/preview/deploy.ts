import type { Answer } from '../github/call.ts'
import type { PullState } from '../github/pulls.ts'
import type { UpgradeRequest } from '../helm/argv.ts'
import { withRelease, type Opened } from '../deploy/open-release.ts'
import { nothing, rejectedWith, type OnVerdict, type TransactionResult } from '../deploy/outcome.ts'
import type { OnPhase, Session } from '../deploy/session.ts'
import { deployInHand } from '../deploy/transaction.ts'
import { withChart } from '../deploy/with-chart.ts'
import { presentRevision } from '../release/state.ts'
import { revisionLabels } from './labels.ts'
import { applyLimits } from './limits.ts'
import { makePreviewNamespace, renewNamespace } from './namespace.ts'
import { askPull, type PreviewRun } from './of.ts'
import { checkPull, type PullCheck } from './pull-check.ts'
import { readPullSecrets, writePullSecrets, type PullSecret } from './pull-secrets.ts'
import { removeInHand } from './remove.ts'

/**
 * Deploys a preview in a namespace of its own: the same transaction as everywhere else. A run that is late stands down before it changes
 * anything, and the preview of a pull request that was closed meanwhile is removed at the end.
 */
export async function deployPreview(
  session: Session,
  request: UpgradeRequest,
  run: PreviewRun,
  onPhase: OnPhase,
  onVerdict: OnVerdict,
): Promise<TransactionResult> {
  // While the lock is taken: the first answer of GitHub takes a process half a second.
  const early = { atMs: session.clock.now(), answer: askPull(run) }
  const labelled = { ...request, labels: { ...request.labels, ...revisionLabels(run.preview) } }
  const { secrets, problems } = await readPullSecrets(session.client, session.inputs.previewCopySecrets)
  if (problems.length > 0) return { ...nothing, problems }
  return withChart(session, labelled, onPhase, (ready) =>
    withRelease(
      session,
      onPhase,
      (locked, opened, noting) => deployInTurn(locked, ready, { run, early, secrets, opened, onVerdict }, noting),
      (given) => makePreviewNamespace(given, run),
    ),
  )
}

/** So long GitHub's word counts for a run that did not have to wait; in less no other run of the pull request comes to its turn. */
const freshMs = 3000

interface Turn {
  readonly run: PreviewRun
  /** What GitHub was asked before it was this run's turn. */
  readonly early: { readonly atMs: number; readonly answer: Promise<Answer<PullState>> }
  readonly secrets: readonly PullSecret[]
  readonly opened: Opened
  readonly onVerdict: OnVerdict
}

/** It is this run's turn: nobody else works on the preview now. */
async function deployInTurn(
  session: Session,
  request: UpgradeRequest,
  { run, early, secrets, opened, onVerdict }: Turn,
  onPhase: OnPhase,
): Promise<TransactionResult> {
  const isFresh = session.clock.now() - early.atMs < freshMs
  const before = await check(session, run, isFresh ? early.answer : askPull(run))
  switch (before.kind) {
    case 'closed':
      return removeClosed(session, run, onPhase)
    case 'newer':
      return standDown(session, run, before.sha)
    case 'current':
    case 'unknown':
  }
  const isNew = session.journal.read().createdNamespace
  const problems = await Promise.all([
    isNew ? null : renewNamespace(session, run),
    applyLimits(session, session.inputs.previewQuota, isNew),
    writePullSecrets(session, secrets, isNew),
  ])
  const [problem] = problems.filter((one) => one !== null)
  if (problem) return { ...rejectedWith(problem), revision: await revisionNow(session) }
  const result = await deployInHand(session, request, opened, onPhase, onVerdict)
  if (result.status === 'cancelled') return result
  const after = await check(session, run, askPull(run))
  if (after.kind === 'closed') return removeClosed(session, run, onPhase)
  const warnings = [before, after].flatMap((one) => (one.kind === 'unknown' ? [unknownText(run, one.why)] : []))
  return { ...result, warnings: [...new Set(warnings), ...result.warnings] }
}

async function check({ log }: Session, run: PreviewRun, answer: Promise<Answer<PullState>>): Promise<PullCheck> {
  const checked = checkPull(await answer, run.preview)
  if (checked.kind === 'unknown') log.warning(unknownText(run, checked.why))
  return checked
}

function unknownText({ preview: { pull } }: PreviewRun, why: string): string {
  return `it is not known whether pull request ${pull} is still open: ${why}`
}

async function removeClosed(session: Session, run: PreviewRun, onPhase: OnPhase): Promise<TransactionResult> {
  session.log.line(`pull request ${run.preview.pull} was closed meanwhile: its preview is removed`)
  return removeInHand(session, run, onPhase)
}

/** What a newer run deploys is not touched, and neither is the comment, which is that run's. */
async function standDown(session: Session, { preview, isOfFork }: PreviewRun, sha: string): Promise<TransactionResult> {
  const newer = `pull request ${preview.pull} is at commit ${sha.slice(0, 12)} by now`
  session.log.line(`${newer}: this run stands down`)
  const next = isOfFork ? 'read that one too, then give the label anew' : 'its own run deploys it'
  const reason = `${newer}, and this run was for ${preview.sha?.slice(0, 12)}: ${next}`
  return { ...nothing, reason, revision: await revisionNow(session), isSuperseded: true }
}

async function revisionNow({ storage }: Session): Promise<number | null> {
  return presentRevision((await storage.list()).entries)
}
