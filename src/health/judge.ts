import { toRef } from '../cluster/manifest.ts'
import { failedHookPhase, helmFinding, isOnlyTimeout } from '../helm/errors.ts'
import { diagnose, toFinding, unfinished } from './diagnose.ts'
import type { AttemptEnd } from './end.ts'
import type { DiagnosisOptions, Fault } from './fault.ts'
import type { Finding } from './finding.ts'
import { jobEvidence } from './job-evidence.ts'
import type { Observed, WatchedObject } from './observed.ts'
import { hasHookEnded, rollout } from './rollout.ts'
import { unstable } from './stability.ts'

/** Where findings are about when no object is known. */
export interface Subject {
  readonly namespace: string
  readonly chart: string
}

/** Why an attempt ended as it did, the cause first; pure. */
export function judge(observed: Observed, end: AttemptEnd, options: DiagnosisOptions, subject: Subject): Finding[] {
  const faults = diagnose(observed, options)
  switch (end.kind) {
    case 'complete':
      return []
    case 'doomed':
      return faults
        .filter(({ dueAt, severity }) => dueAt !== null || severity.kind === 'now')
        .map((fault) => toFinding(fault, observed))
    case 'unstable':
      return unstable(observed, options, end).map((fault) => toFinding(fault, observed))
    case 'deadline':
      return [...runningHooks(observed), ...timeoutFindings(observed, faults, options)]
    case 'helm-failed':
      return helmFindings(observed, end.error, faults, options, subject)
  }
}

function helmFindings(
  observed: Observed,
  error: string,
  faults: readonly Fault[],
  options: DiagnosisOptions,
  { namespace, chart }: Subject,
): Finding[] {
  const phase = failedHookPhase(error)
  if (phase) return hookFindings(observed, phase, error, namespace, chart)
  if (isOnlyTimeout(error)) {
    const seen = timeoutFindings(observed, faults, options)
    return seen.length > 0 ? seen : [helmFinding(error, namespace, chart)]
  }
  const told = helmFinding(error, namespace, chart)
  const certain = faults.filter(({ dueAt }) => dueAt !== null && dueAt <= observed.now)
  // Helm 4 ends by itself on a failed Job or StatefulSet: then what we saw says more than its text.
  if (told.class !== 'unknown' || certain.length === 0) return [told]
  return certain.map((fault) => toFinding(fault, observed))
}

/** When time is up everything counts that is not as it should be; what has no better explanation is told by its own status. */
function timeoutFindings(observed: Observed, faults: readonly Fault[], options: DiagnosisOptions): Finding[] {
  const open = unfinished(observed, options)
  const isOpen = (fault: Fault): boolean =>
    fault.dueAt !== null ||
    observed.others.includes(fault.object) ||
    open.some(({ object }) => object.manifest === fault.object.manifest)
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
