import type { Pod, Workload } from '../../../src/cluster/types.ts'
import type { Change, ReleaseObject } from '../../../src/health/change.ts'
import type { Recording } from '../../../src/health/recording.ts'

/** When the deploys of these recordings begin, ms since 1970 by the API server, whose clock is not the runner's. */
export const begin = Date.parse('2026-11-22T10:40:00Z')

/** A change so many ms after the beginning. */
type Step = readonly [ms: number, change: Without<Change, 'at'>]
type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never

/** A recording of these steps. */
export function recorded(steps: readonly Step[], endMs: number, changes: Partial<Recording> = {}): Recording {
  return {
    formatVersion: 1,
    options: { crashTolerance: 2, unschedulableGraceMs: null, waitForJobs: false },
    namespace: 'shop',
    chart: 'shop',
    changes: steps.map(([ms, change]) => ({ ...change, at: begin + ms })),
    end: null,
    endedAt: begin + endMs,
    dropped: 0,
    ...changes,
  }
}

/** A deploy of a hook, of a Deployment whose pod crashes, and of a StatefulSet that becomes complete. */
export function recording(): Recording {
  const objects = [
    wanted('Job', 'shop-migrate', ['pre-upgrade']),
    wanted('Deployment', 'shop'),
    wanted('StatefulSet', 'shop-cache'),
  ]
  return recorded(
    [
      [-400, { kind: 'release', objects: objects.slice(1) }],
      [-390, put('Deployment', 'shop', 1, 1)],
      [-380, put('StatefulSet', 'shop-cache', 1, 1)],
      [0, { kind: 'begin' }],
      [300, { kind: 'release', objects }],
      [500, put('Job', 'shop-migrate', 1, 0)],
      [4500, put('Job', 'shop-migrate', 1, 1)],
      [4600, put('Deployment', 'shop', 2, 0)],
      [4650, put('StatefulSet', 'shop-cache', 2, 0)],
      [4700, { kind: 'put', object: replicaSet }],
      [5000, { kind: 'put', object: crashing(0) }],
      [7200, { kind: 'put', object: crashing(1) }],
      [9800, put('StatefulSet', 'shop-cache', 2, 1)],
      [21_000, { kind: 'put', object: crashing(2) }],
      [33_900, { kind: 'put', object: crashing(3) }],
    ],
    34_800,
  )
}

/** An object of the release. */
export function wanted(kind: string, name: string, hookEvents: readonly string[] = []): ReleaseObject {
  const apiVersion = kind === 'Job' ? 'batch/v1' : 'apps/v1'
  const object = { apiVersion, kind, metadata: { name, namespace: 'shop' } }
  return { manifest: { apiVersion, kind, name, namespace: 'shop', object, source: '' }, hookEvents }
}

/** A workload with one replica, of which so many are ready, and one old pod until they are. */
export function put(kind: string, name: string, generation: number, ready: 0 | 1): Without<Change, 'at'> {
  const job = { succeeded: ready, conditions: ready ? [{ type: 'Complete', status: 'True' }] : [] }
  const counts = { replicas: 1, updatedReplicas: ready, readyReplicas: ready, availableReplicas: ready }
  const status =
    kind === 'Job' ? job : { observedGeneration: generation, currentRevision: 'a', updateRevision: 'b', ...counts }
  const metadata = { name, namespace: 'shop', uid: `${kind}/${name}`, generation }
  return { kind: 'put', object: { kind, metadata, spec: { replicas: 1 }, status } }
}

const replicaSet: Workload = {
  kind: 'ReplicaSet',
  metadata: {
    name: 'shop-1',
    namespace: 'shop',
    uid: 'set',
    annotations: { 'deployment.kubernetes.io/revision': '2' },
    ownerReferences: [{ uid: 'Deployment/shop', kind: 'Deployment', name: 'shop' }],
  },
}

function crashing(times: number): Workload {
  const state = { waiting: { reason: times === 0 ? 'ContainerCreating' : 'CrashLoopBackOff', message: '' } }
  const lastState = times === 0 ? {} : { lastState: { terminated: { exitCode: 1, reason: 'Error' } } }
  const restartCount = Math.max(0, times - 1)
  const pod: Pod = {
    kind: 'Pod',
    metadata: {
      name: 'shop-1-x',
      namespace: 'shop',
      uid: 'pod',
      ownerReferences: [{ uid: 'set', kind: 'ReplicaSet', name: 'shop-1' }],
    },
    spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'registry.example/shop:b81e77d' }] },
    status: { phase: 'Running', containerStatuses: [{ name: 'app', restartCount, ready: false, state, ...lastState }] },
  }
  return pod as Workload
}
