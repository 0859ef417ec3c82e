import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus, Pod, Workload } from '../../../src/cluster/types.ts'
import { crashesSoFar, unstable } from '../../../src/health/stability.ts'
import { crashed, ended, observed, pod, waiting, watched, workload } from './builders.ts'
import { options } from './fixture.ts'

const complete = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 }
const web = (status: Workload['status'] = complete): Workload => workload('Deployment', { status })
const runs: Partial<ContainerStatus> = { ready: true, started: true, state: { running: {} } }
/** One that has crashed so often and serves again. */
const recovered = (times: number): Partial<ContainerStatus> => ({ ...runs, restartCount: times, lastState: ended(1) })
const pods = (first: Partial<ContainerStatus>, second = runs): Pod[] => [pod('a', first), pod('b', second)]
const seen = (ones: readonly Pod[], live = web()) => observed({ objects: [watched(live)], pods: ones })

/** What is told of a release that was complete with the first pods and shows the second ones now. */
function told(before: readonly Pod[], now: readonly Pod[], live?: Workload): string[] {
  const crashes = crashesSoFar(seen(before))
  return unstable(seen(now, live), options, crashes).map(({ class: name, cause }) => `${name}: ${cause}`)
}

test('a release that stays as it was is stable', () => {
  assert.deepEqual(told(pods(runs), pods(runs)), [])
  assert.deepEqual(told(pods(recovered(2)), pods(recovered(2))), [], 'what crashed on the way')
})

test('the first crash of what has served is a fault, whether it is back or not', () => {
  assert.deepEqual(told(pods(runs), pods(recovered(1))), ['crash-loop: container app exited with 1'])
  assert.deepEqual(told(pods(runs), pods(crashed(1, 'terminated'))), ['crash-loop: container app exited with 1'])
  assert.deepEqual(told(pods(recovered(2)), pods(recovered(3))), [
    'crash-loop: container app exited with 1 three times',
  ])
  assert.deepEqual(told(pods(recovered(2), runs), pods(recovered(2), recovered(1))).length, 1, 'the other pod')
})

test('a pod that was there before counts as one of a new pod does', () => {
  const objects = [watched(web())]
  const parts = (status: Partial<ContainerStatus>) =>
    observed({ objects, pods: pods(status), podsBefore: new Set(['a']) })
  assert.deepEqual(crashesSoFar(parts(recovered(2))), { 'a/app': 2, 'b/app': 0 })
})

test('a lost readiness is told by its pod, or else by the rollout', () => {
  const less = web({ ...complete, readyReplicas: 1, availableReplicas: 1 })
  assert.deepEqual(told(pods(runs), pods({ ...runs, ready: false }), less), [
    'not-ready: container app runs, but is not ready: its readiness probe does not pass',
  ])
  assert.deepEqual(told(pods(runs), [pod('b', runs)], less), [
    'rollout-stalled: it was complete, and is not any more: the rollout is not complete: 1 of 2 pods ready',
  ])
})

test('a new pod that does not come up is told', () => {
  const less = web({ ...complete, readyReplicas: 1, availableReplicas: 1 })
  const missing = waiting('ErrImagePull', 'registry.example/app:9: not found')
  assert.match(told(pods(runs), [pod('b', runs), pod('c', missing)], less).join('; '), /^image-pull: [^;]*$/)
})

const job = (conditions: { type: string; status: string; reason: string }[] = []): Workload =>
  workload('Job', { status: { ready: 1, conditions } })
const failed = job([{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }])

function toldOfJob(live: Workload, status: Partial<ContainerStatus>, hookEvents: string[] = []): string[] {
  const owned = pod('a', status, { owner: 'Job-uid', restartPolicy: 'Never' })
  const parts = observed({ objects: [watched(live, { isNew: true, hookEvents })], pods: [owned] })
  assert.deepEqual(crashesSoFar(parts), {})
  return unstable(parts, options, {}).map(({ class: name }) => name)
}

test('a Job that fails is a fault, a pod of it that is tried again is none', () => {
  assert.deepEqual(toldOfJob(job(), crashed(2, 'terminated')), [])
  assert.deepEqual(toldOfJob(failed, crashed(2, 'terminated')), ['job-failed'])
})

test('hooks are over when a release is complete', () => {
  assert.deepEqual(toldOfJob(failed, crashed(2, 'terminated'), ['post-upgrade']), [])
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
  const before = crashesSoFar(both(runs, recovered(1)))
  const names = unstable(both(recovered(1), recovered(1)), options, before).map(({ object }) => object.manifest.name)
  assert.deepEqual(names, ['web'])
})
