import type { KubeEvent, Pod } from '../cluster/types.ts'
import type { FindingClass, Severity } from './finding.ts'
import { crashCount, eventTime, podContainers, type PodContainer } from './observed.ts'

/** One sign of failure on one pod. `key` stays the same while it is the same fault, so that its age can be told. */
export interface Signal {
  readonly class: FindingClass
  readonly key: string
  readonly container: string | null
  /** What is wrong, without the pod's name; may hold untrusted text. */
  readonly cause: string
  readonly advice?: string
  readonly severity: Severity
  /** The grace counts from here instead of from the first sight: a crash loop's from the container's first start. */
  readonly countsFrom?: 'first-start'
  /** When it is a verdict, ms since 1970, where events tell its age; null: only at the timeout. */
  readonly dueAt?: number | null
}

/** What the table needs to know from the inputs. */
export interface SignalOptions {
  readonly crashTolerance: number
}

interface ContainerFault {
  readonly class: FindingClass
  readonly cause: string
  readonly advice?: string
  readonly severity: Severity
  readonly detail?: string
  readonly countsFrom?: 'first-start'
}

type ContainerRow = (container: PodContainer, options: SignalOptions, pod: Pod) => ContainerFault | null

const seconds = (count: number): Severity => ({ kind: 'grace', afterMs: count * 1000 })

/** Pull errors by their text: what it matches, what it means, and how long it must stand. */
const pullErrors: readonly {
  readonly pattern: RegExp
  readonly why: string
  readonly severity: Severity
  readonly advice: string
}[] = [
  {
    pattern: /not found|manifest unknown|name unknown|repository does not exist/i,
    why: 'does not exist',
    severity: seconds(5),
    advice: 'Check the tag: was this image built and pushed?',
  },
  {
    pattern: /\b40[13]\b|denied|unauthorized|insufficient_scope|no basic auth|authorization failed/i,
    why: 'may not be pulled: the registry refuses the credentials, or wants some',
    severity: seconds(5),
    advice: 'Check `imagePullSecrets` and the rights of its account',
  },
  {
    pattern: /no match for platform|no matching manifest/i,
    why: 'has no variant for the platform of the node',
    severity: seconds(5),
    advice: 'Build the image for the architecture of the nodes',
  },
  {
    // A name server that stumbles once is forgiven: the kubelet's next try comes within this grace.
    pattern: /no such host/i,
    why: 'cannot be pulled: nobody knows the host name of its registry',
    severity: seconds(12),
    advice: 'Check the registry in the image name',
  },
  {
    // Nothing between a node and its own loopback can be slow or lossy: if nobody listens there, waiting does not help.
    pattern: /dial tcp (127\.\d+\.\d+\.\d+|\[::1\]):\d+: connect: connection refused/i,
    why: 'cannot be pulled: no registry answers at that address of the node',
    severity: seconds(10),
    advice: 'Check the registry in the image name',
  },
  {
    pattern: /toomanyrequests|rate limit/i,
    why: 'cannot be pulled: the registry limits the rate',
    severity: seconds(60),
    advice: 'Pull with an account, or through a mirror',
  },
  { pattern: /.?/, why: 'cannot be pulled', severity: seconds(90), advice: 'Check that the nodes reach the registry' },
]

const badName: ContainerRow = ({ name, spec, status }) =>
  status.state?.waiting?.reason === 'InvalidImageName'
    ? {
        class: 'image-name',
        cause: `container ${name}: "${spec?.image ?? status.image}" is not a valid image name`,
        severity: { kind: 'now' },
      }
    : null

const pull: ContainerRow = ({ name, spec, status }) => {
  const waiting = status.state?.waiting
  if (
    !/^(ErrImagePull|ImagePullBackOff|ErrImageNeverPull|RegistryUnavailable|ImageInspectError)$/.test(
      waiting?.reason ?? '',
    )
  )
    return null
  const image = spec?.image ?? status.image ?? ''
  if (waiting?.reason === 'ErrImageNeverPull') {
    const cause = `container ${name}: image ${image} is not on the node, and its pull policy is Never`
    return { class: 'image-pull', cause, severity: { kind: 'now' } }
  }
  const message = waiting?.message ?? ''
  const known = pullErrors.find(({ pattern }) => pattern.test(message))
  // "Back-off pulling image" alone (older kubelets) says nothing: the class stands, its age runs on.
  return {
    class: 'image-pull',
    cause: `container ${name}: image ${image} ${known?.why}`,
    severity: known?.severity ?? seconds(90),
    ...(known ? { advice: known.advice } : {}),
  }
}

const missingConfig: ContainerRow = ({ name, status }) => {
  const waiting = status.state?.waiting
  if (waiting?.reason !== 'CreateContainerConfigError') return null
  const message = waiting.message ?? ''
  // A race of the kubelet's cache that mends itself (kubernetes#74755).
  if (/failed to sync .* cache/i.test(message)) return null
  const absent = /^(secret|configmap) "([^"]+)" not found/i.exec(message)
  if (absent) {
    const kind = absent[1]?.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap'
    return {
      class: 'missing-config',
      cause: `container ${name} needs the ${kind} ${absent[2]}, which does not exist`,
      severity: seconds(45),
      detail: message,
      advice: `Create the ${kind}, or correct its name in the values`,
    }
  }
  const key = /couldn't find key (\S+) in (Secret|ConfigMap) (\S+)/i.exec(message)
  if (key) {
    const owner = (key[3] ?? '').split('/').at(-1)
    return {
      class: 'missing-config',
      cause: `container ${name} needs the key ${key[1]} of the ${key[2]} ${owner}, which has no such key`,
      severity: seconds(45),
      detail: message,
      advice: `Add the key to the ${key[2]}, or correct its name in the values`,
    }
  }
  return {
    class: 'container-start',
    cause: `container ${name} cannot be configured: ${message.replace(/ \(pod: .*\)$/, '')}`,
    severity: seconds(45),
    detail: message,
  }
}

const cannotStart: ContainerRow = ({ name, status }, { crashTolerance }) => {
  const waiting = status.state?.waiting
  const end = status.state?.terminated ?? status.lastState?.terminated
  const isRefused =
    /^(CreateContainerError|RunContainerError|PreCreateHookError|PreStartHookError|PostStartHookError)$/.test(
      waiting?.reason ?? '',
    )
  // The process never ran; between two tries the state is called as in a crash loop, or the end stands there.
  const isNeverRun = !status.state?.running && /^(StartError|ContainerCannotRun)$/.test(end?.reason ?? '')
  if (!isRefused && !isNeverRun) return null
  const message = (isRefused ? waiting?.message : end?.message) || end?.message || waiting?.reason || ''
  const cause = `container ${name} cannot start: ${/\bexec: .*/.exec(message)?.[0].replace(/: unknown$/, '') ?? message}`
  if (!isNeverRun) return { class: 'container-start', cause, severity: seconds(45) }
  const severity: Severity = crashCount(status) > crashTolerance ? seconds(30) : { kind: 'timeout' }
  return { class: 'container-start', cause, severity, countsFrom: 'first-start' }
}

const crashLoop: ContainerRow = ({ name, isInit, spec, status }, { crashTolerance }, pod) => {
  const end = status.state?.terminated ?? status.lastState?.terminated
  const crashes = crashCount(status)
  if (!end || crashes === 0) return null
  const restarts = pod.spec?.restartPolicy ?? 'Always'
  const isSidecar = isInit && spec?.restartPolicy === 'Always'
  if (isInit && !isSidecar && end.exitCode === 0) return null
  if (restarts !== 'Always' && !isSidecar && end.exitCode === 0) return null
  const what = isSidecar ? `sidecar ${name}` : isInit ? `init container ${name}` : `container ${name}`
  const times = crashes === 1 ? '' : ` ${timesText(crashes)}`
  const cause =
    end.reason === 'OOMKilled'
      ? `${what} ran out of memory${times}`
      : `${what} ${endText(end.exitCode, end.reason)}${times}`
  const isOver = crashes > crashTolerance
  // One that failed by itself and is ready now has got over it: slow is not broken. One that was killed (a liveness probe,
  // out of memory) is ready between two kills, so that says nothing.
  const hasRecovered = status.ready === true && ![0, 137, 143].includes(end.exitCode ?? 0)
  const severity: Severity = isOver && !hasRecovered ? seconds(30) : { kind: 'timeout' }
  return {
    class: 'crash-loop',
    cause,
    severity,
    countsFrom: 'first-start',
    ...(end.reason === 'OOMKilled' ? { advice: 'Raise the memory limit, or find the leak' } : {}),
  }
}

function endText(exitCode: number | undefined, reason: string | undefined): string {
  if (exitCode === 0) return 'ended by itself (exit code 0) although it should keep running'
  return reason && reason !== 'Error' && reason !== 'Completed'
    ? `exited with ${exitCode} (${reason})`
    : `exited with ${exitCode}`
}

function timesText(count: number): string {
  return ['', 'once', 'twice', 'three times'][count] ?? `${count} times`
}

const notReady: ContainerRow = ({ name, isInit, spec, status }) => {
  if (isInit || status.ready || !status.state?.running) return null
  const probe = status.started === false && spec?.startupProbe ? 'startup probe' : 'readiness probe'
  return {
    class: 'not-ready',
    cause: `container ${name} runs, but is not ready: its ${probe} does not pass`,
    severity: { kind: 'timeout' },
  }
}

/** A new signal of a container is one row here and one fixture. The first row that applies wins, lowest layer first. */
const containerRows: readonly ContainerRow[] = [badName, pull, missingConfig, cannotStart, crashLoop, notReady]

function unschedulable(pod: Pod): Signal | null {
  const condition = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')
  if (condition?.status !== 'False' || condition.reason !== 'Unschedulable') return null
  // What the scheduler says of preemption is of no use to those who deploy.
  const why = (condition.message ?? '')
    .replace(/\s*(no new claims to deallocate, )?preemption: .*$/s, '')
    .replace(/\.$/, '')
  return {
    class: 'unschedulable',
    key: signalKey(pod, 'unschedulable', ''),
    container: null,
    cause: `no node can take the pod: ${why}`,
    severity: { kind: 'timeout' },
  }
}

function signalKey(pod: Pod, name: string, detail: string): string {
  return [pod.metadata.uid ?? pod.metadata.name, name, detail].join('|')
}

/** All signs of failure on a pod, the gravest of each container; none for a pod that is being deleted. */
export function podSignals(pod: Pod, options: SignalOptions): Signal[] {
  if (pod.metadata.deletionTimestamp) return []
  const found: Signal[] = []
  const scheduling = unschedulable(pod)
  if (scheduling) found.push(scheduling)
  for (const container of podContainers(pod)) {
    for (const row of containerRows) {
      const fault = row(container, options, pod)
      if (!fault) continue
      const { detail, ...rest } = fault
      found.push({
        ...rest,
        key: signalKey(pod, `${container.name}|${fault.class}`, detail ?? ''),
        container: container.name,
      })
      break
    }
  }
  return found
}

const mountGraceMs = 45_000

/**
 * Volumes that cannot be mounted: a pod's status does not tell why, so this comes from its events, newest last. What is
 * missing may still come, and the kubelet looks for it ever more rarely: a verdict takes a try that failed after the grace.
 */
export function mountSignal(pod: Pod, events: readonly KubeEvent[]): Signal | null {
  const failed = events.findLast(({ reason }) => reason === 'FailedMount' || reason === 'FailedAttachVolume')
  const message = failed?.message ?? ''
  if (!failed || /failed to sync .* cache/i.test(message)) return null
  const key = signalKey(pod, 'volume', message)
  const volume = /for volume "([^"]+)"/.exec(message)?.[1]
  const what = volume ? `volume ${volume}` : 'a volume'
  const absent = /\b(secret|configmap) "([^"]+)" not found/i.exec(message)
  const absentKey = /references non-existent (secret|config) key: (\S+)/.exec(message)
  if (!absent && !absentKey) {
    const cause = `${what} cannot be mounted: ${message}`
    return { class: 'volume', key, container: null, cause, severity: { kind: 'timeout' } }
  }
  const kind = (absent ?? absentKey)?.[1]?.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap'
  const cause = absent
    ? `${what} needs the ${kind} ${absent[2]}, which does not exist`
    : `${what} needs the key ${absentKey?.[2]} of a ${kind} that has no such key`
  const advice = absent
    ? `Create the ${kind}, or correct its name in the values`
    : `Add the key to the ${kind}, or correct its name in the values`
  const last = eventTime(failed)
  const isOld = last - (Date.parse(failed.firstTimestamp ?? '') || last) >= mountGraceMs
  const severity: Severity = { kind: 'grace', afterMs: mountGraceMs }
  return { class: 'missing-config', key, container: null, cause, severity, advice, dueAt: isOld ? last : null }
}
