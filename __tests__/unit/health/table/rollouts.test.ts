import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Condition, Pod, Workload } from '../../../../src/cluster/types.ts'
import { objectFaults } from '../../../../src/health/object-faults.ts'
import type { Sights, WatchedObject } from '../../../../src/health/observed.ts'
import { at, observed, pod, replicaSet, start, watched, workload } from '../builders.ts'

function told(live: Workload, parts: Partial<Sights> = {}, more: Partial<WatchedObject> = {}): string[] {
  const faults = objectFaults(observed(parts), watched(live, more), { failFast: true, graceMs: null })
  return faults.map(({ id, cause, dueAt }) => `${id} ${cause} ${dueAt ? (dueAt - start) / 1000 : dueAt}`)
}

const progressing = (condition: Partial<Condition>, generation = 2): Workload =>
  workload('Deployment', {
    status: {
      observedGeneration: generation,
      conditions: [
        { type: 'Available', status: 'False', reason: 'x', lastTransitionTime: at(2), message: 'other' },
        { type: 'Progressing', status: 'False', lastTransitionTime: at(2), ...condition },
      ],
    },
  })

test('a Deployment that makes no progress says so itself', () => {
  const reason = 'ProgressDeadlineExceeded'
  const says = ['B08 the rollout made no progress within its progressDeadlineSeconds 0']
  assert.deepEqual(told(progressing({ reason })), says)
  assert.deepEqual(told(progressing({ reason }, 1)), [], 'of before the change')
  assert.deepEqual(told(progressing({ reason, lastTransitionTime: at(-2) })), [], 'of before the deploy')
  assert.deepEqual(told(progressing({ reason, lastTransitionTime: at(-1) })), says, 'whole seconds')
  assert.deepEqual(told(progressing({ reason, status: 'True' })), [])
  assert.deepEqual(told(progressing({ reason, type: 'Other' })), [])
  assert.deepEqual(told(progressing({})), [])
})

test('a ReplicaSet that cannot be created is told in the words of the controller', () => {
  const reason = 'ReplicaSetCreateError'
  assert.deepEqual(told(progressing({ reason, message: 'is invalid' })), [
    'B09 its ReplicaSet cannot be created: is invalid 5',
  ])
  assert.deepEqual(told(progressing({ reason })), ['B09 its ReplicaSet cannot be created: 5'])
})

test('a Deployment that was broken before is not told before this deploy has changed it', () => {
  for (const reason of ['ProgressDeadlineExceeded', 'ReplicaSetCreateError']) {
    assert.deepEqual(told(progressing({ reason }), {}, { changedAt: null }), [])
    assert.deepEqual(told(progressing({ reason }), {}, { changedAt: start + 10_000 }), [])
    assert.equal(told(progressing({ reason }), {}, { changedAt: start + 3000 }).length, 1)
  }
})

const hashed = (
  name: string,
  hash: string,
  ready: string | undefined,
  metadata: Partial<Pod['metadata']> = {},
): Pod => {
  const base = pod(name, {}, { owner: 'StatefulSet-uid', labels: { 'controller-revision-hash': hash } })
  const conditions = ready === undefined ? [] : [{ type: 'Ready', status: ready }]
  return { ...base, metadata: { ...base.metadata, ...metadata }, status: { ...base.status, conditions } }
}
const set = (spec: Workload['spec'] = {}): Workload =>
  workload('StatefulSet', { ...(spec ? { spec } : {}), status: { observedGeneration: 2, updateRevision: 'new' } })

test('an ordered rollout waits for a pod of the old revision that is not ready', () => {
  const says = ['B13 the rollout waits for pod web-1 of an older revision, which is not ready null']
  assert.deepEqual(told(set(), { pods: [hashed('web-0', 'old', 'True'), hashed('web-1', 'old', 'False')] }), says)
  assert.deepEqual(told(set(), { pods: [hashed('web-1', 'old', undefined)] }), says)
  assert.deepEqual(told(set(), { pods: [hashed('web-1', 'new', 'False')] }), [])
  assert.deepEqual(told(set({ podManagementPolicy: 'Parallel' }), { pods: [hashed('web-1', 'old', 'False')] }), [])
  assert.deepEqual(told(set(), { pods: [hashed('web-1', 'old', 'False', { deletionTimestamp: at(50) })] }), [])
})

/** A Deployment with one pod of an old ReplicaSet, a minute after the deploy began. */
function leaving(metadata: Partial<Pod['metadata']>, gone: readonly string[] = []): string[] {
  const base = pod('old', {}, { owner: 'old-set' })
  const pods = [{ ...base, metadata: { ...base.metadata, ...metadata } }]
  const replicaSets = [replicaSet(2), replicaSet(1, 'old-set')]
  return told(workload('Deployment'), { pods, replicaSets, gone: new Map(gone.map((uid) => [uid, start])) })
}

test('an old pod that does not end is told half a minute after its grace, with what it waits for', () => {
  const says = 'G09 the old pod old does not end'
  assert.deepEqual(leaving({ deletionTimestamp: at(29) }), [`${says} null`])
  assert.deepEqual(leaving({ deletionTimestamp: at(30) }), [])
  assert.deepEqual(leaving({}), [])
  assert.deepEqual(leaving({ deletionTimestamp: at(1) }, ['old']), [], 'it is gone by now')
  assert.deepEqual(leaving({ deletionTimestamp: at(1), finalizers: ['a.dev/x', 'b.dev/y'] }), [
    `${says}; it waits for its finalizers a.dev/x, b.dev/y null`,
  ])
  assert.deepEqual(leaving({ deletionTimestamp: at(1), finalizers: [] }), [`${says} null`])
})

test('a pod of the release itself is at fault when it failed in this deploy, and not by its node', () => {
  const failed = (status: object, isNew = true) =>
    told(workload('Pod', { status: { phase: 'Failed', ...status } } as Partial<Workload>), {}, { isNew })
  assert.deepEqual(failed({}), ['G10 the pod failed 0'])
  assert.deepEqual(failed({ reason: 'Error' }), ['G10 the pod failed (Error) 0'])
  assert.deepEqual(failed({}, false), [])
  assert.deepEqual(failed({ phase: 'Running' }), [])
  for (const reason of ['Evicted', 'Preempting', 'Shutdown', 'NodeShutdown', 'NodeLost', 'Terminated']) {
    assert.deepEqual(failed({ reason }), [], reason)
    assert.equal(failed({ reason: `X${reason}` }).length + failed({ reason: `${reason}X` }).length, 2)
  }
})

/** What is told when so many new pods have ended like that. */
function ended(count: number, status: object): string[] {
  const pods = Array.from({ length: count }, (_, index) => ({
    ...pod(`p${index}`, {}),
    status: { phase: 'Failed', message: `no ${index}`, ...status },
  }))
  return told(workload('Deployment'), { pods })
}

test('three pods that their nodes reject or evict are told, fewer are forgiven', () => {
  for (const reason of ['OutOfcpu', 'OutOfpods', 'NodeAffinity', 'UnexpectedAdmissionError']) {
    assert.deepEqual(ended(3, { reason }), [`C11 3 pods were rejected: ${reason}: no 2 null`])
    assert.deepEqual([...ended(2, { reason }), ...ended(3, { reason: `X${reason}` })], [])
  }
  assert.deepEqual(ended(4, { reason: 'Evicted' }), ['G08 4 pods were evicted: Evicted: no 3 null'])
  assert.deepEqual([...ended(2, { reason: 'Evicted' }), ...ended(3, { reason: 'EvictedX' })], [])
  assert.deepEqual([...ended(3, { reason: 'XEvicted' }), ...ended(3, {})], [])
  assert.deepEqual(ended(3, { reason: 'Evicted', phase: 'Running' }), [])
})
