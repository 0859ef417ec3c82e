import type { Pod } from '../../cluster/types.ts'
import { podContainers } from '../observed.ts'
import { atTimeout, type ContainerRow, type PodRow } from '../row.ts'

/** Containers that run and are not ready: never a verdict before the timeout, for slow is not broken. */
export const readinessRows: readonly ContainerRow[] = [
  {
    id: 'F08',
    class: 'not-ready',
    sign: 'an init container still runs',
    severity: atTimeout,
    isUsual: true,
    advice: 'See what the init container waits for: a service, a migration, another pod',
    source: 'Kubernetes initContainerStatuses',
    see: ({ name, isInit, spec, status }) =>
      isInit && spec?.restartPolicy !== 'Always' && status.state?.running
        ? { cause: `init container ${name} still runs, and the others wait for its end` }
        : null,
  },
  {
    id: 'G05',
    class: 'not-ready',
    sign: 'running, and its startup probe has not passed',
    severity: atTimeout,
    isUsual: true,
    advice: 'Check path and port of the probe, and give a slow start a higher failureThreshold',
    source: 'Kubernetes containerStatuses[].started',
    see: ({ name, spec, status }) =>
      status.state?.running && !status.ready && status.started === false && spec?.startupProbe
        ? { cause: `container ${name} runs, but is not ready: its startup probe does not pass` }
        : null,
  },
  {
    id: 'G06',
    class: 'not-ready',
    sign: 'running, and its readiness probe does not pass',
    severity: atTimeout,
    isUsual: true,
    advice: 'Check path and port of the probe, and what the container waits for',
    source: 'Kubernetes containerStatuses[].ready',
    see: ({ name, isInit, spec, status }) =>
      status.state?.running && !status.ready && (!isInit || spec?.restartPolicy === 'Always')
        ? { cause: `container ${name} runs, but is not ready: its readiness probe does not pass` }
        : null,
  },
]

/** Pods that are not ready although all their containers are. */
export const gateRows: readonly PodRow[] = [
  {
    id: 'G07',
    class: 'not-ready',
    sign: 'all containers are ready, the pod is not: a readiness gate is not passed',
    severity: atTimeout,
    isUsual: true,
    advice: 'Look at the controller that sets this condition, often that of a load balancer',
    source: 'Kubernetes pod readiness gates',
    see: (pod) => {
      const ready = conditionOf(pod, 'Ready')
      if (ready?.status !== 'False' || ready.reason !== 'ReadinessGatesNotReady') return null
      return { cause: `a readiness gate of the pod is not passed: ${ready.message ?? 'its condition is not true'}` }
    },
  },
]

/** Pods whose node does not begin, without an event that tells why. */
export const creatingRows: readonly PodRow[] = [
  {
    id: 'D03',
    class: 'volume',
    sign: 'assigned to a node, and no container has begun to be made; no event says why',
    severity: atTimeout,
    isUsual: true,
    advice: 'Look at the volumes and the network of the node',
    source: 'Kubernetes ContainerCreating',
    see: (pod) => {
      const waiting = podContainers(pod).filter(({ isInit }) => !isInit)
      const isCreating =
        waiting.length > 0 && waiting.every(({ status }) => status.state?.waiting?.reason === 'ContainerCreating')
      if (!isCreating || conditionOf(pod, 'PodScheduled')?.status !== 'True') return null
      // Newer kubelets say whether the sandbox is made; a missing one is a matter of volumes or of the network.
      if (conditionOf(pod, 'PodReadyToStartContainers')?.status === 'True') return null
      return { cause: 'the node does not get as far as making the containers' }
    },
  },
]

function conditionOf(pod: Pod, type: string) {
  return pod.status?.conditions?.find((one) => one.type === type)
}
