import type { ContainerState, ContainerStatus, KubeEvent, Pod, Workload } from '../../../src/cluster/types.ts'
import { indexed } from '../../../src/health/observed.ts'
import type { Observed, Sights, WatchedObject } from '../../../src/health/observed.ts'

/** When the deploys of these tests begin. */
export const start = Date.parse('2026-11-22T10:00:00Z')

/** A time so many seconds after the beginning. */
export const at = (seconds: number): string => new Date(start + seconds * 1000).toISOString()

export function observed(parts: Partial<Sights> & { readonly seconds?: number } = {}): Observed {
  const { seconds = 60, ...rest } = parts
  return indexed({
    startedAt: start,
    now: start + seconds * 1000,
    objects: [],
    others: [],
    replicaSets: [replicaSet()],
    pods: [],
    events: [],
    gone: new Map(),
    podsBefore: new Set(),
    signalSince: new Map(),
    firstStart: new Map(),
    appeared: new Map(),
    logs: new Map(),
    ...rest,
  })
}

export function watched(live: Workload | null, parts: Partial<WatchedObject> = {}): WatchedObject {
  const { kind = 'Deployment', apiVersion = 'apps/v1', metadata } = live ?? { metadata: { name: 'web' } }
  const object = { apiVersion, kind, name: metadata.name, namespace: 'shop', object: { kind, metadata }, source: '' }
  return { manifest: object, live, hookEvents: [], isNew: false, changedAt: start, wasDeleted: false, ...parts }
}

export function workload(kind: string, parts: Partial<Workload> = {}): Workload {
  const { metadata, ...rest } = parts
  return {
    kind,
    metadata: { name: 'web', namespace: 'shop', uid: `${kind}-uid`, generation: 2, ...metadata },
    spec: { replicas: 2 },
    ...(kind === 'Job' || kind === 'Pod' ? {} : { status: { observedGeneration: 2 } }),
    ...rest,
  }
}

export function replicaSet(revision = 2, uid = 'set-uid', owner = 'Deployment-uid'): Workload {
  return {
    kind: 'ReplicaSet',
    metadata: {
      name: uid,
      uid,
      annotations: { 'deployment.kubernetes.io/revision': String(revision) },
      ownerReferences: [{ uid: owner, kind: 'Deployment', name: 'web' }],
    },
  }
}

/** A pod of the newest ReplicaSet with one container `app` in that state. */
export function pod(name: string, status: Partial<ContainerStatus>, parts: PodParts = {}): Pod {
  const { owner = 'set-uid', node = 'node-a', restartPolicy = 'Always', labels, phase = 'Running', ...rest } = parts
  return {
    kind: 'Pod',
    metadata: {
      name,
      uid: name,
      ownerReferences: [{ uid: owner, kind: 'X', name: 'x' }],
      ...(labels ? { labels } : {}),
    },
    spec: { nodeName: node, restartPolicy, containers: [{ name: 'app', image: 'registry.example/app:1' }] },
    status: { phase, containerStatuses: [{ name: 'app', restartCount: 0, ...status }] },
    ...rest,
  }
}

interface PodParts extends Partial<Pick<Pod, 'spec'>> {
  readonly owner?: string
  readonly node?: string
  readonly restartPolicy?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly phase?: string
}

export const waiting = (reason: string, message = ''): Pick<ContainerStatus, 'state'> => ({
  state: { waiting: { reason, message } },
})

export const ended = (exitCode: number, reason = 'Error'): ContainerState => ({ terminated: { exitCode, reason } })

/** A container that has crashed so often, in one of the shapes in which a kubelet shows it. */
export function crashed(
  times: number,
  shape: 'back-off' | 'terminated' | 'running' = 'back-off',
  exitCode = 1,
): Partial<ContainerStatus> {
  if (shape === 'terminated') return { restartCount: times - 1, state: ended(exitCode) }
  if (shape === 'running')
    return { restartCount: times, ready: false, state: { running: { startedAt: at(1) } }, lastState: ended(exitCode) }
  return {
    restartCount: times - 1,
    ...waiting('CrashLoopBackOff', 'back-off 10s restarting'),
    lastState: ended(exitCode),
  }
}

export function event(
  about: string,
  reason: string,
  message: string,
  seconds: number,
  parts: Partial<KubeEvent> = {},
): KubeEvent {
  return {
    metadata: { name: `${about}.${reason}.${seconds}` },
    involvedObject: { uid: about },
    reason,
    message,
    count: 1,
    firstTimestamp: at(seconds),
    lastTimestamp: at(seconds),
    ...parts,
  }
}
