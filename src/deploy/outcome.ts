import { helmFinding } from '../helm/errors.ts'
import { refText, toRef } from '../cluster/manifest.ts'
import type { Finding } from '../health/finding.ts'
import type { Observed } from '../health/observed.ts'
import type { Recording } from '../health/recording.ts'
import { remarks } from '../health/remarks.ts'
import { rollout } from '../health/rollout.ts'
import { tuningProblem } from '../health/tuning.ts'
import type { AnsweredUrl } from '../health/url-answer.ts'
import { describeError, type Problem } from '../platform/errors.ts'
import type { ReleaseRecord } from '../release/record.ts'
import type { Drift, Status, SweptPreview, UndoReport } from '../report/model.ts'
import type { AttemptEnd } from '../health/end.ts'
import type { Before } from './look.ts'
import type { Session } from './session.ts'
import { untried, type UndoResult } from './undo.ts'

/** Everything that the transaction did and found; the report is built from it. */
export interface TransactionResult {
  readonly status: Status
  readonly problems: readonly Problem[]
  readonly findings: readonly Finding[]
  readonly undo: UndoResult | null
  readonly before: Before | null
  /** The revision that this run tried; null when Helm recorded none. */
  readonly attempted: ReleaseRecord | null
  /** What a deploy would make, by Helm's dry run on the server; null in every mode but `plan`. */
  readonly planned: ReleaseRecord | null
  /** Where the cluster differs from the deployed revision; null when nobody looked. */
  readonly drifted: readonly Drift[] | null
  /** The revision at which the release ends; null when there is none. */
  readonly revision: number | null
  readonly availability: { readonly lowest: number; readonly wanted: number } | null
  /** `sha256:…` of the chart; null for a directory, or when it could not be had. */
  readonly chartDigest: string | null
  /** Where people find what is deployed; null when nothing was, or nobody knows. */
  readonly environmentUrl: string | null
  /** How the environment answered, with `verify-url`; else null. */
  readonly answered: AnsweredUrl | null
  /** All that the diagnosis saw; null when nothing was watched. */
  readonly recording: Recording | null
  readonly warnings: readonly string[]
  /** Why it ended so, where neither findings nor problems tell. */
  readonly reason: string | null
  /** Whether anything was changed, where no manifest tells: a removal may find nothing; null: the manifests tell. */
  readonly changed: boolean | null
  /** A newer run speaks for the pull request: this one leaves the comment to it. */
  readonly isSuperseded: boolean
  /** What became of each preview; null in everything but a sweep. */
  readonly sweep: readonly SweptPreview[] | null
}

/** Told when a deploy has failed and its undo begins, with what it would come to; returns at once. */
export type OnVerdict = (failure: TransactionResult) => void

/** A transaction of which nothing came. */
export const nothing: TransactionResult = {
  status: 'rejected',
  problems: [],
  findings: [],
  undo: null,
  before: null,
  attempted: null,
  planned: null,
  drifted: null,
  revision: null,
  availability: null,
  chartDigest: null,
  environmentUrl: null,
  answered: null,
  recording: null,
  warnings: [],
  reason: null,
  changed: null,
  isSuperseded: false,
  sweep: null,
}

/** A transaction that ended before it began. */
export function rejectedWith(problem: Problem): TransactionResult {
  return { ...nothing, problems: [problem] }
}

/** A run that has to leave everything as it is: its job was cancelled, and the post step goes on, or another run took the release. */
export function stopped({ journal, lock }: Session, before: Before | null): TransactionResult {
  const taken = lock.lost.aborted ? [`${describeError(lock.lost.reason)}: this run leaves the release to it`] : []
  return { ...nothing, before, findings: journal.read().findings, status: 'cancelled', warnings: taken }
}

/** The cluster could not be asked any more after the deploy had begun: what is there is unknown, so a person has to look. */
export function unfinished(session: Session, before: Before | null, error: string): TransactionResult {
  const { release, namespace } = session.target
  const report: UndoReport = {
    ...untried(before?.fallback ?? { kind: 'none' }),
    error: `the state after the deploy cannot be read: ${error}`,
    commands: [`helm -n ${namespace} history ${release}`, `helm -n ${namespace} status ${release}`],
  }
  const finding = helmFinding(error, namespace, session.inputs.chart)
  return {
    ...nothing,
    before,
    findings: [finding],
    undo: { result: 'failed', report, notUndone: [], remarks: [], noReturn: null },
    status: 'rollback-failed',
    revision: before?.lastRevision || null,
  }
}

/** The workloads that were not whole before the deploy: told, not blamed on it, and not waited for when it is undone. */
export function unwholeBefore({ objects }: Before): string[] {
  return [...objects.values()].flatMap(({ object, live }) => {
    if (!live) return [`${refText(toRef(object))} did not exist before the deploy, although the release has it`]
    const state = rollout({ ...live, kind: object.kind }, false)
    return state.done ? [] : [`${refText(toRef(object))} was not whole before the deploy: ${state.message}`]
  })
}

/** What people should know whatever came of it; what would only have helped to explain a failure matters only then. */
export function warningsOf(observed: Observed, { observer }: Session, end: AttemptEnd): string[] {
  const { needed, helpful } = observer.refusals()
  const { dropped } = observer.recorded()
  const tuning = [...observed.objects, ...observed.others].map(({ manifest }) => tuningProblem(manifest))
  return [
    ...needed,
    ...(dropped > 0 ? [`the recording in the report is cut: ${dropped} changes did not fit in`] : []),
    ...(end.kind === 'complete' ? remarks(observed) : helpful),
    ...tuning.filter((problem) => problem !== null),
  ]
}
