import { refKey } from '../cluster/manifest.ts'
import { chartRef, helmFinding, isOnlyTimeout, failedHookPhase } from '../helm/errors.ts'
import { diagnose, dueFaults, toFinding, unfinished } from './diagnose.ts'
import type { AttemptEnd } from './end.ts'
import { isSameFault, type DiagnosisOptions, type Fault, type KeptFault } from './fault.ts'
import { resourceKey, type Finding, type ResourceRef } from './finding.ts'
import { hookFindings, runningHooks, withDeadlock } from './hook-findings.ts'
import type { Observed } from './observed.ts'
import { unstable } from './stability.ts'
import { urlFinding } from './url-finding.ts'

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
      return withDeadlock(observed, told(observed, doomFaults(observed, faults, end.due)))
    case 'unstable':
      return told(observed, unstable(observed, options, end))
    case 'deadline': {
      const seen = timeoutFindings(observed, faults, options)
      return seen.length > 0 ? seen : [helmFinding(stillWaiting, subject.namespace, subject.chart)]
    }
    case 'test-failed':
      return hookFindings(observed, faults, {
        phase: 'test',
        error: end.error,
        own: helmFinding(end.error, subject.namespace, subject.chart),
      })
    case 'url-unanswered': {
      // What is wrong with the object that has the URL explains more; the rest, less.
      const own = urlFinding(end, chartRef(subject.chart, subject.namespace))
      const seen = timeoutFindings(observed, faults, options)
      const isCause = ({ resource }: Finding): boolean => resourceKey(resource) === resourceKey(own.resource)
      return [...seen.filter(isCause), own, ...seen.filter((finding) => !isCause(finding))]
    }
    case 'helm-failed':
      return helmFindings(observed, end.error, faults, options, subject)
  }
}

function told(observed: Observed, faults: readonly Fault[]): Finding[] {
  return faults.map((fault) => toFinding(fault, observed))
}

/** What ended the deploy, even if it does not show at this moment (a container that crashes runs in between), then what would have. */
function doomFaults(observed: Observed, faults: readonly Fault[], due: readonly KeptFault[]): Fault[] {
  const verdicts = due.flatMap((kept): Fault[] => {
    const present = faults.find((fault) => isSameFault(fault, kept))
    const object =
      present?.object ??
      [...observed.objects, ...observed.others].find(({ manifest }) => refKey(manifest) === kept.object)
    // By now a log may have told more.
    const words = present && { cause: present.cause, advice: present.advice }
    return object ? [{ ...kept, ...words, object }] : []
  })
  const isTold = (fault: Fault): boolean => due.some((kept) => isSameFault(fault, kept))
  return [...verdicts, ...faults.filter((fault) => !isTold(fault) && isVerdict(fault))]
}

/** Whether a fault can end a deploy before the time is up. */
function isVerdict({ dueAt, severity }: Fault): boolean {
  return dueAt !== null || severity.kind === 'now'
}

const stillWaiting = 'Helm was still waiting when the time was up, although all that it has deployed looks complete'

function helmFindings(
  observed: Observed,
  error: string,
  faults: readonly Fault[],
  options: DiagnosisOptions,
  { namespace, chart }: Subject,
): Finding[] {
  const own = helmFinding(error, namespace, chart)
  const phase = failedHookPhase(error)
  if (phase) return hookFindings(observed, faults, { phase, error, own })
  if (isOnlyTimeout(error)) {
    const seen = timeoutFindings(observed, faults, options)
    return seen.length > 0 ? seen : [own]
  }
  if (own.class !== 'unknown') return [own]
  return unexplained(observed, own, faults, options)
}

/** Helm 4 ends by itself on a failed Job or StatefulSet: then what we saw says more than its text, of the object that it names first. */
function unexplained(observed: Observed, own: Finding, faults: readonly Fault[], options: DiagnosisOptions): Finding[] {
  const isNamed = ({ object }: Fault): boolean => isResource(object.manifest, own.resource)
  const named = faults.filter(isNamed)
  if (named.length === 0 && dueFaults(faults, observed.now).length === 0) return [own]
  const rest = timeoutFindings(observed, faults, options).filter(
    ({ resource }) => !named.some(({ object }) => isResource(object.manifest, resource)),
  )
  return [...told(observed, dueFirst(observed, named)), ...rest]
}

function isResource(manifest: ResourceRef, { kind, namespace, name }: ResourceRef): boolean {
  return manifest.kind === kind && manifest.name === name && manifest.namespace === namespace
}

/** When time is up everything counts that is not as it should be; what has no better explanation is told by its own status. */
function timeoutFindings(observed: Observed, faults: readonly Fault[], options: DiagnosisOptions): Finding[] {
  const open = unfinished(observed, options)
  const isOpen = (fault: Fault): boolean =>
    fault.dueAt !== null ||
    observed.others.includes(fault.object) ||
    open.some(({ object }) => object.manifest === fault.object.manifest)
  const explained = faults.filter((fault) => fault.object.hookEvents.length === 0 && isOpen(fault))
  const rest = open.filter(({ object }) => !explained.some((fault) => fault.object.manifest === object.manifest))
  const found = told(observed, [...dueFirst(observed, explained), ...rest])
  return withDeadlock(observed, [...runningHooks(observed, faults), ...found])
}

/** What would have ended the deploy by now comes before what might have mended itself; each by its layer. */
function dueFirst({ now }: Observed, faults: readonly Fault[]): Fault[] {
  const due = dueFaults(faults, now)
  return [...due, ...faults.filter((fault) => !due.includes(fault))]
}
