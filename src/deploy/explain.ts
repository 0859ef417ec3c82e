import { readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { AttemptEnd } from '../health/end.ts'
import type { Finding } from '../health/finding.ts'
import { judge } from '../health/judge.ts'
import { podContainers, type Observed } from '../health/observed.ts'
import { ownedPods } from '../health/ownership.ts'
import type { Recording } from '../health/recording.ts'
import { sourceLine } from '../health/source-line.ts'
import type { ChartSource } from '../inputs/files.ts'
import { diagnosisOptions, type Session } from './session.ts'

/** Why an attempt failed, and all that it is judged by. */
export interface Explanation {
  /** The first is the cause. */
  readonly findings: readonly Finding[]
  readonly recording: Recording
}

/**
 * All evidence together may take so long, whatever the cluster does: what is broken stays so until it is undone. Objects and events are
 * there already, for they were watched; logs are all that is still waited for.
 */
const evidenceMs = 20_000

/** Says why an attempt failed, with evidence taken while the failing pods still exist. */
export async function explainFailure(session: Session, end: AttemptEnd, chart: ChartSource): Promise<Explanation> {
  const { observer, inputs, workspace } = session
  await observer.readRunningLogs(silentContainers(observer.observed()), AbortSignal.timeout(evidenceMs))
  const recording = record(session, end)
  const findings = judge(observer.observed(), end, diagnosisOptions(inputs), recording)
  return { findings: await Promise.all(findings.map((one) => withWorkspaceFile(one, chart, workspace))), recording }
}

/** Everything that was seen so far, so that it can be judged again elsewhere. */
export function record({ observer, inputs, target }: Session, end: AttemptEnd | null): Recording {
  const { changes, dropped } = observer.recorded()
  return {
    formatVersion: 1,
    options: diagnosisOptions(inputs),
    namespace: target.namespace,
    chart: inputs.chart,
    changes: [...changes],
    dropped,
    end,
    endedAt: observer.observed().now,
  }
}

/** Containers that run without being ready: nothing has read their logs yet. */
function silentContainers(observed: Observed): { pod: Observed['pods'][number]; container: string }[] {
  return observed.objects
    .flatMap((object) => ownedPods(observed, object).fresh.slice(0, 3))
    .filter(({ metadata }) => !metadata.deletionTimestamp)
    .flatMap((pod) =>
      podContainers(pod)
        .filter(({ status }) => status.state?.running && (!status.ready || (status.restartCount ?? 0) > 0))
        .map(({ name }) => ({ pod, container: name })),
    )
}

/**
 * Turns `shop/templates/x.yaml` into a path of the workspace, where the chart is a directory in it, with the line where it can be
 * found; else the place is only told.
 */
export async function withWorkspaceFile(finding: Finding, chart: ChartSource, workspace: string): Promise<Finding> {
  const { source, ...evidence } = finding.evidence
  if (!source) return finding
  const inChart = source.file.split('/').slice(1).join('/')
  const folder = relative(workspace, chart.reference)
  const isInside =
    chart.kind === 'directory' &&
    inChart !== '' &&
    !folder.startsWith('..') &&
    !/^charts\/|(^|\/)\.\.(\/|$)/.test(inChart)
  if (!isInside)
    return { ...finding, evidence: { ...evidence, excerpt: { ...evidence.excerpt, 'chart file': source.file } } }
  const line = source.line ?? (await lineIn(join(chart.reference, inChart), finding))
  const file = [...folder.split(sep), inChart].filter(Boolean).join('/')
  return { ...finding, evidence: { ...evidence, source: { file, ...(line === null ? {} : { line }) } } }
}

/** Null where the file cannot be read: the chart may have written its name itself. */
async function lineIn(path: string, finding: Finding): Promise<number | null> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return sourceLine(text, finding)
}
