import { toRef } from '../cluster/manifest.ts'
import type { AttemptEnd } from '../health/end.ts'
import { resourceKey, type Finding } from '../health/finding.ts'
import { judge } from '../health/judge.ts'
import { podContainers, type Observed } from '../health/observed.ts'
import { ownedPods } from '../health/ownership.ts'
import type { Recording } from '../health/recording.ts'
import { placeOf } from '../places/place.ts'
import { sourceReader, type SourceRequest } from '../places/read-sources.ts'
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
export async function explainFailure(session: Session, end: AttemptEnd, request: SourceRequest): Promise<Explanation> {
  const { observer, inputs } = session
  await observer.readRunningLogs(silentContainers(observer.observed()), AbortSignal.timeout(evidenceMs))
  const recording = record(session, end)
  const seen = observer.observed()
  const findings = judge(seen, end, diagnosisOptions(inputs), recording)
  // As they were written: to Helm they go as files of the run.
  const read = sourceReader({ ...request, inputs }, session.workspace, session.folder)
  return { findings: await Promise.all(findings.map((one) => withPlace(one, seen, read))), recording }
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

/** A finding with the file and line of the workspace that it comes from, where they can be told; else the chart's file is only named. */
export async function withPlace(
  finding: Finding,
  seen: Pick<Observed, 'objects' | 'others'>,
  read: ReturnType<typeof sourceReader>,
): Promise<Finding> {
  const { source, ...evidence } = finding.evidence
  const file = source?.file ?? manifestSource(seen, finding)
  const told = file === '' ? finding : { ...finding, evidence: { ...evidence, source: { ...source, file } } }
  const place = placeOf(told, await read(file))
  if (place) return { ...finding, evidence: { ...evidence, source: place } }
  if (file === '') return finding
  return { ...finding, evidence: { ...evidence, excerpt: { ...evidence.excerpt, 'chart file': file } } }
}

/** The chart's file that the object was rendered from; empty when nobody knows. */
function manifestSource({ objects, others }: Pick<Observed, 'objects' | 'others'>, { resource }: Finding): string {
  const rendered = [...objects, ...others].find(
    ({ manifest }) => resourceKey(toRef(manifest)) === resourceKey(resource),
  )
  return rendered?.manifest.source ?? ''
}
