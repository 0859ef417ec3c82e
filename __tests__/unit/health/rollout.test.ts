import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Workload } from '../../../src/cluster/types.ts'
import { isOrdered, newestReplicaSet, ownedPods } from '../../../src/health/ownership.ts'
import { rollout, stateOf } from '../../../src/health/rollout.ts'
import { at, observed, pod, replicaSet, watched, workload } from './builders.ts'

function told(kind: string, spec: Workload['spec'], status: Workload['status'], waitForJobs = false): string {
  const { done, failed, message } = rollout(
    workload(kind, { ...(spec ? { spec } : {}), ...(status ? { status } : {}) }),
    waitForJobs,
  )
  return `${done ? 'done' : failed ? 'failed' : 'open'}: ${message}`
}

test('a Deployment is done when all new pods serve and no old one is left', () => {
  const told2 = (status: Workload['status']) =>
    told('Deployment', { replicas: 2 }, { observedGeneration: 2, ...status })
  assert.equal(told2({}), 'open: 0 of 2 new pods started')
  assert.equal(told2({ replicas: 3, updatedReplicas: 1, availableReplicas: 2 }), 'open: 1 of 2 new pods started')
  assert.equal(told2({ replicas: 2, updatedReplicas: 2, availableReplicas: 1 }), 'open: 1 of 2 pods ready')
  assert.equal(told2({ replicas: 3, updatedReplicas: 2, availableReplicas: 2 }), 'open: 1 old pods still end')
  assert.equal(told2({ replicas: 2, updatedReplicas: 2, availableReplicas: 2 }), 'done: 2 of 2 ready')
})

test('what Helm takes for done is not: replicas less maxUnavailable', () => {
  const status = { observedGeneration: 2, replicas: 4, updatedReplicas: 4, availableReplicas: 3 }
  assert.equal(told('Deployment', { replicas: 4 }, status), 'open: 3 of 4 pods ready')
})

test('a status of before the change says nothing', () => {
  const old = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2, readyReplicas: 2 }
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet']) {
    assert.equal(told(kind, { replicas: 2 }, old), 'open: the controller has not seen the change yet')
  }
})

test('none wanted is done, and so is a paused Deployment', () => {
  assert.equal(told('Deployment', { replicas: 0 }, { observedGeneration: 2 }), 'done: 0 of 0 ready')
  assert.match(
    told('Deployment', { replicas: 2, paused: true }, { observedGeneration: 2 }),
    /^done: the Deployment is paused/,
  )
  assert.equal(told('StatefulSet', { replicas: 0 }, { observedGeneration: 2 }), 'done: 0 of 0 ready')
  assert.equal(told('DaemonSet', {}, { observedGeneration: 2, desiredNumberScheduled: 0 }), 'done: 0 of 0 ready')
})

test('one replica is wanted when none is written', () => {
  assert.equal(told('Deployment', {}, { observedGeneration: 2 }), 'open: 0 of 1 new pods started')
})

test('a StatefulSet is done when the pods from its partition on are new and all are ready', () => {
  const status = {
    observedGeneration: 2,
    currentRevision: 'a',
    updateRevision: 'b',
    updatedReplicas: 1,
    readyReplicas: 3,
  }
  const partition = (count: number) => ({ replicas: 3, updateStrategy: { rollingUpdate: { partition: count } } })
  assert.equal(told('StatefulSet', partition(0), status), 'open: 1 of 3 pods updated')
  assert.equal(told('StatefulSet', partition(2), status), 'done: 3 of 3 ready')
  assert.equal(told('StatefulSet', partition(9), { ...status, updatedReplicas: 0 }), 'done: 3 of 3 ready')
  assert.equal(told('StatefulSet', partition(2), { ...status, readyReplicas: 2 }), 'open: 2 of 3 pods ready')
  assert.match(told('StatefulSet', { replicas: 3, updateStrategy: { type: 'OnDelete' } }, status), /^done/)
})

test('a DaemonSet that no controller has seen is not done, though it wants no pod', () => {
  assert.equal(told('DaemonSet', {}, {}), 'open: the controller has not seen it yet')
  const status = { observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 2 }
  assert.equal(told('DaemonSet', {}, status), 'open: 2 of 3 pods ready')
  assert.equal(
    told('DaemonSet', {}, { ...status, updatedNumberScheduled: 1, numberAvailable: 3 }),
    'open: 1 of 3 new pods started',
  )
})

test('a Job is done when it completes, or as soon as it works where nobody waits for it', () => {
  const when = (status: Workload['status'], waits = true) => told('Job', { completions: 2 }, status, waits)
  assert.equal(when({ conditions: [{ type: 'Complete', status: 'True' }], succeeded: 2 }), 'done: 2 of 2 ready')
  assert.equal(when({ conditions: [{ type: 'Failed', status: 'True' }] }), 'failed: failed')
  assert.equal(when({ conditions: [{ type: 'Failed', status: 'True' }] }, false), 'failed: failed')
  assert.equal(when({ conditions: [{ type: 'Complete', status: 'False' }], succeeded: 1 }), 'open: 1 of 2 completions')
  assert.equal(when({ active: 1, ready: 1 }), 'open: 0 of 2 completions')
  assert.match(when({ active: 1, ready: 1 }, false), /^done/)
  assert.equal(when({ active: 1, ready: 0 }, false), 'open: not started yet')
  assert.match(when({ failed: 1 }, false), /^done/)
})

test('a Job that is gone is done when it had completed, or had a TTL and had not failed', () => {
  const gone = (type: string | null, ttl?: number, more = {}) => {
    const conditions = type === null ? [] : [{ type, status: 'True' }]
    const spec = { completions: 2, ...(ttl === undefined ? {} : { ttlSecondsAfterFinished: ttl }) }
    const live = workload('Job', { spec, status: { ready: 1, conditions } })
    const state = stateOf(watched(live, { isNew: true, wasDeleted: true, ...more }), false)
    return state && (state.done ? 'done' : state.failed ? 'failed' : 'open')
  }
  assert.equal(gone('Complete'), 'done')
  assert.equal(gone('Complete', 0), 'done')
  assert.equal(gone(null, 0), 'done')
  assert.equal(gone(null), null, 'somebody deleted it')
  assert.deepEqual([gone('Failed'), gone('Failed', 0)], ['failed', 'failed'])
  assert.equal(gone(null, undefined, { wasDeleted: false }), 'done', 'it has started')
  assert.equal(gone('Failed', undefined, { isNew: false }), 'done', 'an earlier deploy made it')
  assert.equal(stateOf(watched(null), false), null)
})

test('a pod is done when it is ready or has ended well; other kinds when they exist', () => {
  const phase = (name: string, ready?: string) =>
    told('Pod', {}, {
      phase: name,
      ...(ready ? { conditions: [{ type: 'Ready', status: ready }] } : {}),
    } as Workload['status'])
  assert.equal(phase('Running', 'True'), 'done: ready')
  assert.equal(phase('Running', 'False'), 'open: phase Running')
  assert.equal(phase('Succeeded', 'False'), 'done: ready')
  assert.equal(phase('Failed', 'False'), 'failed: failed')
  assert.equal(told('Service', {}, {}), 'done: exists')
})

test('the ReplicaSet of the highest revision is the new one, as a number and among its own', () => {
  const sets = [replicaSet(9, 'nine'), replicaSet(10, 'ten'), replicaSet(99, 'foreign', 'other-uid')]
  assert.equal(newestReplicaSet(observed({ replicaSets: sets }), workload('Deployment'))?.metadata.uid, 'ten')
  assert.equal(newestReplicaSet(observed({ replicaSets: [] }), workload('Deployment')), undefined)
})

test('pods are told apart by revision, and by whether they are of this deploy', () => {
  const replicaSets = [replicaSet(1, 'old-set'), replicaSet(2, 'new-set')]
  const pods = [
    pod('old', {}, { owner: 'old-set' }),
    pod('kept', {}, { owner: 'new-set' }),
    pod('new', {}, { owner: 'new-set' }),
    pod('foreign', {}, { owner: 'x' }),
  ]
  const found = ownedPods(
    observed({ replicaSets, pods, podsBefore: new Set(['old', 'kept']) }),
    watched(workload('Deployment')),
  )
  const names = Object.fromEntries(
    Object.entries(found).map(([key, ones]) => [key, (ones as typeof pods).map(({ metadata }) => metadata.name)]),
  )
  assert.deepEqual(names, { fresh: ['new'], current: ['kept', 'new'], old: ['old'] })
})

test('without a new ReplicaSet no pod is new', () => {
  assert.deepEqual(
    ownedPods(observed({ replicaSets: [], pods: [pod('a', {})] }), watched(workload('Deployment'))).fresh,
    [],
  )
  assert.deepEqual(ownedPods(observed(), watched(null)), { fresh: [], current: [], old: [] })
})

test('StatefulSets go by revision hash, DaemonSets by template generation where it is told', () => {
  const set = workload('StatefulSet', { status: { updateRevision: 'r2' } })
  const labelled = ['r1', 'r2'].map((hash) =>
    pod(hash, {}, { owner: 'StatefulSet-uid', labels: { 'controller-revision-hash': hash } }),
  )
  const fresh = (live: Workload, pods: readonly ReturnType<typeof pod>[]) =>
    ownedPods(observed({ pods }), watched(live)).fresh.map(({ metadata }) => metadata.name)
  assert.deepEqual(fresh(set, labelled), ['r2'])
  const annotations = { 'deprecated.daemonset.template.generation': '7' }
  const daemon = workload('DaemonSet', { metadata: { name: 'agent', annotations } })
  const uid = daemon.metadata.uid ?? 'DaemonSet-uid'
  const generations = ['6', '7'].map((one) => pod(one, {}, { owner: uid, labels: { 'pod-template-generation': one } }))
  assert.deepEqual(fresh(daemon, [...generations, pod('unlabelled', {}, { owner: uid })]), ['7', 'unlabelled'])
})

test('a DaemonSet whose template came back has the pods that it had made of it before', () => {
  const annotations = { 'deprecated.daemonset.template.generation': '3' }
  const set = (updated: number, observedGeneration = 2) =>
    workload('DaemonSet', {
      metadata: { name: 'agent', uid: 'agent', generation: 2, annotations },
      status: { observedGeneration, updatedNumberScheduled: updated, desiredNumberScheduled: 2 },
    })
  const of = (name: string, generation: string, hash: string) =>
    pod(
      name,
      {},
      { owner: 'agent', labels: { 'pod-template-generation': generation, 'controller-revision-hash': hash } },
    )
  const kept = of('kept', '1', 'good')
  const failed = of('failed', '2', 'bad')
  const old = (live: Workload, ...pods: ReturnType<typeof pod>[]) =>
    ownedPods(observed({ pods }), watched(live)).old.map(({ metadata }) => metadata.name)
  assert.deepEqual(old(set(1), kept, failed, of('again', '3', 'good')), ['failed'], 'the controller has put one back')
  assert.deepEqual(old(set(2), kept, of('other', '1', 'good')), [], 'there was none to put back')
  const ending = { ...failed, metadata: { ...failed.metadata, deletionTimestamp: at(5) } }
  assert.deepEqual(old(set(2), kept, ending), ['failed'])
  assert.deepEqual(old(set(1), kept, failed), ['kept', 'failed'], 'nobody can tell yet')
  assert.deepEqual(old(set(0), kept), ['kept'])
  assert.deepEqual(old(set(2, 1), kept), ['kept'], 'its controller has not seen the change')
})

test('only sets that go one by one are ordered', () => {
  assert.equal(isOrdered(workload('StatefulSet')), true)
  assert.equal(isOrdered(workload('StatefulSet', { spec: { podManagementPolicy: 'Parallel' } })), false)
  assert.equal(isOrdered(workload('DaemonSet')), false)
  assert.equal(isOrdered(workload('Pod')), true)
  assert.equal(isOrdered(workload('Deployment')), false)
  assert.equal(isOrdered(workload('Job')), false)
})

test('how many pods are wanted is known before the controller has seen the change', () => {
  const wanted = (kind: string, spec: Workload['spec'], status: Workload['status'] = {}) =>
    rollout(workload(kind, { ...(spec ? { spec } : {}), status: { observedGeneration: 1, ...status } }), false).wanted
  assert.equal(wanted('Deployment', { replicas: 3 }), 3)
  assert.equal(wanted('StatefulSet', {}), 1)
  assert.equal(wanted('DaemonSet', { replicas: 9 }, { desiredNumberScheduled: 4 }), 4)
  assert.equal(wanted('DaemonSet', {}), 0)
})

test('a pod is ready by that condition alone, among others', () => {
  const ready = (...conditions: { type: string; status: string }[]) =>
    rollout(workload('Pod', { status: { phase: 'Running', conditions } } as Partial<Workload>), false).done
  assert.equal(ready({ type: 'Initialized', status: 'False' }, { type: 'Ready', status: 'True' }), true)
  assert.equal(ready({ type: 'Initialized', status: 'True' }), false)
  assert.equal(ready(), false)
})
