import { relative, sep } from 'node:path'
import { toRef } from '../cluster/manifest.ts'
import { diagnose, jobEvidence, toFinding, unfinished, type Fault } from '../health/diagnose.ts'
import type { Finding } from '../health/finding.ts'
import { podContainers, type Observed, type WatchedObject } from '../health/observed.ts'
import { ownedPods } from '../health/ownership.ts'
import { hasHookEnded, rollout } from '../health/rollout.ts'
import { failedHookPhase, helmFinding, isOnlyTimeout } from '../helm/errors.ts'
import type { ChartSource } from '../inputs/files.ts'
import type { AttemptEnd } from './attempt.ts'
import type { Session } from './session.ts'

/** Says why an attempt failed, with evidence taken while the failing pods still exist; the first finding is the cause. */
export async function explainFailure(session: Session, end: AttemptEnd, chart: ChartSource): Promise<Finding[]> {
  const { observer } = session
  await observer.readRunningLogs(silentContainers(observer.observed()))
  const observed = observer.observed()
  const findings = collect(session, observed, end)
  return findings.map((finding) => withWorkspaceFile(finding, chart, session.workspace))
}

function collect(session: Session, observed: Observed, end: AttemptEnd): Finding[] {
  const { inputs, target } = session
  const options = { crashTolerance: inputs.crashTolerance, waitForJobs: inputs.waitForJobs }
  const faults = diagnose(observed, options)
  switch (end.kind) {
    case 'complete':
      return []
    case 'doomed':
      return faults
        .filter(({ dueAt, severity }) => dueAt !== null || severity.kind === 'now')
        .map((fault) => toFinding(fault, observed))
    case 'deadline':
      return [...runningHooks(observed), ...timeoutFindings(observed, faults, options)]
    case 'helm-failed': {
      const phase = failedHookPhase(end.error)
      if (phase) return hookFindings(observed, phase, end.error, target.namespace, inputs.chart)
      if (!isOnlyTimeout(end.error)) {
        const told = helmFinding(end.error, target.namespace, inputs.chart)
        const certain = faults
          .filter(({ dueAt }) => dueAt !== null && dueAt <= observed.now)
          .map((fault) => toFinding(fault, observed))
        // Helm 4 ends by itself on a failed Job or StatefulSet: then what we saw says more than its text.
        return told.class === 'unknown' && certain.length > 0 ? certain : [told]
      }
      const seen = timeoutFindings(observed, faults, options)
      return seen.length > 0 ? seen : [helmFinding(end.error, target.namespace, inputs.chart)]
    }
  }
}

/** When time is up everything counts that is not as it should be; what has no better explanation is told by its own status. */
function timeoutFindings(
  observed: Observed,
  faults: readonly Fault[],
  options: { crashTolerance: number; waitForJobs: boolean },
): Finding[] {
  const open = unfinished(observed, options)
  const isOpen = (fault: Fault): boolean =>
    fault.dueAt !== null || open.some(({ object }) => object.manifest === fault.object.manifest)
  const explained = faults.filter((fault) => fault.severity.kind !== 'information' && isOpen(fault))
  const rest = open.filter(({ object }) => !explained.some((fault) => fault.object.manifest === object.manifest))
  return [...explained, ...rest].map((fault) => toFinding(fault, observed))
}

function hookFindings(observed: Observed, phase: string, error: string, namespace: string, chart: string): Finding[] {
  const ofPhase = observed.objects.filter(({ hookEvents, live }) => hookEvents.includes(phase) && live)
  const failed = ofPhase.filter(({ live }) => live && rollout(live, true).failed)
  const named = /job(?:\/\S+\/| )([a-z0-9.-]+)/i.exec(error)?.[1]
  const guess =
    failed.length > 0 ? failed : ofPhase.filter(({ manifest }) => ofPhase.length === 1 || manifest.name === named)
  if (guess.length === 0)
    return [
      {
        ...helmFinding(error, namespace, chart),
        class: 'hook-failed',
        cause: `the ${phase} hook failed: ${error.split('\n')[0]}`,
      },
    ]
  return guess.map((object) => hookFinding(observed, object, phase, error))
}

function hookFinding(observed: Observed, object: WatchedObject, phase: string, error: string): Finding {
  const evidence = jobEvidence(observed, object, error)
  const code = evidence.status['exit code']
  const isLate = /deadline exceeded|timed out/i.test(error) && !/BackoffLimitExceeded|Job Failed/.test(error)
  const cause = isLate
    ? `the ${phase} hook did not end in time`
    : `the ${phase} hook failed${code ? `: it exited with ${code}` : ''}`
  const file = object.manifest.source
  return {
    class: 'hook-failed',
    resource: toRef(object.manifest),
    cause,
    severity: { kind: 'now' },
    count: 1,
    evidence: file ? { ...evidence, source: { file } } : evidence,
  }
}

/** Hooks that still run when the time is up: they are why. */
function runningHooks(observed: Observed): Finding[] {
  return observed.objects
    .filter(({ hookEvents, live, wasDeleted }) => hookEvents.length > 0 && live && !wasDeleted && !hasHookEnded(live))
    .map((object) => hookFinding(observed, object, object.hookEvents.join(', '), 'timed out'))
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

/** Turns `shop/templates/x.yaml` into a path of the workspace, where the chart is a directory in it; else the place is only told. */
function withWorkspaceFile(finding: Finding, chart: ChartSource, workspace: string): Finding {
  const { source, ...evidence } = finding.evidence
  if (!source) return finding
  const inChart = source.file.split('/').slice(1).join('/')
  const folder = relative(workspace, chart.reference)
  const isInside =
    chart.kind === 'directory' && inChart !== '' && !folder.startsWith('..') && !inChart.startsWith('charts/')
  if (!isInside)
    return { ...finding, evidence: { ...evidence, excerpt: { ...evidence.excerpt, 'chart file': source.file } } }
  return {
    ...finding,
    evidence: { ...evidence, source: { ...source, file: [...folder.split(sep), inChart].filter(Boolean).join('/') } },
  }
}
