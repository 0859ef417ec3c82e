import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import type { ContainerStatus, Pod, Workload } from '../../../src/cluster/types.ts'
import type { Sights, WatchedObject } from '../../../src/health/observed.ts'
import { remarkRows, remarks } from '../../../src/health/remarks.ts'
import { at, crashed, ended, observed, pod, replicaSet, watched, workload } from './builders.ts'

/** What is remarked, without the advice. */
function told(parts: Partial<Sights>): string[] {
  return remarks(observed(parts)).map((one) => one.split('. ')[0] ?? '')
}
const of = (live: Workload, parts: Partial<Sights> = {}, more: Partial<WatchedObject> = {}): string[] =>
  told({ objects: [watched(live, more)], ...parts })

/** An object of the release that nobody watches, as its manifest has it. */
function unwatched(kind: string, spec: object): WatchedObject {
  const object = { kind, metadata: { name: 'web' }, spec }
  const manifest = { apiVersion: 'v1', kind, name: 'web', namespace: 'shop', source: '', object }
  return { manifest, live: null, hookEvents: [], isNew: false, changedAt: null, wasDeleted: false }
}

const failed = (status: string) => ({ conditions: [{ type: 'Failed', status, reason: 'BackoffLimitExceeded' }] })
const oldPod = pod('old', {}, { owner: 'DaemonSet-uid', labels: { 'pod-template-generation': '1' } })
const newPod = pod('new', {}, { owner: 'DaemonSet-uid', labels: { 'pod-template-generation': '2' } })
const daemon = (type: string): Workload =>
  workload('DaemonSet', {
    metadata: { name: 'web', annotations: { 'deprecated.daemonset.template.generation': '2' } },
    spec: { updateStrategy: { type } },
    status: { observedGeneration: 2, desiredNumberScheduled: 1 },
  })

/** A Service with that named port, and pods of which one has the port `http`. */
function leadingTo(targetPort: string): Partial<Sights> {
  const base = pod('a', {}, { labels: { app: 'web' } })
  const containers = [{ name: 'proxy' }, { name: 'app', ports: [{}, { name: 'http' }] }]
  const one = { ...base, metadata: { ...base.metadata, namespace: 'shop' }, spec: { containers } }
  const ports = [{ targetPort: 8080 }, {}, { targetPort }]
  return {
    objects: [watched(workload('Deployment'))],
    pods: [one],
    others: [unwatched('Service', { selector: { app: 'web' }, ports })],
  }
}

const backend = (port: object, name = 'web') => ({ service: { name, port } })
const pathsTo = (...backends: object[]) => ({
  rules: [{}, { http: {} }, { http: { paths: backends.map((one) => ({ backend: one })) } }],
})
/** An Ingress, and a Service that has the port 80 by the name `http`. */
const routed = (spec: object): WatchedObject[] => [
  unwatched('Service', { ports: [{ name: 'http', port: 80 }] }),
  unwatched('Ingress', spec),
]
/** A Deployment with a pod `app: web`, and a disruption budget. */
function protectedBy(selector: object | undefined): string[] {
  const base = pod('a', {}, { labels: { app: 'web' } })
  const one = { ...base, metadata: { ...base.metadata, namespace: 'shop' } }
  const others = [unwatched('PodDisruptionBudget', { selector })]
  return told({ objects: [watched(workload('Deployment'))], pods: [one], others })
}

function certificate(ready: string): WatchedObject {
  const conditions = [{ type: 'Ready', status: ready, reason: 'Pending', lastTransitionTime: at(2) }]
  return watched({ ...workload('Certificate', { status: { conditions } }), apiVersion: 'cert-manager.io/v1' })
}

/** Each with the nearest case that is none. */
const cases: readonly {
  readonly of: string
  readonly seen: string[]
  readonly not: string[]
  readonly says: string
}[] = [
  {
    of: 'a Deployment that is paused',
    seen: of(workload('Deployment', { spec: { paused: true } })),
    not: of(workload('Deployment', { spec: { paused: false } })),
    says: 'Deployment/web: it is paused, so nothing of it rolls out',
  },
  {
    of: 'a Deployment without replicas',
    seen: of(workload('Deployment', { spec: { replicas: 0 } })),
    not: of(workload('Deployment', { spec: {} })),
    says: 'Deployment/web: it is scaled to 0, so nothing of it runs',
  },
  {
    of: 'a StatefulSet without replicas',
    seen: of(workload('StatefulSet', { spec: { replicas: 0 } })),
    not: of(workload('StatefulSet', { spec: { replicas: 1 } })),
    says: 'StatefulSet/web: it is scaled to 0, so nothing of it runs',
  },
  {
    of: 'a DaemonSet that fits no node',
    seen: of(workload('DaemonSet', { status: { observedGeneration: 2, desiredNumberScheduled: 0 } })),
    not: of(workload('DaemonSet', { status: { desiredNumberScheduled: 0 } })),
    says: 'DaemonSet/web: it fits no node, so nothing of it runs',
  },
  {
    of: 'old pods that nobody deletes',
    seen: of(daemon('OnDelete'), { pods: [oldPod] }),
    not: of(daemon('RollingUpdate'), { pods: [oldPod] }),
    says: 'DaemonSet/web: its update strategy is OnDelete, so old pods stay until somebody deletes them',
  },
  {
    of: 'a Job that is suspended',
    seen: of(workload('Job', { spec: { suspend: true } })),
    not: of(workload('Job', { spec: { suspend: false } })),
    says: 'Job/web: it is suspended, so it does not run',
  },
  {
    of: 'a CronJob that is suspended, by its manifest',
    seen: told({ others: [unwatched('CronJob', { suspend: true })] }),
    not: told({ others: [unwatched('CronJob', {})] }),
    says: 'CronJob/web: it is suspended, so it does not run',
  },
  {
    of: 'a Job that has failed',
    seen: of(workload('Job', { status: failed('True') }), {}, { isNew: true }),
    not: of(workload('Job', { status: failed('False') }), {}, { isNew: true }),
    says: 'Job/web: it has failed meanwhile',
  },
  {
    of: 'a Service that selects nothing',
    seen: told({
      objects: [watched(workload('Deployment'))],
      others: [unwatched('Service', { selector: { app: 'wbe' } })],
    }),
    not: told({ objects: [], others: [unwatched('Service', { selector: { app: 'wbe' } })] }),
    says: 'Service/web: it selects no pod, so nobody answers there',
  },
  {
    of: 'a Service whose port leads nowhere',
    seen: told(leadingTo('htpt')),
    not: told(leadingTo('http')),
    says: 'Service/web: it leads to the container port "htpt", which no container of its pods has',
  },
  {
    of: 'an Ingress whose default backend is a port that its Service does not have',
    seen: told({ others: routed({ defaultBackend: backend({ number: 81 }) }) }),
    not: told({ others: routed({ defaultBackend: backend({ number: 80 }) }) }),
    says: 'Ingress/web: it leads to the port 81 of Service web, which that Service does not have',
  },
  {
    of: 'an Ingress of which one path leads to a port by a name that its Service does not have',
    seen: told({ others: routed(pathsTo(backend({ name: 'http' }), backend({ name: 'htpt' }))) }),
    not: told({ others: routed(pathsTo(backend({ name: 'http' }), backend({ name: 'htpt' }, 'of-somebody-else'))) }),
    says: 'Ingress/web: it leads to the port htpt of Service web, which that Service does not have',
  },
  {
    of: 'a disruption budget that selects nothing',
    seen: protectedBy({ matchLabels: { app: 'wbe' } }),
    not: [
      ...protectedBy({ matchLabels: { app: 'web' } }),
      ...protectedBy({ matchLabels: { app: 'wbe' }, matchExpressions: [{ key: 'tier', operator: 'Exists' }] }),
      ...protectedBy(undefined),
    ],
    says: 'PodDisruptionBudget/web: it selects no pod, so it protects nothing',
  },
  {
    of: 'a custom resource that is not ready, although Helm succeeds',
    seen: told({ others: [certificate('False')] }),
    not: told({ others: [certificate('True')] }),
    says: 'Certificate/web: Ready is False: Pending',
  },
  {
    of: 'containers that have crashed on the way',
    seen: of(workload('Deployment'), { pods: [pod('a', crashed(1, 'running'))] }),
    not: of(workload('Deployment'), { pods: [pod('a', { state: { running: {} } })] }),
    says: 'Deployment/web: container app of pod a has crashed once on the way',
  },
]

for (const { of: name, seen, not, says } of cases) {
  test(name, () => {
    assert.deepEqual(seen, [says])
    assert.deepEqual(not, [])
  })
}

test('each remark is seen', () => {
  const unseen = new Set(remarkRows.map(({ id, sign }) => `${id} ${sign}`))
  const watching = remarkRows.map((row) => ({ row, calls: mock.method(row, 'see').mock }))
  remarks(observed({ objects: all, pods: [oldPod, pod('a', crashed(1, 'running'))] }))
  remarks(observed(leadingTo('htpt')))
  remarks(observed({ others: routed({ defaultBackend: backend({ number: 81 }) }) }))
  for (const { row, calls } of watching)
    if (calls.calls.some(({ result }) => result !== null)) unseen.delete(`${row.id} ${row.sign}`)
  mock.restoreAll()
  assert.deepEqual([...unseen], [])
})

const all: readonly WatchedObject[] = [
  watched(workload('Deployment', { spec: { paused: true, replicas: 1 } })),
  watched(workload('StatefulSet', { spec: { replicas: 0 } })),
  watched(workload('DaemonSet', { status: { observedGeneration: 2, desiredNumberScheduled: 0 } })),
  watched(daemon('OnDelete')),
  watched(workload('Job', { spec: { suspend: true }, status: failed('True') }), { isNew: true }),
  unwatched('Service', { selector: { app: 'wbe' } }),
  unwatched('PodDisruptionBudget', { selector: { matchLabels: { app: 'wbe' } } }),
]

test('a remark ends with what to do', () => {
  assert.deepEqual(remarks(observed({ objects: [watched(workload('Deployment', { spec: { replicas: 0 } }))] })), [
    'Deployment/web: it is scaled to 0, so nothing of it runs. Set `replicas` above 0, unless nothing should run',
  ])
})

test('hooks are not remarked on, and a Job of an earlier deploy neither', () => {
  const job = workload('Job', { status: failed('True') })
  assert.deepEqual(of(job, {}, { isNew: true, hookEvents: ['post-upgrade'] }), [])
  assert.deepEqual(of(job, {}, { isNew: false }), [])
  assert.deepEqual(of(workload('Job', { status: { conditions: [] } }), {}, { isNew: true }), [])
})

test('an object that does not exist is not remarked on', () => {
  assert.deepEqual(
    told({ objects: ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'].map((kind) => unwatched(kind, {})) }),
    [],
  )
})

test('OnDelete is remarked on only where old pods are left', () => {
  assert.deepEqual(of(daemon('OnDelete'), { pods: [newPod] }), [])
  assert.deepEqual(of(daemon('OnDelete'), { pods: [oldPod, newPod] }).length, 1)
})

const labelled = (labels: Record<string, string>, metadata: Partial<Pod['metadata']> = {}): Pod => {
  const base = pod('a', {}, { labels })
  return { ...base, metadata: { ...base.metadata, namespace: 'shop', ...metadata } }
}
const selecting = (spec: object, objects: readonly WatchedObject[], pods: readonly Pod[]): number =>
  told({ objects, pods, others: [unwatched('Service', spec)] }).filter((one) => one.startsWith('Service/')).length

test('a Service selects a pod that has all its labels, is in its namespace and is not being deleted', () => {
  const web = [watched(workload('Deployment'))]
  const selector = { app: 'web', tier: 'front' }
  assert.equal(selecting({ selector }, web, [labelled({ app: 'web', tier: 'front', more: 'x' })]), 0)
  assert.equal(selecting({ selector }, web, [labelled({ app: 'web' })]), 1)
  assert.equal(selecting({ selector }, web, [labelled(selector, { namespace: 'other' })]), 1)
  assert.equal(selecting({ selector }, web, [labelled(selector, { deletionTimestamp: '2026-11-22T10:00:00Z' })]), 1)
  assert.equal(selecting({ selector }, web, [labelled({}), labelled(selector)]), 0)
})

test('a Service that need not select anything is not remarked on', () => {
  const web = [watched(workload('Deployment'))]
  assert.equal(selecting({}, web, []), 0)
  assert.equal(selecting({ selector: {} }, web, []), 0)
  assert.equal(selecting({ type: 'ExternalName', selector: { app: 'x' } }, web, []), 0)
})

test('a Service is judged only where the release has pods that run', () => {
  const selector = { app: 'x' }
  const replicas = (count: number) => [watched(workload('Deployment', { spec: { replicas: count } }))]
  assert.equal(selecting({ selector }, replicas(0), []), 0)
  assert.equal(selecting({ selector }, replicas(1), []), 1)
  assert.equal(selecting({ selector }, [watched(workload('Job'))], []), 0)
  assert.equal(selecting({ selector }, [watched(workload('DaemonSet', { spec: {} }))], []), 1)
  assert.equal(selecting({ selector }, [watched(workload('Deployment'), { hookEvents: ['test'] })], []), 0)
  const elsewhere = watched(workload('Deployment'))
  const moved = { ...elsewhere, manifest: { ...elsewhere.manifest, namespace: 'other' } }
  assert.equal(selecting({ selector }, [moved], []), 0)
})

const crashes = (...pods: Pod[]): string[] => of(workload('Deployment'), { pods })

test('of containers that have crashed the worst is told', () => {
  const sidecar = { name: 'proxy', ...crashed(3, 'running') }
  const base = pod('b', crashed(2, 'running'))
  const two = {
    ...base,
    status: { ...base.status, containerStatuses: [...(base.status?.containerStatuses ?? []), sidecar] },
  }
  assert.deepEqual(crashes(pod('a', crashed(2, 'running')), two), [
    'Deployment/web: container proxy of pod b has crashed three times on the way',
  ])
  assert.deepEqual(crashes(pod('a', crashed(2, 'running'))), [
    'Deployment/web: container app of pod a has crashed twice on the way',
  ])
})

test('crashes of pods that are deleted, of before, or of old revisions are not of this deploy', () => {
  const base = pod('a', crashed(2))
  assert.deepEqual(crashes({ ...base, metadata: { ...base.metadata, deletionTimestamp: '2026-11-22T10:00:00Z' } }), [])
  assert.deepEqual(of(workload('Deployment'), { pods: [base], podsBefore: new Set(['a']) }), [])
  const replicaSets = [replicaSet(1, 'old-set'), replicaSet(2)]
  assert.deepEqual(of(workload('Deployment'), { replicaSets, pods: [pod('a', crashed(2), { owner: 'old-set' })] }), [])
})

test('an init container that ended has not crashed, one that was tried again has, and so has a sidecar', () => {
  const withInit = (status: Partial<ContainerStatus>, restartPolicy?: string): Pod => ({
    ...pod('a', {}, { spec: { initContainers: [{ name: 'init', ...(restartPolicy ? { restartPolicy } : {}) }] } }),
    status: { initContainerStatuses: [{ name: 'init', ...status }] },
  })
  const done = { restartCount: 0, state: ended(0, 'Completed') }
  assert.deepEqual(crashes(withInit(done)), [])
  assert.match(
    crashes(withInit({ ...done, restartCount: 1 }))[0] ?? '',
    /: init container init of pod a has crashed twice/,
  )
  assert.match(crashes(withInit(done, 'Always'))[0] ?? '', /: sidecar init of pod a has crashed once/)
})

test('a Service without pods, or with ports by number, leads nowhere wrong', () => {
  const { objects = [], others = [], pods = [] } = leadingTo('htpt')
  assert.deepEqual(told({ objects, others }), ['Service/web: it selects no pod, so nobody answers there'])
  const numbers = [unwatched('Service', { selector: { app: 'web' }, ports: [{ targetPort: 80 }, {}] })]
  assert.deepEqual(told({ objects, pods, others: numbers }), [])
  assert.deepEqual(told({ objects, pods, others: [unwatched('Service', { ports: [{ targetPort: 'htpt' }] })] }), [])
})
