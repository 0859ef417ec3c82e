import { refText, toRef } from '../cluster/manifest.ts'
import type { KubeEvent, Pod } from '../cluster/types.ts'
import { containerExcerpt, podExcerpt } from './excerpt.ts'
import type { Evidence, EventLine } from './finding.ts'
import { containerKey, crashCount, eventTime, podContainers, type Observed, type PodContainer } from './observed.ts'

const maxEvents = 5
const maxLogLines = 25
/** Events of a rollout that goes well: noise beside a fault. */
const ordinaryReasons = new Set([
  'Started',
  'Created',
  'SuccessfulCreate',
  'Scheduled',
  'Pulling',
  'Pulled',
  'ScalingReplicaSet',
  'SuccessfulDelete',
])

/** Gathers what proves a fault of a pod: status, events since the deploy began, the failed container's log, what pod and container ask for. */
export function podEvidence(observed: Observed, pod: Pod, containerName: string | null): Evidence {
  const container = podContainers(pod).find(({ name }) => name === containerName)
  const logs = containerName ? logLines(observed, pod, containerName) : []
  const decisive = decisiveLine(logs)
  const message = container ? container.status.state?.waiting?.message : podFacts(pod)['PodScheduled']
  return {
    object: { kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: pod.metadata.name },
    ...(containerName ? { container: containerName } : {}),
    ...(pod.spec?.nodeName ? { node: pod.spec.nodeName } : {}),
    status: container ? containerFacts(container) : podFacts(pod),
    events: eventLines(observed, new Set([pod.metadata.uid ?? '', ...claimsOf(observed, pod)])),
    logs,
    ...(decisive ? { decisiveLine: decisive } : {}),
    ...(message && !decisive ? { message } : {}),
    excerpt: container ? containerExcerpt(container.spec) : podExcerpt(pod),
  }
}

/** The uids of a pod's volume claims of which events tell. */
function claimsOf({ claimEvents }: Observed, { metadata, spec }: Pod): string[] {
  return (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) =>
    (claimEvents.get(`${metadata.namespace}/${claim?.claimName}`) ?? []).map(
      (event) => event.involvedObject?.uid ?? '-',
    ),
  )
}

/** Evidence that is only an object's own events, for faults that have no pod. */
export function objectEvidence(observed: Observed, uid: string | undefined, message?: string): Evidence {
  const events = eventLines(observed, new Set([uid ?? '']))
  return { status: {}, events, logs: [], excerpt: {}, ...(message ? { message } : {}) }
}

/** The last lines of a container's log that this run kept, at most 25. */
export function logLines(observed: Observed, pod: Pod, container: string): readonly string[] {
  return (observed.logs.get(containerKey(pod, container)) ?? []).slice(-maxLogLines)
}

// From the surest word of a cause to the weakest.
const decisivePatterns = [
  /\b(FATAL|PANIC|CRITICAL)\b|^panic:|\bfatal error\b/i,
  /\b\w*(Exception|Error)\b\s*[:(]|\berror\b/i,
  /\b(denied|refused|failed|failure|cannot|could not|unable to|not found|no such|already in use|missing|invalid|unauthorized|timed? ?out)\b/i,
]

/** Whether a log has a line that sounds like a fault. */
export function tellsFault(lines: readonly string[]): boolean {
  return lines.some((line) => decisivePatterns.some((pattern) => pattern.test(line)))
}

/** The line of a log that looks like the cause: the last one with the gravest word, else the last that is not empty. */
export function decisiveLine(lines: readonly string[]): string | null {
  for (const pattern of decisivePatterns) {
    const found = lines.findLast((line) => pattern.test(line))
    if (found) return found.trim()
  }
  return lines.findLast((line) => line.trim() !== '')?.trim() ?? null
}

function containerFacts({ status }: PodContainer): Record<string, string> {
  const facts: Record<string, string> = {}
  const end = status.state?.terminated ?? status.lastState?.terminated
  const waiting = status.state?.waiting
  if (waiting?.reason) facts['waiting'] = waiting.message ? `${waiting.reason}: ${waiting.message}` : waiting.reason
  if (end?.exitCode !== undefined) facts['exit code'] = String(end.exitCode)
  if (end?.reason) facts['reason'] = end.reason
  if (end?.message) facts['termination message'] = end.message
  if (crashCount(status) > 0) facts['crashes'] = String(crashCount(status))
  if (status.restartCount) facts['restarts'] = String(status.restartCount)
  if (status.state?.running) facts['running since'] = status.state.running.startedAt ?? ''
  return facts
}

function podFacts(pod: Pod): Record<string, string> {
  const facts: Record<string, string> = { phase: pod.status?.phase ?? 'unknown' }
  for (const { type, status, message } of pod.status?.conditions ?? [])
    if (status === 'False' && message) facts[type] = message
  return facts
}

function eventLines(observed: Observed, uids: ReadonlySet<string>): EventLine[] {
  const folded = new Map<string, { event: KubeEvent; count: number; at: number }>()
  for (const event of observed.events) {
    if (!uids.has(event.involvedObject?.uid ?? '-') || ordinaryReasons.has(event.reason ?? '')) continue
    const at = eventTime(event)
    // A list that is read anew brings old ones again; event times are whole seconds.
    if (at < observed.startedAt - 1000) continue
    // Each try to create a pod bears another name, each sandbox another id.
    const key = `${event.reason}|${event.message?.replace(/pods "[^"]*"|sandbox "[0-9a-f]*"/, '')}`
    const count = event.series?.count ?? event.count ?? 1
    const known = folded.get(key)
    folded.set(key, { event, count: count + (known?.count ?? 0), at: Math.max(at, known?.at ?? at) })
  }
  return [...folded.values()]
    .sort((a, b) => a.at - b.at)
    .slice(-maxEvents)
    .map(({ event, count, at }) => ({
      reason: event.reason ?? '',
      message: event.message ?? '',
      count,
      atSeconds: Math.round((at - observed.startedAt) / 1000),
    }))
}

/** The text of the newest event with that reason about a pod; empty when there is none. */
export function lastEventMessage(observed: Observed, pod: Pod, pattern: RegExp): string {
  const about = observed.events.filter(
    ({ involvedObject, message }) => involvedObject?.uid === pod.metadata.uid && pattern.test(message ?? ''),
  )
  return about.sort((a, b) => eventTime(a) - eventTime(b)).at(-1)?.message ?? ''
}

/** A short name for an object in a log line: `Deployment/shop`. */
export function objectText(object: {
  readonly kind: string
  readonly name: string
  readonly namespace: string
}): string {
  return refText(toRef(object))
}
