import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus, Pod, Workload } from '../../../src/cluster/types.ts'
import { steadyState, unstable } from '../../../src/health/stability.ts'
import { at, crashed, ended, event, observed, pod as podOf, waiting, watched, workload } from './builders.ts'
import { options } from './fixture.ts'

const complete = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 }
const web = (status: Workload['status'] = complete): Workload => workload('Deployment', { status })
const runs: Partial<ContainerStatus> = { ready: true, started: true, state: { running: {} } }
/** One that has crashed so often and serves again. */
const recovered = (times: number): Partial<ContainerStatus> => ({ ...runs, restartCount: times, lastState: ended(1) })

/** A pod that is ready when its container is. */
function pod(name: string, status: Partial<ContainerStatus>, parts: Parameters<typeof podOf>[2] = {}): Pod {
  const one = podOf(name, status, parts)
  const conditions = [{ type: 'Ready', status: status.ready ? 'True' : 'False' }]
  return { ...one, status: { ...one.status, conditions } }
}
const pods = (first: Partial<ContainerStatus>, second = runs): Pod[] => [pod('a', first), pod('b', second)]
const seen = (ones: readonly Pod[], live = web()) => observed({ objects: [watched(live)], pods: ones })

/** What is told of a release that was complete with the first pods and shows the second ones now. */
function told(before: readonly Pod[], now: readonly Pod[], live?: Workload): string[] {
  const found = unstable(seen(now, live), options, steadyState(seen(before)))
  return found.map(({ class: name, cause }) => `${name}: ${cause}`)
}

test('a release that stays as it was is stable', () => {
  assert.deepEqual(told(pods(runs), pods(runs)), [])
  assert.deepEqual(told(pods(recovered(2)), pods(recovered(2))), [], 'what crashed on the way')
  assert.deepEqual(told(pods({ state: { running: {} } }), pods({ state: { running: {} } })), [], 'what was not ready')
})

test('the first crash of what has served is a fault, whether it is back or not', () => {
  assert.deepEqual(told(pods(runs), pods(recovered(1))), ['crash-loop: container app exited with 1'])
  assert.deepEqual(told(pods(runs), pods(crashed(1, 'terminated'))), ['crash-loop: container app exited with 1'])
  assert.deepEqual(told(pods(recovered(2)), pods(recovered(3))), [
    'crash-loop: container app exited with 1 three times',
  ])
  const counts = (before: readonly Pod[], now: readonly Pod[]) =>
    unstable(seen(now), options, steadyState(seen(before))).map(({ count }) => count)
  assert.deepEqual(counts(pods(recovered(2), runs), pods(recovered(2), recovered(1))), [1], 'the other pod')
  assert.deepEqual(counts(pods(runs), pods(recovered(1), recovered(1))), [2])
})

test('one container of a pod is enough', () => {
  const two = (proxy: Partial<ContainerStatus>): Pod => {
    const one = pod('a', runs)
    const containerStatuses = [...(one.status?.containerStatuses ?? []), { name: 'proxy', ...proxy }]
    return { ...one, status: { ...one.status, containerStatuses } }
  }
  assert.deepEqual(told([two(runs)], [two(recovered(1))]), ['crash-loop: container proxy exited with 1'])
})

test('a pod that was there before the deploy counts too, in plain words', () => {
  const parts = (status: Partial<ContainerStatus>) =>
    observed({ objects: [watched(web())], pods: pods(status), podsBefore: new Set(['a']) })
  const before = steadyState(parts(recovered(2)))
  assert.deepEqual(before, { crashes: { 'a/app': 2, 'b/app': 0 }, ready: ['a', 'b'] })
  const causes = (status: Partial<ContainerStatus>) =>
    unstable(parts(status), options, before).map(({ class: name, cause }) => `${name}: ${cause}`)
  const text = 'it was complete, and is not any more: pod a'
  assert.deepEqual(causes(recovered(3)), [`crash-loop: ${text} has crashed`])
  assert.deepEqual(causes({ ...recovered(2), ready: false }), [`not-ready: ${text} is not ready any more`])
  const old = observed({ ...parts(runs), pods: pods(recovered(3), recovered(1)), podsBefore: new Set(['a', 'b']) })
  const [fault, ...more] = unstable(old, options, before)
  assert.deepEqual(
    [fault?.id, fault?.key, fault?.count, fault?.witness, more],
    ['', 'unstable', 2, { uid: 'a', container: null }, []],
  )
})

test('a lost readiness is told by its pod, also where the controller has yet to see another change', () => {
  const lost = pods({ ...runs, ready: false })
  assert.deepEqual(told(pods(runs), lost), [
    'not-ready: container app runs, but is not ready: its readiness probe does not pass',
  ])
  assert.deepEqual(told(pods(runs), lost, web({ ...complete, observedGeneration: 1 })), [
    'not-ready: it was complete, and is not any more: pod a is not ready any more',
  ])
})

test('an autoscaler that adds pods, or a change that its controller has not seen, is no loss', () => {
  const more = web({ ...complete, replicas: 4, updatedReplicas: 4 })
  const starting = pod('c', waiting('ContainerCreating'), { phase: 'Pending' })
  assert.deepEqual(told(pods(runs), [...pods(runs), starting, pod('d', crashed(3))], more), [])
  assert.deepEqual(told(pods(runs), pods(runs), web({ ...complete, observedGeneration: 1 })), [])
})

test('a pod that is drained, evicted or gone, and the one that comes for it, are no loss', () => {
  const less = web({ ...complete, readyReplicas: 1, availableReplicas: 1 })
  const [, b] = pods(runs) as [Pod, Pod]
  const ending = pod('a', { ready: false, state: ended(143) })
  const drained = { ...ending, metadata: { ...ending.metadata, deletionTimestamp: at(50) } }
  const evicted = { ...ending, status: { ...ending.status, phase: 'Failed', reason: 'Evicted' } }
  const missing = pod('c', waiting('ErrImagePull', 'registry.example/app:9: not found'))
  for (const now of [[b], [b, drained], [b, evicted], [b, drained, missing]])
    assert.deepEqual(told(pods(runs), now, less), [])
  assert.equal(told(pods(runs), [b, ending], less).length, 1, 'by itself')
})

test('a new node for a DaemonSet is no loss', () => {
  const status = { observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 2 }
  const agent = workload('DaemonSet', { status })
  const own = { owner: 'DaemonSet-uid' }
  const two = [pod('a', runs, own), pod('b', runs, own)]
  const now = seen([...two, pod('c', waiting('ContainerCreating'), own)], agent)
  assert.deepEqual(unstable(now, options, steadyState(seen(two, agent))), [])
})

const none = { crashes: {}, ready: [] }
const job = (conditions: { type: string; status: string; reason: string }[] = []): Workload =>
  workload('Job', { status: { ready: 1, conditions } })
const failed = job([{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }])

function toldOfJob(live: Workload, status: Partial<ContainerStatus>, more: object = {}): string[] {
  const owned = pod('a', status, { owner: 'Job-uid', restartPolicy: 'Never' })
  const parts = observed({ objects: [watched(live, { isNew: true, ...more })], pods: [owned] })
  assert.deepEqual(steadyState(parts), { crashes: {}, ready: [] })
  return unstable(parts, options, { crashes: {}, ready: ['a'] }).map(({ class: name }) => name)
}

test('a Job that fails is a fault, a pod of it that is tried again is none', () => {
  assert.deepEqual(toldOfJob(job(), crashed(2, 'terminated')), [])
  assert.deepEqual(toldOfJob(failed, crashed(2, 'terminated')), ['job-failed'])
  assert.deepEqual(toldOfJob(failed, crashed(2, 'terminated'), { wasDeleted: true }), ['job-failed'])
  assert.deepEqual(toldOfJob(failed, crashed(2, 'terminated'), { isNew: false }), [], 'of an earlier deploy')
})

test('that the pods of a running Job cannot be made is not told', () => {
  const events = [event('Job-uid', 'FailedCreate', 'exceeded quota: a', 5)]
  assert.deepEqual(unstable(observed({ objects: [watched(job(), { isNew: true })], events }), options, none), [])
})

test('what an object says of itself is no loss while its pods serve, nor is an object that is not there', () => {
  const reason = 'ProgressDeadlineExceeded'
  const conditions = [{ type: 'Progressing', status: 'False', reason, lastTransitionTime: at(2) }]
  assert.deepEqual(told(pods(runs), pods(runs), web({ ...complete, conditions })), [])
  const absent = watched(workload('Deployment'), { live: null })
  assert.deepEqual(unstable(observed({ objects: [absent] }), options, none), [])
})

test('hooks are over when a release is complete', () => {
  const parts = observed({
    objects: [watched(workload('Pod'), { hookEvents: ['test'] })],
    pods: [pod('Pod-uid', runs)],
  })
  assert.deepEqual(steadyState(parts), none)
  assert.deepEqual(toldOfJob(failed, crashed(2, 'terminated'), { hookEvents: ['post-upgrade'] }), [])
})

test('only what changed is told: the fault of another object stays what it was', () => {
  const other = workload('StatefulSet', {
    metadata: { name: 'db', uid: 'db' },
    status: { observedGeneration: 2, currentRevision: 'r', updateRevision: 'r', readyReplicas: 2 },
  })
  const dbPod = (status: Partial<ContainerStatus>) =>
    pod('db-0', status, { owner: 'db', labels: { 'controller-revision-hash': 'r' } })
  const both = (one: Partial<ContainerStatus>, db: Partial<ContainerStatus>) =>
    observed({ objects: [watched(web()), watched(other)], pods: [...pods(one), dbPod(db)] })
  const before = steadyState(both(runs, recovered(1)))
  const names = unstable(both(recovered(1), recovered(1)), options, before).map(({ object }) => object.manifest.name)
  assert.deepEqual(names, ['web'])
  const all = { ...both(recovered(1), recovered(2)), podsBefore: new Set(['db-0']) }
  const causes = unstable(all, options, before).map(({ object, cause }) => `${object.manifest.name}: ${cause}`)
  assert.deepEqual(causes, [
    'web: container app exited with 1',
    'db: it was complete, and is not any more: pod db-0 has crashed',
  ])
})

test('a recording of an earlier version, which knows of crashes only, is judged by them', () => {
  const crashes = { 'a/app': 0, 'b/app': 0 }
  const causes = (now: readonly Pod[]) => unstable(seen(now), options, { crashes }).map(({ class: name }) => name)
  assert.deepEqual(causes(pods(recovered(1))), ['crash-loop'])
  assert.deepEqual(causes(pods(runs)), [])
})
