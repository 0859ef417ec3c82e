// A node without a machine: it says that it is ready, and runs the pods that it is given in the status only, well or badly as told.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from './cluster.ts'
import type { KubeObject } from './cluster/api.ts'

/** What a pod shows, so many ms after its node got it. */
export type Behaviour = (ageMs: number, pod: KubeObject) => PodStatus
type ContainerState = { state: object; lastState?: object; ready: boolean; restartCount: number }
export type PodStatus = { phase: string; reason?: string; message?: string; container: ContainerState }
export type FakeNode = { name: string; remove: () => Promise<void> }

const lookMs = 250
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
const iso = (ms = Date.now()): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')

/** Ready at once. */
export const healthy: Behaviour = () => running(true)

/** Ready so many ms after its start. */
export function readyAfter(ms: number): Behaviour {
  return (age) => running(age >= ms)
}

/** Crashes every second until that time, then runs, and is ready so many ms later. */
export function crashesUntil(ms: number, { exitCode = 1, readyAfterMs = 0 } = {}): Behaviour {
  return (age) => {
    const times = Math.floor(Math.min(age, ms) / 1000)
    const reason = exitCode === 0 ? 'Completed' : 'Error'
    const [startedAt, finishedAt] = [iso(Date.now() - 900), iso()]
    const lastState = times > 0 ? { lastState: { terminated: { exitCode, reason, startedAt, finishedAt } } } : {}
    // It runs for a part of each second, as with the shortest back-off that a kubelet can be given.
    const waits = age < ms && age % 1000 >= 400
    const waiting = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 1s restarting failed container' } }
    const { phase, container } = running(age >= ms + readyAfterMs)
    return {
      phase,
      container: { ...container, restartCount: times, ...lastState, ...(waits ? { state: waiting } : {}) },
    }
  }
}

/** Evicts the first pod that it gets, so many ms after its start; the pod stays, as failed. */
export function evictsFirst(afterMs: number, others: Behaviour): Behaviour {
  let first: string | undefined
  return (age, { metadata }) => {
    first ??= metadata.uid
    if (metadata.uid !== first) return others(age, { metadata })
    if (age < afterMs) return running(false)
    const ended = {
      terminated: { exitCode: 137, reason: 'Error', startedAt: iso(Date.now() - age), finishedAt: iso() },
    }
    return {
      phase: 'Failed',
      reason: 'Evicted',
      message: 'The node was low on resource: memory.',
      container: { state: ended, ready: false, restartCount: 0 },
    }
  }
}

/** Makes a node that only pods which tolerate the taint `fake=NAME` come to; it lives until it is removed. */
export async function startFakeNode(cluster: Cluster, name: string, behave: Behaviour): Promise<FakeNode> {
  const path = `/api/v1/nodes/${name}`
  const spec = { taints: [{ key: 'fake', value: name, effect: 'NoSchedule' }] }
  await cluster.create('/api/v1/nodes', { metadata: { name, labels: { 'kubernetes.io/hostname': name } }, spec })
  await cluster.create(leases, { metadata: { name }, spec: leaseOf(name) })
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    lastHeartbeatTime: iso(),
    lastTransitionTime: iso(),
  }
  const room = { cpu: '8', memory: '16Gi', pods: '110' }
  await cluster.patch(`${path}/status`, { status: { conditions: [ready], capacity: room, allocatable: room } })

  const stop = new AbortController()
  const since = new Map<string, number>()
  const work = (async () => {
    for (let round = 0; !stop.signal.aborted; round += 1) {
      if (round % 20 === 0) await cluster.patch(`${leases}/${name}`, { spec: leaseOf(name) })
      const pods = await cluster.list(`/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${name}`)}`)
      await Promise.all(pods.map((pod) => runPod(cluster, pod, behave, since)))
      await sleep(lookMs, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  })()
  return {
    name,
    async remove() {
      stop.abort()
      await work
      await cluster.remove(path)
      await cluster.remove(`${leases}/${name}`)
    },
  }
}

async function runPod(cluster: Cluster, pod: KubeObject, behave: Behaviour, since: Map<string, number>): Promise<void> {
  const { name, namespace, uid = '', deletionTimestamp } = pod.metadata
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`
  if (deletionTimestamp) return cluster.remove(`${path}?gracePeriodSeconds=0`)
  const start = since.get(uid) ?? Date.now()
  since.set(uid, start)
  const { containers } = pod['spec'] as { containers: { name: string; image: string }[] }
  const { container, ...own } = behave(Date.now() - start, pod)
  const isReady = container.ready ? 'True' : 'False'
  const condition = (type: string, status: string): object => ({ type, status, lastTransitionTime: iso() })
  const status = {
    ...own,
    startTime: iso(start),
    conditions: [
      condition('PodScheduled', 'True'),
      condition('Initialized', 'True'),
      condition('ContainersReady', isReady),
      condition('Ready', isReady),
    ],
    containerStatuses: containers.map(({ name: own, image }) => ({
      name: own,
      image,
      imageID: '',
      started: true,
      ...container,
    })),
  }
  // It may be gone by now.
  await cluster.patch(`${path}/status`, { status }).catch(() => undefined)
}

function running(ready: boolean): PodStatus {
  return { phase: 'Running', container: { state: { running: { startedAt: iso() } }, ready, restartCount: 0 } }
}

function leaseOf(name: string): object {
  return { holderIdentity: name, leaseDurationSeconds: 40, renewTime: new Date().toISOString().replace('Z', '000Z') }
}
