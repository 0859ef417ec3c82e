import assert from 'node:assert/strict'
import { test } from 'node:test'
import { availability, hasRun, progressLines, remaining } from '../../../src/deploy/progress.ts'
import { crashed, ended, observed, pod, waiting, watched, workload } from '../health/builders.ts'

const options = { crashTolerance: 2, unschedulableGraceMs: null, waitForJobs: false, tellsPodLines: true }
const deployment = (available: number) =>
  workload('Deployment', {
    status: { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: available },
  })
const job = (type?: string) =>
  workload('Job', {
    metadata: { name: 'migrate', uid: 'job' },
    status: { conditions: type ? [{ type, status: 'True' }] : [] },
  })
const hook = { isNew: true, hookEvents: ['pre-upgrade'] }

test('a line for each change, and none twice', () => {
  const told = new Map<string, string>()
  const lines = (available: number) =>
    progressLines(observed({ objects: [watched(deployment(available))] }), options, told)
  assert.deepEqual(lines(0), ['Deployment/web: 0 of 2 pods ready'])
  assert.deepEqual(lines(0), [])
  assert.deepEqual(lines(1), ['Deployment/web: 1 of 2 pods ready'])
  assert.deepEqual(lines(2), ['Deployment/web: 2 of 2 ready'])
  assert.deepEqual(lines(1), ['Deployment/web: 1 of 2 pods ready'])
})

test('a pod that fails is told with its cause, a crash with its line where pods may be quoted', () => {
  const pods = [
    pod('a', crashed(1)),
    pod('b', waiting('ErrImagePull', 'not found')),
    pod('c', { ready: false, state: { running: {} } }),
  ]
  const seen = observed({ objects: [watched(deployment(0))], pods, logs: new Map([['a/app', ['FATAL: no']]]) })
  const told = (tellsPodLines: boolean) => progressLines(seen, { ...options, tellsPodLines }, new Map()).slice(1)
  const image = 'pod b: container app: image registry.example/app:1 does not exist'
  assert.deepEqual(told(true), ['pod a: container app exited with 1 (FATAL: no)', image])
  assert.deepEqual(told(false), ['pod a: container app exited with 1', image])
})

test('pods of before are not told', () => {
  const seen = observed({ objects: [watched(deployment(2))], pods: [pod('a', crashed(9))], podsBefore: new Set(['a']) })
  assert.deepEqual(progressLines(seen, options, new Map()), ['Deployment/web: 2 of 2 ready'])
})

test('a hook is told from its start to its end, and when it is gone', () => {
  const line = (live: ReturnType<typeof job>, more = {}) =>
    progressLines(observed({ objects: [watched(live, { ...hook, ...more })] }), options, new Map())
  assert.deepEqual(line(job()), ['hook Job/migrate (pre-upgrade) runs'])
  assert.deepEqual(line(job('Complete')), ['hook Job/migrate (pre-upgrade) has completed'])
  assert.deepEqual(line(job('Failed')), ['hook Job/migrate (pre-upgrade) has failed'])
  assert.deepEqual(line(job('Complete'), { wasDeleted: true }), ['hook Job/migrate (pre-upgrade) is gone'])
})

test('what is still waited for stands on one line', () => {
  const objects = [watched(deployment(1)), watched(null), watched(job(), hook), watched(job('Failed'), { isNew: true })]
  assert.equal(
    remaining(observed({ objects }), false),
    'Deployment/web (1 of 2 pods ready), Job/migrate (0 of 1 completions)',
  )
  assert.equal(remaining(observed({ objects: [watched(deployment(2))] }), false), '')
  const gone = watched(job(), { ...hook, wasDeleted: true })
  assert.equal(remaining(observed({ objects: [gone] }), false), '', 'nobody waits for what is gone')
})

test('serving replicas are counted over all that keeps running, and never more than wanted', () => {
  const daemon = workload('DaemonSet', {
    status: { observedGeneration: 2, desiredNumberScheduled: 3, numberAvailable: 1 },
  })
  const set = workload('StatefulSet', { spec: {}, status: { observedGeneration: 2, readyReplicas: 4 } })
  const objects = [
    watched(deployment(2)),
    watched(daemon),
    watched(set),
    watched(job('Complete')),
    watched(job(), hook),
    watched(null),
  ]
  assert.deepEqual(availability(observed({ objects })), { available: 4, wanted: 6 })
  assert.deepEqual(availability(observed()), { available: 0, wanted: 0 })
})

test('a hook has run when any container of its pods ever did', () => {
  const owner = { owner: 'job' }
  const ran = (...pods: ReturnType<typeof pod>[]) => hasRun(observed({ pods }), 'job')
  assert.equal(ran(pod('a', waiting('ContainerCreating'), owner)), false)
  assert.equal(ran(pod('a', { state: ended(0) }, owner)), true)
  assert.equal(ran(pod('a', crashed(1), owner)), true)
  assert.equal(ran(pod('a', { state: { running: {} } })), false)
  assert.equal(ran(), false)
  assert.equal(hasRun(observed({ pods: [pod('a', { state: { running: {} } })] }), undefined), false)
})
