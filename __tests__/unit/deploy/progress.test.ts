import assert from 'node:assert/strict'
import { test } from 'node:test'
import { availability, hasRun, progressLines, waitingTable } from '../../../src/deploy/progress.ts'
import { createTold } from '../../../src/deploy/told.ts'
import type { Observed } from '../../../src/health/observed.ts'
import { crashed, ended, observed, pod, start, waiting, watched, workload } from '../health/builders.ts'

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
const texts = (seen: Observed, told = createTold(), tellsPodLines = true) =>
  progressLines(seen, { ...options, tellsPodLines }, told).map(({ text }) => text)
const hook = { isNew: true, hookEvents: ['pre-upgrade'] }

test('a line for each change, and none twice', () => {
  const told = createTold()
  const lines = (available: number) => texts(observed({ objects: [watched(deployment(available))] }), told)
  assert.deepEqual(lines(0), ['Deployment/web: 0 of 2 pods ready'])
  assert.deepEqual(lines(0), [])
  assert.deepEqual(lines(1), ['Deployment/web: 1 of 2 pods ready'])
  assert.deepEqual(lines(2), ['Deployment/web: 2 of 2 ready'])
})

test('what goes well or badly has a colour', () => {
  const tones = (objects: Parameters<typeof observed>[0]) =>
    progressLines(observed(objects), options, createTold()).map(({ tone }) => tone)
  assert.deepEqual(tones({ objects: [watched(deployment(1))] }), [undefined])
  assert.deepEqual(tones({ objects: [watched(deployment(2))] }), ['good'])
  assert.deepEqual(tones({ objects: [watched(job('Failed'), hook)] }), ['bad'])
  const pods = [pod('a', waiting('ErrImagePull', 'not found'))]
  assert.deepEqual(tones({ objects: [watched(deployment(0))], pods }), [undefined, 'caution'])
})

test('pods that say the same are told once, and one that flips is told no more than once in 15 s', () => {
  const told = createTold()
  const lines = (seconds: number, ...pods: ReturnType<typeof pod>[]) =>
    texts(observed({ objects: [watched(deployment(0))], pods, seconds }), told).filter((text) => text.startsWith('pod'))
  const absent = (name: string) => pod(name, waiting('ErrImagePull', 'not found'))
  const refused = (name: string) => pod(name, waiting('ErrImagePull', '403'))
  assert.equal(lines(0, ...Array.from({ length: 100 }, (_, index) => absent(`web-${String(index)}`))).length, 1)
  const flips = Array.from({ length: 300 }, (_, tenth) =>
    lines(1 + tenth / 10, tenth % 2 ? absent('x') : refused('x'), tenth % 2 ? refused('y') : absent('y')),
  )
  assert.ok(flips.flat().length <= 6, flips.flat().join('\n'))
})

test('a pod that fails is told with its cause, a crash with its line where pods may be quoted', () => {
  const pods = [
    pod('a', crashed(1)),
    pod('b', waiting('ErrImagePull', 'not found')),
    pod('c', { ready: false, state: { running: {} } }),
  ]
  const seen = observed({ objects: [watched(deployment(0))], pods, logs: new Map([['a/app', ['FATAL: no']]]) })
  const told = (tellsPodLines: boolean) => texts(seen, createTold(), tellsPodLines).slice(1)
  const image = 'pod b: container app: image registry.example/app:1 does not exist'
  assert.deepEqual(told(true), ['pod a: container app exited with 1 (FATAL: no)', image])
  assert.deepEqual(told(false), ['pod a: container app exited with 1', image])
})

test('pods of before are not told', () => {
  const seen = observed({ objects: [watched(deployment(2))], pods: [pod('a', crashed(9))], podsBefore: new Set(['a']) })
  assert.deepEqual(texts(seen), ['Deployment/web: 2 of 2 ready'])
})

test('a hook is told from its start to its end, and when it is gone', () => {
  const line = (live: ReturnType<typeof job>, more = {}) =>
    texts(observed({ objects: [watched(live, { ...hook, ...more })] }))
  assert.deepEqual(line(job()), ['hook Job/migrate (pre-upgrade) runs'])
  assert.deepEqual(line(job('Complete')), ['hook Job/migrate (pre-upgrade) has completed'])
  assert.deepEqual(line(job('Failed')), ['hook Job/migrate (pre-upgrade) has failed'])
  assert.deepEqual(line(job('Complete'), { wasDeleted: true }), ['hook Job/migrate (pre-upgrade) is gone'])
})

test('what is still waited for is a table with the words of the pods', () => {
  const late = watched(job(), { ...hook, changedAt: start + 20_000 })
  const objects = [late, watched(deployment(1)), watched(null), watched(job('Failed'), { isNew: true })]
  const pods = [pod('a', waiting('ErrImagePull', 'not found')), pod('b', waiting('ErrImagePull', 'not found'))]
  assert.equal(
    waitingTable(observed({ objects, pods }), options),
    [
      'waiting for 2 of 4',
      '  resource        ready  waits for                                                            since',
      '  Deployment/web  1/2    container app: image registry.example/app:1 does not exist (2 pods)   60 s',
      '  Job/migrate     0/1    0 of 1 completions                                                    40 s',
    ].join('\n'),
  )
  assert.equal(waitingTable(observed({ objects: [watched(deployment(2))] }), options), '')
  const gone = watched(job(), { ...hook, wasDeleted: true })
  assert.equal(waitingTable(observed({ objects: [gone] }), options), '', 'nobody waits for what is gone')
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
