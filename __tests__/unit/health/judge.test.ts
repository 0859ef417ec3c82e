import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus, Pod, Workload } from '../../../src/cluster/types.ts'
import { diagnose, dueFaults } from '../../../src/health/diagnose.ts'
import type { AttemptEnd } from '../../../src/health/end.ts'
import { keptFault } from '../../../src/health/fault.ts'
import type { Finding } from '../../../src/health/finding.ts'
import { judge } from '../../../src/health/judge.ts'
import type { Sights, WatchedObject } from '../../../src/health/observed.ts'
import { at, crashed, ended, observed, pod, start, waiting, watched, workload } from './builders.ts'
import { options } from './fixture.ts'

const subject = { namespace: 'shop', chart: './charts/shop' }
const found = (parts: Partial<Sights>, end: AttemptEnd): Finding[] => judge(observed(parts), end, options, subject)
const told = (parts: Partial<Sights>, end: AttemptEnd): string[] =>
  found(parts, end).map(({ class: name, resource, cause }) => `${name} ${resource.kind}/${resource.name}: ${cause}`)
const byHelm = (error: string): AttemptEnd => ({ kind: 'helm-failed', error })

const web = watched(workload('Deployment'))
const missing = waiting('ErrImagePull', 'registry.example/app:9: not found')
const pulls = 'image-pull Deployment/web: container app: image registry.example/app:1 does not exist'
const stalled = 'rollout-stalled Deployment/web: the rollout is not complete: 0 of 2 new pods started'
const served = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 }
const done = watched(workload('Deployment', { status: served }))

test('a deploy that is complete has no findings, whatever is seen', () => {
  assert.deepEqual(told({ objects: [web], pods: [pod('a', missing)] }, { kind: 'complete' }), [])
})

test('a deploy that was ended early is judged by what may end it, at once or after a while', () => {
  const doomed: AttemptEnd = { kind: 'doomed', due: [] }
  const signalSince = new Map([['a|app|image-pull|', start]])
  assert.deepEqual(told({ objects: [web], pods: [pod('a', missing)], signalSince }, doomed), [pulls])
  assert.deepEqual(told({ objects: [web], pods: [pod('a', { ready: false, state: { running: {} } })] }, doomed), [])
  const annotations = { 'atomic-helm.dev/fail-fast': 'off' }
  const wrong = workload('Deployment', { metadata: { name: 'web', annotations } })
  const parts = { objects: [watched(wrong)], pods: [pod('a', waiting('InvalidImageName'))] }
  assert.match(told(parts, doomed).join(), /^image-name/, 'what is wrong for certain is told even so')
})

/** What was due in one moment, as the end of an attempt keeps it. */
const dueIn = (parts: Partial<Sights>): AttemptEnd => {
  const seen = observed({ ...parts, firstStart: new Map([['a/app', start]]) })
  const due = dueFaults(diagnose(seen, options), seen.now).map(keptFault)
  return { kind: 'doomed', due: JSON.parse(JSON.stringify(due)) as typeof due }
}

test('what ended a deploy is told although its container runs again by the time that it is judged', () => {
  const down = pod('a', crashed(3))
  const end = dueIn({ objects: [web], pods: [down] })
  const again = pod('a', { ...crashed(3, 'running'), ready: true })
  const crash = 'crash-loop Deployment/web: container app exited with 1 three times'
  const logs = new Map([['a/app', ['FATAL: no']]])
  const [finding, ...more] = found({ objects: [web], pods: [again], logs }, end)
  assert.deepEqual([`${finding?.class} Deployment/web: ${finding?.cause}`, more], [crash, []])
  assert.deepEqual(
    [finding?.severity, finding?.evidence.decisiveLine],
    [{ kind: 'grace', afterMs: 30_000 }, 'FATAL: no'],
  )
  assert.deepEqual(told({ objects: [web], pods: [] }, end), [crash], 'even when the pod is gone')
})

test('what ended a deploy comes before what has a lower layer and was not certain', () => {
  const twoContainers = (app: Partial<ContainerStatus>, proxy: Partial<ContainerStatus>): Pod => ({
    ...pod('a', {}),
    status: {
      phase: 'Running',
      containerStatuses: [
        { name: 'app', ...app },
        { name: 'proxy', ...proxy },
      ],
    },
  })
  const slow = waiting('ErrImagePull', 'registry.example/proxy:1: i/o timeout')
  const parts = { objects: [web], pods: [twoContainers(crashed(3), slow)] }
  const classes = (end: AttemptEnd) =>
    found({ ...parts, firstStart: new Map([['a/app', start]]) }, end).map(({ class: name }) => name)
  assert.deepEqual(classes(dueIn(parts)), ['crash-loop', 'image-pull'])
  assert.deepEqual(classes({ kind: 'deadline' }), ['crash-loop', 'image-pull'])
})

test('at the deadline everything counts whose rollout is open, with the best explanation that there is', () => {
  const late: AttemptEnd = { kind: 'deadline' }
  assert.deepEqual(told({ objects: [web] }, late), [stalled])
  const notReady = pod('a', { ready: false, state: { running: {} } })
  assert.match(told({ objects: [web], pods: [notReady] }, late).join('; '), /^not-ready [^;]*$/)
  const db = watched(workload('StatefulSet', { metadata: { name: 'db', uid: 'db' } }))
  assert.deepEqual(
    told({ objects: [web, db], pods: [notReady] }, late).map((one) => one.split(':')[0]),
    ['not-ready Deployment/web', 'rollout-stalled StatefulSet/db'],
  )
})

test('at the deadline a rollout that is complete is not to blame, unless a fault of it is certain', () => {
  const late: AttemptEnd = { kind: 'deadline' }
  assert.deepEqual(told({ objects: [done], pods: [pod('a', crashed(1, 'running'))] }, late), [])
  const killed = pod('a', { restartCount: 3, ready: true, state: { running: {} }, lastState: ended(137) })
  assert.match(told({ objects: [done], pods: [killed] }, late).join(), /^crash-loop/)
})

test('at the deadline an object without pods counts by what it says', () => {
  const conditions = [{ type: 'Ready', status: 'False', reason: 'Pending', lastTransitionTime: at(2) }]
  const live = { ...workload('Certificate', { status: { conditions } }), apiVersion: 'cert-manager.io/v1' }
  assert.deepEqual(told({ others: [watched(live)] }, { kind: 'deadline' }), [
    'resource-failed Certificate/web: Ready is False: Pending',
  ])
})

test('what was complete and is not any more is told with what it was', () => {
  const crash = pod('a', crashed(1, 'terminated'))
  assert.deepEqual(told({ objects: [done], pods: [crash] }, { kind: 'unstable', crashes: { 'a/app': 0 } }), [
    'crash-loop Deployment/web: container app exited with 1',
  ])
  assert.deepEqual(told({ objects: [done], pods: [crash] }, { kind: 'unstable', crashes: { 'a/app': 1 } }), [])
})

test('an error that Helm explains is told as Helm tells it', () => {
  const text =
    'cannot patch "db" with kind Secret: Secret "db" is invalid: type: Invalid value: "x": field is immutable'
  const [finding, ...more] = found({ objects: [web], pods: [pod('a', missing)] }, byHelm(text))
  assert.deepEqual([finding?.class, finding?.resource.name, more], ['immutable-field', 'db', []])
})

test('where Helm says only that time ran out, the cluster says why', () => {
  const late = byHelm('context deadline exceeded')
  assert.deepEqual(told({ objects: [web], pods: [pod('a', missing)] }, late), [pulls])
  assert.deepEqual(told({ objects: [done] }, late), ['unknown Chart/shop: Helm failed: context deadline exceeded'])
})

test('where Helm says nothing that is known, what was certain by then says more', () => {
  const text = byHelm('resource Deployment/shop/web not ready. status: Failed')
  const at10 = { objects: [web], pods: [pod('a', missing)], seconds: 10 }
  const since = (second: number) => new Map([['a|app|image-pull|', start + second * 1000]])
  for (const second of [5, 6]) assert.deepEqual(told({ ...at10, signalSince: since(second) }, text), [pulls])
  const other = byHelm('resource Deployment/shop/other not ready. status: Failed')
  assert.match(told({ ...at10, signalSince: since(6) }, other).join(), /^unknown Deployment\/other: Helm failed: /)
  assert.match(told({ objects: [web] }, text).join(), /^unknown Deployment\/web: Helm failed: /, 'nothing says why')
})

test('where Helm ends by itself, the object that it names comes first, then what is open', () => {
  const db = watched(workload('StatefulSet', { metadata: { name: 'db', namespace: 'shop', uid: 'db' } }))
  const status = { ready: false, started: true, state: { running: {} } }
  const pods = [pod('a', missing), pod('db-0', status, { owner: 'db', labels: {} })]
  const text = byHelm('resource StatefulSet/shop/db not ready. status: Failed, message: x\ncontext done')
  assert.deepEqual(
    told({ objects: [web, db], pods }, text).map((one) => one.split(':')[0]),
    ['not-ready StatefulSet/db', 'image-pull Deployment/web'],
  )
})

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

test('pods that wait for what a later hook makes are told with the deadlock', () => {
  const absent = pod('a', waiting('CreateContainerConfigError', 'secret "tls" not found'))
  const post = hook('certs', {}, { live: null, hookEvents: ['post-install', 'post-upgrade'] })
  const late: AttemptEnd = { kind: 'deadline' }
  const needs = 'missing-config Deployment/web: container app needs the Secret tls, which does not exist'
  const why = (phase: string) => `Helm runs the ${phase} hook Job/certs only when everything is ready`
  assert.deepEqual(told({ objects: [web, post], pods: [absent] }, late), [`${needs}; ${why('post-upgrade')}`])
  const first = { ...web, isNew: true }
  assert.deepEqual(told({ objects: [first, post], pods: [absent] }, late), [`${needs}; ${why('post-install')}`])
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
