import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeEvent, Pod, Workload } from '../../../src/cluster/types.ts'
import { diagnose } from '../../../src/health/diagnose.ts'
import type { Sights, WatchedObject } from '../../../src/health/observed.ts'
import { at, event, observed, pod, replicaSet, start, watched, workload } from './builders.ts'
import { options } from './fixture.ts'

const quota = 'pods "web-1" is forbidden: exceeded quota: small, requested: pods=1'
const set = workload('StatefulSet', { status: { observedGeneration: 2, updateRevision: 'new' } })

/** The classes of what is seen, with the second in which each ends the deploy. */
function ends(live: Workload, parts: Partial<Sights>, more: Partial<WatchedObject> = {}) {
  const faults = diagnose(observed({ objects: [watched(live, more)], seconds: 100, ...parts }), options)
  return faults.map(({ class: name, dueAt }) => [name, dueAt && (dueAt - start) / 1000])
}

const failed = (first: number, last: number, message = quota): KubeEvent =>
  event('StatefulSet-uid', 'FailedCreate', message, last, { firstTimestamp: at(first) })
const refused = (second: number, message = quota): Workload => ({
  ...replicaSet(),
  status: {
    conditions: [{ type: 'ReplicaFailure', status: 'True', message, lastTransitionTime: at(second) }],
  },
})

test('a refusal that began before the deploy gets its time anew', () => {
  assert.deepEqual(ends(set, { events: [failed(-600, 14)] }), [['quota-exceeded', null]])
  assert.deepEqual(ends(set, { events: [failed(-600, 15)] }), [['quota-exceeded', 15]])
  assert.deepEqual(ends(set, { events: [failed(-600, -5)] }), [])
})

test('only what is refused after the change counts, and nothing where nothing was changed', () => {
  const changed = { changedAt: start + 20_000 }
  assert.deepEqual(ends(set, { events: [failed(-600, 18)] }, changed), [])
  assert.deepEqual(ends(set, { events: [failed(-600, 21)] }, changed), [['quota-exceeded', null]])
  assert.deepEqual(ends(set, { events: [failed(-600, 35)] }, changed), [['quota-exceeded', 35]])
  assert.deepEqual(ends(set, { events: [failed(-600, 90)] }, { changedAt: null }), [])
  const web = workload('Deployment')
  assert.deepEqual(ends(web, { replicaSets: [refused(4)] }), [['quota-exceeded', 19]])
  assert.deepEqual(ends(web, { replicaSets: [refused(4)] }, changed), [['quota-exceeded', 35]])
  assert.deepEqual(ends(web, { replicaSets: [refused(4)] }, { changedAt: null }), [])
})

test('nothing is seen before the controller has seen the change', () => {
  const stale = { observedGeneration: 1 }
  assert.deepEqual(ends({ ...set, status: stale }, { events: [failed(1, 90)] }), [])
  assert.deepEqual(ends(workload('Deployment', { status: stale }), { replicaSets: [refused(4)] }), [])
})

test('pods of an object that the deploy has not changed are not judged', () => {
  const broken = pod('a', { state: { waiting: { reason: 'InvalidImageName' } } })
  assert.deepEqual(ends(workload('Deployment'), { pods: [broken] }), [['image-name', 0]])
  assert.deepEqual(ends(workload('Deployment'), { pods: [broken] }, { changedAt: null }), [])
})

test('what no waiting mends has to be seen for three seconds all the same', () => {
  for (const [message, name] of [
    ['violates PodSecurity "restricted:latest"', 'admission-denied'],
    ['admission webhook "x" denied the request', 'admission-denied'],
    ['no PriorityClass with name high was found', 'replica-creation'],
  ] as const) {
    assert.deepEqual(ends(workload('Deployment'), { replicaSets: [refused(4, message)] }), [[name, 7]])
    assert.deepEqual(ends(set, { events: [failed(4, 6, message)] }), [[name, null]])
    assert.deepEqual(ends(set, { events: [failed(4, 7, message)] }), [[name, 7]])
  }
  const condition = { type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError', lastTransitionTime: at(4) }
  const live = workload('Deployment', { status: { observedGeneration: 2, conditions: [condition] } })
  assert.deepEqual(ends(live, {}), [['replica-creation', 7]])
})

const oldSet = replicaSet(1, 'old-set')
const ending = (name: string): Pod => {
  const base = pod(name, {}, { owner: 'old-set' })
  return { ...base, metadata: { ...base.metadata, deletionTimestamp: at(90) } }
}

test('a quota is not judged while an old pod still ends, and 45 s after the last one went', () => {
  const parts = { replicaSets: [refused(4), oldSet], pods: [ending('a'), ending('b')] }
  const web = workload('Deployment')
  const gone = (...times: [string, number][]) => new Map(times.map(([uid, second]) => [uid, start + second * 1000]))
  assert.deepEqual(ends(web, parts), [['quota-exceeded', null]])
  assert.deepEqual(ends(web, { ...parts, gone: gone(['a', 9]) }), [['quota-exceeded', null]])
  assert.deepEqual(ends(web, { ...parts, gone: gone(['a', 9], ['b', 30]) }), [['quota-exceeded', 75]])
  const late = { ...parts, replicaSets: [refused(60), oldSet], gone: gone(['a', 9], ['b', 30]) }
  assert.deepEqual(ends(web, late), [['quota-exceeded', 105]])
  assert.deepEqual(ends(web, { replicaSets: [refused(4), oldSet], pods: [pod('a', {}, { owner: 'old-set' })] }), [
    ['quota-exceeded', 19],
  ])
  const limit = { ...parts, replicaSets: [refused(4, 'maximum memory usage per Container is 64Mi'), oldSet] }
  assert.deepEqual(ends(web, limit), [['quota-exceeded', 19]], 'which nobody gives back')
})

test('a quota that events tell of takes a try that fails 45 s after the last old pod went', () => {
  const labels = { 'controller-revision-hash': 'old' }
  const base = pod('web-0', {}, { owner: 'StatefulSet-uid', labels })
  const pods = [{ ...base, metadata: { ...base.metadata, deletionTimestamp: at(5) } }]
  const gone = new Map([['web-0', start + 30_000]])
  assert.deepEqual(ends(set, { events: [failed(4, 74)], pods, gone }), [['quota-exceeded', null]])
  assert.deepEqual(ends(set, { events: [failed(4, 75)], pods, gone }), [['quota-exceeded', 75]])
})

const stalled = (parts: object, own: object = {}): Workload => ({
  apiVersion: 'db.example.com/v1',
  kind: 'Database',
  metadata: { name: 'db', uid: 'db', generation: 3 },
  status: { ...own, conditions: [{ type: 'Stalled', status: 'True', lastTransitionTime: at(2), ...parts }] },
})
const told = (live: Workload) => {
  const { kind = '', apiVersion = '' } = live
  const one = { ...watched(live), manifest: { ...watched(live).manifest, kind, apiVersion } }
  return diagnose(observed({ others: [one] }), options).map(
    ({ id, dueAt }) => `${id} ${(Number(dueAt) - start) / 1000}`,
  )
}

test('a condition of before the change says nothing: its controller tells which generation it has seen', () => {
  assert.deepEqual(told(stalled({})), ['I09 5'])
  assert.deepEqual(told(stalled({ observedGeneration: 3 }, { observedGeneration: 3 })), ['I09 5'])
  assert.deepEqual(told(stalled({ observedGeneration: 2 })), [])
  assert.deepEqual(told(stalled({}, { observedGeneration: 2 })), [])
  assert.deepEqual(told(stalled({}, { observedGeneration: '2' })), ['I09 5'], 'Argo Rollouts keep a hash there')
})
