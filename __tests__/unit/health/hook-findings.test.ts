import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus, Pod, Workload } from '../../../src/cluster/types.ts'
import type { AttemptEnd } from '../../../src/health/end.ts'
import type { WatchedObject } from '../../../src/health/observed.ts'
import { at, ended, pod, waiting, watched, workload } from './builders.ts'
import { byHelm, found, told } from './judged.ts'

const web = watched(workload('Deployment'))
const missing = waiting('ErrImagePull', 'registry.example/app:9: not found')
const stalled = 'rollout-stalled Deployment/web: the rollout is not complete: 0 of 2 new pods started'

const failed: Workload['status'] = { conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }] }
const hook = (name: string, status: Workload['status'] = {}, more: Partial<WatchedObject> = {}): WatchedObject =>
  watched(workload('Job', { metadata: { name, uid: name }, status: status ?? {} }), {
    hookEvents: ['pre-upgrade'],
    isNew: true,
    ...more,
  })
const hookError = byHelm('pre-upgrade hooks failed: 1 error occurred:\n\t* job migrate failed: BackoffLimitExceeded\n')
const hookPod = (name: string, exitCode: number, second = 1): Pod => {
  const base = pod(`${name}-${second}`, { state: ended(exitCode) }, { owner: name, restartPolicy: 'Never' })
  return { ...base, metadata: { ...base.metadata, creationTimestamp: at(second) } }
}

test('of several hooks the one that failed is told, with the exit code and log of its last pod', () => {
  const [finding, ...more] = found(
    {
      objects: [hook('migrate', failed), hook('seed')],
      pods: [hookPod('migrate', 3, 1), hookPod('migrate', 7, 20)],
      logs: new Map([['migrate-20/app', ['ERROR: no such table']]]),
    },
    hookError,
  )
  assert.deepEqual(more, [])
  assert.equal(finding?.cause, 'the pre-upgrade hook failed: it exited with 7')
  assert.deepEqual([finding.class, finding.resource.name, finding.count], ['hook-failed', 'migrate', 1])
  assert.deepEqual(finding.severity, { kind: 'now' })
  assert.equal(finding.evidence.decisiveLine, 'ERROR: no such table')
  assert.match(finding.evidence.message ?? '', /^pre-upgrade hooks failed/)
  const unnamed = byHelm('pre-upgrade hooks failed: 1 error occurred')
  assert.deepEqual(told({ objects: [hook('seed'), hook('migrate', failed)] }, unnamed), [
    'hook-failed Job/migrate: the pre-upgrade hook failed',
  ])
})

test('where none has failed by its status, the only hook of the phase is meant, or the one that Helm names', () => {
  const post = hook('post', {}, { hookEvents: ['post-upgrade'] })
  assert.deepEqual(told({ objects: [hook('seed'), post] }, hookError), [
    'hook-failed Job/seed: the pre-upgrade hook failed',
  ])
  assert.deepEqual(told({ objects: [hook('migrate'), hook('seed')] }, hookError), [
    'hook-failed Job/migrate: the pre-upgrade hook failed',
  ])
  const newer = byHelm('pre-upgrade hooks failed: resource Job/shop/seed not ready. status: Failed')
  assert.deepEqual(told({ objects: [hook('migrate'), hook('seed')] }, newer), [
    'hook-failed Job/seed: the pre-upgrade hook failed',
  ])
})

test('a hook that nobody saw is told as Helm tells it', () => {
  const says = 'the pre-upgrade hook failed: pre-upgrade hooks failed: 1 error occurred:'
  for (const objects of [[], [hook('seed'), hook('other')], [hook('migrate', {}, { live: null })]]) {
    const [finding, ...more] = found({ objects }, hookError)
    assert.deepEqual([finding?.class, finding?.cause, more], ['hook-failed', says, []])
  }
})

test('a hook that did not end in time is told as such, unless its Job failed', () => {
  const cause = (error: string) => told({ objects: [hook('migrate')] }, byHelm(error))[0]?.split(': ')[1]
  const late = 'the pre-upgrade hook did not end in time'
  assert.equal(cause('pre-upgrade hooks failed: timed out waiting for the condition'), late)
  assert.equal(cause('pre-upgrade hooks failed: context deadline exceeded'), late)
  assert.equal(
    cause('pre-upgrade hooks failed: job migrate failed: BackoffLimitExceeded, timed out'),
    'the pre-upgrade hook failed',
  )
  assert.equal(cause('pre-upgrade hooks failed: Job Failed. failed: 1/1, timed out'), 'the pre-upgrade hook failed')
})

test('the file of the chart that a hook comes from is told', () => {
  const from = (source: string) => {
    const one = hook('migrate', failed)
    return found({ objects: [{ ...one, manifest: { ...one.manifest, source } }] }, hookError)[0]?.evidence.source
  }
  assert.deepEqual(from('shop/templates/migrate.yaml'), { file: 'shop/templates/migrate.yaml' })
  assert.equal(from(''), undefined)
})

test('at the deadline a hook that still runs comes first', () => {
  const late: AttemptEnd = { kind: 'deadline' }
  const running = 'hook-failed Job/migrate: the pre-upgrade hook did not end in time'
  assert.deepEqual(told({ objects: [web, hook('migrate')] }, late), [running, stalled])
  const both = hook('both', {}, { hookEvents: ['pre-install', 'pre-upgrade'] })
  assert.match(told({ objects: [both] }, late).join(), /the pre-install, pre-upgrade hook did not end in time/)
  const over = [
    hook('a', failed),
    hook('b', { conditions: [{ type: 'Complete', status: 'True' }] }),
    hook('c', {}, { wasDeleted: true }),
    hook('d', {}, { live: null }),
    hook('e', {}, { hookEvents: [] }),
  ]
  const names = told({ objects: over }, late).filter((one) => one.startsWith('hook-failed') && /in time/.test(one))
  assert.deepEqual(names, [])
})

test('a hook that never started is told by what keeps its pod from running, the lowest layer first', () => {
  const unstarted = (state: Partial<ContainerStatus>) =>
    pod('hook', state, { owner: 'migrate', restartPolicy: 'Never' })
  const parts = { objects: [hook('migrate')], pods: [unstarted(missing)] }
  const image = 'image-pull Job/migrate: container app: image registry.example/app:1 does not exist'
  const late = byHelm('pre-upgrade hooks failed: timed out waiting for the condition')
  assert.deepEqual(told(parts, late), [image])
  assert.deepEqual(told(parts, { kind: 'deadline' }), [image])
  const started = { objects: [hook('migrate')], pods: [unstarted({ ready: true, state: { running: {} } })] }
  assert.deepEqual(told(started, late), ['hook-failed Job/migrate: the pre-upgrade hook did not end in time'])
  const again = { ...parts, pods: [...parts.pods, hookPod('migrate', 1)] }
  assert.match(told(again, late).join(), /^hook-failed Job\/migrate: the pre-upgrade hook did not end in time$/)
  const another = { objects: [web, hook('migrate')], pods: [pod('a', missing)] }
  assert.deepEqual(told(another, late), ['hook-failed Job/migrate: the pre-upgrade hook did not end in time'])
  const over = { objects: [hook('migrate', failed)], pods: [unstarted(missing)] }
  assert.deepEqual(told(over, hookError), ['hook-failed Job/migrate: the pre-upgrade hook failed'])
})

test('a hook that another container keeps alive is told as such', () => {
  const base = pod('hook', { state: ended(0) }, { owner: 'migrate', restartPolicy: 'Never' })
  const proxy = { name: 'proxy', ready: true, state: { running: {} } }
  const alive = { ...base, status: { containerStatuses: [...(base.status?.containerStatuses ?? []), proxy] } }
  assert.deepEqual(told({ objects: [hook('migrate')], pods: [alive] }, { kind: 'deadline' }), [
    'hook-failed Job/migrate: the pre-upgrade hook did not end in time: container app has ended, but container proxy keeps the Job from ending',
  ])
})

const noSecret = waiting('CreateContainerConfigError', 'secret "tls" not found')
const absent = pod('a', noSecret)
const post = hook('certs', {}, { live: null, hookEvents: ['post-install', 'post-upgrade'] })
const needs = 'missing-config Deployment/web: container app needs the Secret tls, which does not exist'
const why = (phase: string) => `Helm runs the ${phase} hook Job/certs only when everything is ready`

test('pods that wait for what a later hook makes are told with the deadlock', () => {
  const late: AttemptEnd = { kind: 'deadline' }
  assert.deepEqual(told({ objects: [web, post], pods: [absent] }, late), [`${needs}; ${why('post-upgrade')}`])
  const first = { ...web, isNew: true }
  assert.deepEqual(told({ objects: [first, post], pods: [absent] }, late), [`${needs}; ${why('post-install')}`])
  const old = hook('old', failed, { isNew: false, hookEvents: ['pre-install'] })
  const notYet = watched(workload('StatefulSet'), { live: null })
  const installed = told({ objects: [first, old, notYet, post], pods: [absent] }, late)
  assert.equal(installed[0], `${needs}; ${why('post-install')}`, 'only what the release had before tells an upgrade')
  for (const other of [
    { live: null, hookEvents: ['pre-upgrade'] },
    { live: null, hookEvents: ['post-install'] },
  ])
    assert.deepEqual(told({ objects: [web, hook('certs', {}, other)], pods: [absent] }, late), [needs])
  const unwatched = watched({ ...workload('ConfigMap'), metadata: { name: 'certs' } }, { hookEvents: ['post-upgrade'] })
  assert.deepEqual(told({ objects: [web, { ...unwatched, live: null }], pods: [absent] }, late), [needs])
  const [slow] = found({ objects: [web, post], pods: [pod('a', { ready: false, state: { running: {} } })] }, late)
  assert.equal(
    slow?.advice,
    `Check path and port of the probe, and what the container waits for; ${why('post-upgrade')}`,
  )
  const [pull] = found({ objects: [web, post], pods: [pod('a', missing)] }, late)
  assert.doesNotMatch(`${pull?.cause} ${pull?.advice}`, /hook/)
})

test('a hook that waits itself is not told to wait for a later one, what only bears its name is', () => {
  const ofJob = (name: string) => pod(`${name}-x`, noSecret, { owner: name, restartPolicy: 'Never' })
  const causes = (objects: readonly WatchedObject[], pods: readonly Pod[]) =>
    told({ objects: [...objects, post], pods }, { kind: 'deadline' })
  const [migrate, ...more] = causes([web, hook('migrate')], [absent, ofJob('migrate')])
  assert.equal(migrate, needs.replace('Deployment/web', 'Job/migrate'))
  assert.deepEqual(more, [`${needs}; ${why('post-upgrade')}`])
  const sameName = causes([web, hook('web', failed)], [absent])
  assert.deepEqual(sameName, [`${needs}; ${why('post-upgrade')}`])
  const sameKind = causes(
    [{ ...hook('load'), hookEvents: [], isNew: false }, { ...hook('import'), hookEvents: [] }, hook('migrate', failed)],
    [ofJob('import')],
  )
  assert.match(sameKind.join(), /Job\/import: .*; Helm runs the post-upgrade hook Job\/certs/)
})
