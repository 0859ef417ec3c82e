import type { Pod } from '../cluster/types.ts'
import { lastEventMessage, logLines } from './evidence.ts'
import { probeText } from './excerpt.ts'
import type { FindingClass } from './finding.ts'
import { crashCount, podContainers, type Observed, type PodContainer } from './observed.ts'
import { sentence } from './row.ts'
import type { Signal } from './signals.ts'
import { timesText, titleOf } from './table/crashes.ts'

/** What events and logs add to a signal; it changes what is said, never when it is a verdict. */
export interface Refinement {
  readonly id: string
  /** Signals that it is about. */
  readonly class: FindingClass
  readonly sign: string
  readonly advice: string
  readonly source: string
  /** The cause in better words, or the same; null when it does not apply. */
  readonly see: (context: Context) => string | null
}

interface Context {
  readonly observed: Observed
  readonly pod: Pod
  readonly signal: Signal
  readonly container: PodContainer | undefined
  readonly lines: readonly string[]
}

/** The most telling first. */
export const refinements: readonly Refinement[] = [
  {
    id: 'F05',
    class: 'crash-loop',
    sign: 'event Killing: FailedPostStartHook',
    advice: 'Look at the `lifecycle.postStart` command of the container',
    source: 'Kubernetes pkg/kubelet/kuberuntime/kuberuntime_container.go',
    see: failedStartHook,
  },
  {
    id: 'G04',
    class: 'crash-loop',
    sign: 'event: failed liveness probe, will be restarted',
    advice: 'Check path and port of the liveness probe, and give a slow start a startup probe',
    source: 'Kubernetes pkg/kubelet/prober',
    see: (context) => killedBy(context, 'liveness'),
  },
  {
    id: 'G05',
    class: 'crash-loop',
    sign: 'event: failed startup probe, will be restarted',
    advice: 'Check path and port of the startup probe, or give it a higher failureThreshold',
    source: 'Kubernetes pkg/kubelet/prober',
    see: (context) => killedBy(context, 'startup'),
  },
  {
    id: 'E07',
    class: 'crash-loop',
    sign: 'log: exec format error',
    advice: 'Build the image for the architecture of the nodes',
    source: 'GoogleContainerTools/skaffold CONTAINER_EXEC_ERROR',
    see: ({ signal, lines }) =>
      lines.some((line) => /exec format error/i.test(line))
        ? `${signal.cause}: its program is built for another platform (exec format error)`
        : null,
  },
  hint(
    'G11',
    /address already in use|EADDRINUSE/i,
    'log: address already in use',
    'Give the containers of the pod different ports',
  ),
  hint(
    'I14',
    /no such host|NXDOMAIN|EAI_AGAIN|ENOTFOUND|Temporary failure in name resolution/i,
    'log: a host name is not known',
    'Check the host name in the values, and the DNS of the cluster',
  ),
  hint('F06', /read-only file system/i, 'log: read-only file system', 'Mount an emptyDir where the process writes'),
  hint(
    'D10',
    /permission denied|EACCES/i,
    'log: permission denied',
    'Check `runAsUser`, `fsGroup` and the mode of the files',
  ),
  {
    id: 'E04',
    class: 'image-pull',
    sign: 'the registry refuses the credentials of a pod that has pull secrets',
    advice: 'Check what those Secrets hold, and what their account may pull',
    source: 'Kubernetes spec.imagePullSecrets',
    see: ({ signal, pod }) => {
      const names = pullSecrets(pod)
      return signal.id === 'E04' && names.length > 0 ? `${signal.cause} (imagePullSecrets: ${names.join(', ')})` : null
    },
  },
  {
    id: 'E04',
    class: 'image-pull',
    sign: 'the registry refuses a pod that has no pull secrets',
    advice: 'Make a pull secret in this namespace, and name it in `imagePullSecrets` or in the ServiceAccount',
    source: 'Kubernetes spec.imagePullSecrets',
    see: ({ signal, pod }) =>
      signal.id === 'E04' && pullSecrets(pod).length === 0 ? `${signal.cause} (the pod has no imagePullSecrets)` : null,
  },
  {
    id: 'E07',
    class: 'container-start',
    sign: 'the start fails with: exec format error',
    advice: 'Build the image for the architecture of the nodes',
    source: 'containerd and runc error texts',
    see: ({ signal }) => (/exec format error/.test(signal.cause) ? signal.cause : null),
  },
  {
    id: 'G06',
    class: 'not-ready',
    sign: 'event Unhealthy: the answer of the probe',
    advice: 'Check path and port of the probe, and what the container waits for',
    source: 'Kubernetes pkg/kubelet/prober',
    see: ({ observed, pod, signal, container }) => {
      if (signal.id !== 'G05' && signal.id !== 'G06') return null
      const text = lastEventMessage(observed, pod, /(Readiness|Startup) probe (failed|errored)/).trim()
      const probe = signal.id === 'G05' ? container?.spec?.startupProbe : container?.spec?.readinessProbe
      if (text) return `container ${signal.container} runs, but never became ready: ${text}`
      return probe ? `${signal.cause} (${probeText(probe)})` : null
    },
  },
]

/** A signal's cause and advice, in the best words that are known. */
export function refine(
  observed: Observed,
  pod: Pod,
  signal: Signal,
): { readonly cause: string; readonly advice: string } {
  const container = podContainers(pod).find(({ name }) => name === signal.container)
  const lines = signal.container ? logLines(observed, pod, signal.container) : []
  for (const { class: name, see, advice } of refinements) {
    const cause = name === signal.class ? see({ observed, pod, signal, container, lines }) : null
    if (cause !== null) return { cause: sentence(cause), advice }
  }
  return { cause: signal.cause, advice: signal.advice }
}

/** A line of the log that says what to do, but for causes that say it themselves. */
function hint(id: string, pattern: RegExp, sign: string, advice: string): Refinement {
  return {
    id,
    class: 'crash-loop',
    sign,
    advice,
    source: 'the words of common runtimes',
    see: ({ signal, lines }) => (signal.id === 'G01' && lines.some((line) => pattern.test(line)) ? signal.cause : null),
  }
}

/** Those of the ServiceAccount too: the API server writes them into the pod. */
function pullSecrets({ spec }: Pod): string[] {
  return (spec?.imagePullSecrets ?? []).flatMap(({ name }) => name ?? [])
}

/** 0, KILL or TERM: the end of a container that the kubelet stops. */
function wasStopped({ status }: PodContainer): boolean {
  return [0, 137, 143].includes((status.state?.terminated ?? status.lastState?.terminated)?.exitCode ?? 1)
}

/** The kubelet says so by the container's path alone. */
function failedStartHook({ observed, pod, container }: Context): string | null {
  if (!container || !wasStopped(container)) return null
  const killing = (observed.eventsOf.get(pod.metadata.uid ?? '') ?? []).findLast(
    ({ reason, involvedObject }) =>
      reason === 'Killing' && involvedObject?.fieldPath?.endsWith(`{${container.name}}`) === true,
  )
  if (killing?.message !== 'FailedPostStartHook') return null
  const times = timesText(crashCount(container.status)) || ' once'
  return `${titleOf(container)} was killed${times} because its postStart hook failed`
}

function killedBy({ observed, pod, container }: Context, probe: 'liveness' | 'startup'): string | null {
  if (!container || !wasStopped(container)) return null
  const { name, status } = container
  const killing = lastEventMessage(observed, pod, new RegExp(`^Container ${name} failed (liveness|startup) probe`))
  if (!killing.startsWith(`Container ${name} failed ${probe}`)) return null
  const pattern = probe === 'liveness' ? /Liveness probe (failed|errored)/ : /Startup probe (failed|errored)/
  const text = lastEventMessage(observed, pod, pattern).trim()
  const times = timesText(crashCount(status)) || ' once'
  return `${titleOf(container)} was killed${times} by its ${probe} probe${text ? `: ${text.replace(/^(Liveness|Startup) probe (failed|errored): /, '')}` : ''}`
}
