import { toRef } from '../cluster/manifest.ts'
import type { Condition, KubeEvent, Pod, Workload } from '../cluster/types.ts'
import { lastEventMessage, objectEvidence, podEvidence } from './evidence.ts'
import { findingClasses, type Evidence, type Finding, type FindingClass, type Severity } from './finding.ts'
import { crashCount, eventTime, hasStarted, podContainers, type Observed, type WatchedObject } from './observed.ts'
import { isOrdered, newestReplicaSet, ownedPods } from './ownership.ts'
import { hasHookEnded, isUnseen, rollout } from './rollout.ts'
import { mountSignal, podSignals, type Signal, type SignalOptions } from './signals.ts'

export interface DiagnosisOptions extends SignalOptions {
  readonly waitForJobs: boolean
}

/** One fault of one object of the release, not yet dressed with evidence. */
export interface Fault {
  readonly class: FindingClass
  readonly object: WatchedObject
  readonly cause: string
  readonly advice?: string
  readonly severity: Severity
  readonly count: number
  /** When it ends the deploy, ms since 1970 by the API server; null: only at the timeout. */
  readonly dueAt: number | null
  readonly evidence: (observed: Observed) => Evidence
}

/** Names every fault that can be seen now, the lowest layer first; pure. */
export function diagnose(observed: Observed, options: DiagnosisOptions): Fault[] {
  const faults = observed.objects.flatMap((object) => [
    ...jobFaults(object),
    ...workloadFaults(observed, object),
    ...podFaults(observed, object, options),
  ])
  return faults.sort((a, b) => layer(a) - layer(b) || b.count - a.count)
}

/** The faults that end the deploy now. */
export function dueFaults(faults: readonly Fault[], now: number): Fault[] {
  return faults.filter(({ dueAt }) => dueAt !== null && dueAt <= now)
}

/** When the next fault becomes a verdict, ms since 1970; null when none will without a change. */
export function nextDue(faults: readonly Fault[], now: number): number | null {
  const coming = faults.map(({ dueAt }) => dueAt).filter((due): due is number => due !== null && due > now)
  return coming.length > 0 ? Math.min(...coming) : null
}

/** The objects whose rollout is not complete, as faults without a better explanation than their own status. */
export function unfinished(observed: Observed, options: DiagnosisOptions): Fault[] {
  return observed.objects
    .filter(({ hookEvents }) => hookEvents.length === 0)
    .flatMap((object) => {
      const state = object.live ? rollout(object.live, options.waitForJobs) : null
      if (state?.done || (object.live?.kind === 'Job' && !object.isNew)) return []
      const cause = state ? `the rollout is not complete: ${state.message}` : 'it does not exist in the cluster'
      return [simpleFault(object, 'rollout-stalled', cause, { kind: 'timeout' })]
    })
}

/** Dresses a fault with its evidence. */
export function toFinding(fault: Fault, observed: Observed): Finding {
  const { class: name, object, cause, advice, severity, count } = fault
  const source = object.manifest.source
  const evidence = fault.evidence(observed)
  return {
    class: name,
    resource: toRef(object.manifest),
    cause,
    ...(advice ? { advice } : {}),
    severity,
    count,
    evidence: source && !evidence.source ? { ...evidence, source: { file: source } } : evidence,
  }
}

/** Whether a hook of this run works at this moment: its Job or pod has started a container and has not ended. Such a hook is never cut. */
export function isHookRunning(observed: Observed): boolean {
  return observed.objects.some((object) => {
    if (object.hookEvents.length === 0 || !object.live || object.wasDeleted) return false
    if (hasHookEnded(object.live)) return false
    return ownedPods(observed, object).fresh.some(hasStarted)
  })
}

function jobCondition({ kind, status }: Workload, type: string): Condition | undefined {
  return kind === 'Job' ? status?.conditions?.find((one) => one.type === type && one.status === 'True') : undefined
}

function jobFaults(object: WatchedObject): Fault[] {
  // A Job of an earlier deploy that failed is not this deploy's fault.
  const failed =
    object.live && object.isNew
      ? (jobCondition(object.live, 'Failed') ?? jobCondition(object.live, 'FailureTarget'))
      : undefined
  if (!failed) return []
  const isHook = object.hookEvents.length > 0
  const what = isHook ? `the ${object.hookEvents.join(', ')} hook failed` : 'the Job failed'
  return [
    {
      class: isHook ? 'hook-failed' : 'job-failed',
      object,
      cause: failed.reason && failed.reason !== 'BackoffLimitExceeded' ? `${what} (${failed.reason})` : what,
      severity: { kind: 'now' },
      count: 1,
      // Helm itself ends at once when a hook fails, with the hook-delete policy that belongs to it.
      dueAt: isHook ? null : 0,
      evidence: (observed) => jobEvidence(observed, object, failed.message),
    },
  ]
}

/** The evidence of a Job or hook: its newest failed pod, even when the pod is deleted by now. */
export function jobEvidence(observed: Observed, object: WatchedObject, message?: string): Evidence {
  const pods = ownedPods(observed, object).fresh.toSorted((a, b) => created(b) - created(a))
  for (const pod of pods) {
    const failed = podContainers(pod).find(
      ({ status }) => (status.state?.terminated ?? status.lastState?.terminated)?.exitCode,
    )
    if (failed) return { ...podEvidence(observed, pod, failed.name), ...(message ? { message } : {}) }
  }
  const [pod] = pods
  if (pod)
    return { ...podEvidence(observed, pod, podContainers(pod).at(-1)?.name ?? null), ...(message ? { message } : {}) }
  return objectEvidence(observed, object.live?.metadata.uid, message)
}

function created(pod: Pod): number {
  return Date.parse(pod.metadata.creationTimestamp ?? '') || 0
}

function workloadFaults(observed: Observed, object: WatchedObject): Fault[] {
  const { live } = object
  if (!live || object.hookEvents.length > 0) return []
  const faults: Fault[] = []
  const creator = live.kind === 'Deployment' ? newestReplicaSet(observed.replicaSets, live) : live
  const refused = creator?.status?.conditions?.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  )
  const isNews = (one: Condition | undefined): boolean =>
    Date.parse(one?.lastTransitionTime ?? '') >= observed.startedAt - 1000
  if (refused && isNews(refused)) {
    const since = observed.signalSince.get(creationKey(creator)) ?? observed.now
    const grace: Severity = { kind: 'grace', afterMs: 15_000 }
    faults.push(creationFault(object, creator, refused.message ?? '', grace, since + 15_000))
  }
  const event = refused ? null : refusedCreation(observed, live)
  if (event) faults.push(creationFault(object, live, event, { kind: 'timeout' }, null))
  const progress = live.status?.conditions?.find(({ type, status }) => type === 'Progressing' && status === 'False')
  const isCurrent = (live.status?.observedGeneration ?? 0) >= (live.metadata.generation ?? 0)
  if (progress?.reason === 'ProgressDeadlineExceeded' && isCurrent && isNews(progress)) {
    faults.push(
      simpleFault(
        object,
        'rollout-stalled',
        'the rollout made no progress within its progressDeadlineSeconds',
        { kind: 'now' },
        0,
      ),
    )
  }
  return faults
}

function creationFault(
  object: WatchedObject,
  creator: Workload | undefined,
  message: string,
  severity: Severity,
  dueAt: number | null,
): Fault {
  const name: FindingClass = /exceeded quota/.test(message)
    ? 'quota-exceeded'
    : /admission webhook|violates PodSecurity|denied the request/.test(message)
      ? 'admission-denied'
      : 'replica-creation'
  return {
    class: name,
    object,
    // The name of a pod that does not exist tells nothing.
    cause: `its pods cannot be created: ${message.replace(/^.*?\bpods "[^"]*" is forbidden: /, '')}`,
    severity,
    count: 1,
    dueAt,
    evidence: (late) => objectEvidence(late, creator?.metadata.uid, message),
  }
}

/** Why pods of a StatefulSet, DaemonSet or Job cannot be created: these tell it by events only; null when the last one could. */
function refusedCreation(observed: Observed, live: Workload): string | null {
  const last = observed.events
    .filter(({ involvedObject }) => involvedObject?.uid === live.metadata.uid)
    .filter(({ reason }) => reason === 'FailedCreate' || reason === 'SuccessfulCreate')
    .sort((a, b) => eventTime(a) - eventTime(b))
    .at(-1)
  const isRefusal = last?.reason === 'FailedCreate' && eventTime(last) >= observed.startedAt - 1000
  return isRefusal ? (last.message ?? '') : null
}

/** The key under which the age of "pods cannot be created" is kept. */
export function creationKey(creator: Workload | undefined): string {
  return `${creator?.metadata.uid}|replica-failure`
}

function podFaults(observed: Observed, object: WatchedObject, options: DiagnosisOptions): Fault[] {
  // Until the controller has seen the change, what is current is still the old.
  if (!object.live || isUnseen(object.live)) return []
  const isJob = object.live.kind === 'Job'
  const { fresh } = ownedPods(observed, object)
  // A pod that has ended, as when its node evicts it, is replaced by another one, which counts instead.
  const isOver = ({ status }: Pod): boolean => status?.phase === 'Failed' || status?.phase === 'Succeeded'
  const pods = fresh.filter((pod) => !pod.metadata.deletionTimestamp && !isOver(pod))
  // A Job's crashes are judged by the Job, a hook that has started by nobody but Helm.
  const judged = object.hookEvents.length > 0 ? pods.filter((pod) => !hasStarted(pod)) : pods
  const byClass = new Map<FindingClass, { pod: Pod; signal: Signal }[]>()
  for (const pod of judged) {
    for (const signal of signalsOf(observed, pod, options)) {
      if (isJob && (signal.class === 'crash-loop' || signal.class === 'not-ready')) continue
      byClass.set(signal.class, [...(byClass.get(signal.class) ?? []), { pod, signal }])
    }
  }
  const lowest = Math.min(...[...byClass.keys()].map((name) => findingClasses.indexOf(name)))
  return (
    [...byClass.entries()]
      // "Not ready" beside a crash of the same workload is the crash seen from afar.
      .filter(([name]) => name !== 'not-ready' || findingClasses.indexOf(name) === lowest)
      .map(([name, seen]) => podFault(observed, object, name, seen, pods))
  )
}

function signalsOf(observed: Observed, pod: Pod, options: DiagnosisOptions): Signal[] {
  const mount = hasStarted(pod) ? null : mountSignal(pod, eventsOf(observed, pod))
  return [...podSignals(pod, options), ...(mount ? [mount] : [])]
}

/** A pod's events, the newest last. */
function eventsOf({ events }: Observed, pod: Pod): KubeEvent[] {
  const own = events.filter(({ involvedObject }) => involvedObject?.uid === pod.metadata.uid)
  return own.sort((a, b) => eventTime(a) - eventTime(b))
}

function podFault(
  observed: Observed,
  object: WatchedObject,
  name: FindingClass,
  seen: readonly { pod: Pod; signal: Signal }[],
  fresh: readonly Pod[],
): Fault {
  const aged = seen
    .map((one) => ({ ...one, dueAt: dueAt(observed, one.signal, one.pod) }))
    .sort((a, b) => (a.dueAt ?? Infinity) - (b.dueAt ?? Infinity))
  const worst = aged[0] as (typeof aged)[number]
  const pods = new Set(seen.map(({ pod }) => pod.metadata.uid))
  const advice = worst.signal.advice
  return {
    class: name,
    object,
    cause: causeOf(observed, worst),
    ...(advice ? { advice } : {}),
    severity: worst.signal.severity,
    count: pods.size,
    dueAt: quorumDue(object, aged, fresh.length),
    evidence: (late) =>
      podEvidence(
        late,
        late.pods.find(({ metadata }) => metadata.uid === worst.pod.metadata.uid) ?? worst.pod,
        worst.signal.container,
      ),
  }
}

/** A verdict needs all new pods, or pods on two nodes, or an ordered rollout, which one pod stops (design decision 3). */
function quorumDue(
  object: WatchedObject,
  aged: readonly { pod: Pod; dueAt: number | null }[],
  fresh: number,
): number | null {
  const due = aged.filter((one): one is { pod: Pod; dueAt: number } => one.dueAt !== null)
  const [first] = due
  if (!first || !object.live) return null
  // A pod that crashed once and runs again does not show what another one cannot get over.
  const showing = new Set(due.map(({ pod }) => pod.metadata.uid)).size
  if (showing >= fresh || isOrdered(object.live)) return first.dueAt
  const second = due.find(({ pod }) => pod.spec?.nodeName && pod.spec.nodeName !== first.pod.spec?.nodeName)
  return second ? second.dueAt : null
}

function dueAt(observed: Observed, signal: Signal, pod: Pod): number | null {
  if (signal.dueAt !== undefined) return signal.dueAt
  switch (signal.severity.kind) {
    case 'now':
      return 0
    case 'timeout':
    case 'information':
      return null
    case 'grace': {
      const firstStart = observed.firstStart.get(`${pod.metadata.uid}/${signal.container}`)
      // A process that never ran has no first start: then the kubelet's own counts.
      const started = firstStart ?? (Date.parse(pod.status?.startTime ?? '') || undefined)
      const since = signal.countsFrom === 'first-start' ? started : observed.signalSince.get(signal.key)
      return (since ?? observed.now) + signal.severity.afterMs
    }
  }
}

/** The signal's own words, or what an event says more of. */
function causeOf(observed: Observed, { pod, signal }: { pod: Pod; signal: Signal }): string {
  if (signal.class === 'not-ready') {
    const text = lastEventMessage(observed, pod, /(Readiness|Startup) probe (failed|errored)/)
    return text ? `container ${signal.container} runs, but never became ready: ${text.trim()}` : signal.cause
  }
  if (signal.class === 'crash-loop') {
    const status = podContainers(pod).find(({ name }) => name === signal.container)?.status
    const exitCode = (status?.state?.terminated ?? status?.lastState?.terminated)?.exitCode
    const killing = lastEventMessage(observed, pod, /^Container \S+ failed (liveness|startup) probe/)
    // 0, KILL or TERM: the end of a container that the kubelet stops.
    const isKilled = killing.startsWith(`Container ${signal.container} `) && [0, 137, 143].includes(exitCode ?? 1)
    const text = isKilled ? lastEventMessage(observed, pod, /(Liveness|Startup) probe (failed|errored)/) : ''
    const times = status ? crashCount(status) : 0
    if (text)
      return `container ${signal.container} was killed ${times === 1 ? 'once' : `${times} times`}: ${text.trim()}`
  }
  return signal.cause
}

function simpleFault(
  object: WatchedObject,
  name: FindingClass,
  cause: string,
  severity: Severity,
  dueAt: number | null = null,
): Fault {
  return {
    class: name,
    object,
    cause,
    severity,
    count: 1,
    dueAt,
    evidence: (observed) => objectEvidence(observed, object.live?.metadata.uid),
  }
}

function layer(fault: Fault): number {
  return findingClasses.indexOf(fault.class)
}
