import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus, Pod, Workload } from '../../../src/cluster/types.ts'
import { diagnose, dueFaults, isHookRunning, nextDue, toFinding, unfinished } from '../../../src/health/diagnose.ts'
import type { Observed, WatchedObject } from '../../../src/health/observed.ts'
import { at, crashed, ended, event, observed, pod, start, waiting, watched, workload } from './builders.ts'
import { options } from './fixture.ts'

const missing = waiting('ImagePullBackOff', 'registry.example/app:9: not found')
const running: Partial<ContainerStatus> = { ready: true, started: true, state: { running: {} } }

/** The signal keys of image pulls, as old as that. */
const pullsSince = (seconds: number, ...names: string[]) =>
  new Map(names.map((name) => [`${name}|app|image-pull|`, start + seconds * 1000]))
const startsAt = (seconds: number, ...names: string[]) =>
  new Map(names.map((name) => [`${name}/app`, start + seconds * 1000]))

function ends(parts: Partial<Observed>, live: Workload = workload('Deployment'), more: Partial<WatchedObject> = {}) {
  const faults = diagnose(observed({ objects: [watched(live, more)], ...parts }), options)
  return faults.map(({ class: name, dueAt }) => [name, dueAt === null || dueAt === 0 ? dueAt : (dueAt - start) / 1000])
}

test('a verdict needs all new pods', () => {
  const signalSince = pullsSince(3, 'a', 'b')
  assert.deepEqual(ends({ pods: [pod('a', missing), pod('b', missing)], signalSince }), [['image-pull', 15]])
  assert.deepEqual(ends({ pods: [pod('a', missing), pod('b', running)], signalSince }), [['image-pull', null]])
  assert.deepEqual(ends({ pods: [pod('a', missing)], signalSince }), [['image-pull', 15]])
})

test('or pods on two nodes, from when the second one shows it', () => {
  const signalSince = new Map([...pullsSince(3, 'a'), ...pullsSince(9, 'b')])
  const others = [pod('c', running), pod('b', missing, { node: 'node-b' })]
  assert.deepEqual(ends({ pods: [pod('a', missing), ...others], signalSince }), [['image-pull', 21]])
  const sameNode = [pod('a', missing), pod('b', missing), pod('c', running)]
  assert.deepEqual(ends({ pods: sameNode, signalSince }), [['image-pull', null]])
})

test('or one pod where pods come one after another', () => {
  const signalSince = pullsSince(3, 'a')
  const hash = { 'controller-revision-hash': 'new' }
  const parts = {
    signalSince,
    pods: [
      pod('a', missing, { owner: 'StatefulSet-uid', labels: hash }),
      pod('b', running, { owner: 'StatefulSet-uid', labels: hash }),
    ],
  }
  const status = { observedGeneration: 2, updateRevision: 'new' }
  assert.deepEqual(ends(parts, workload('StatefulSet', { status })), [['image-pull', 15]])
  const parallel = workload('StatefulSet', { status, spec: { podManagementPolicy: 'Parallel' } })
  assert.deepEqual(ends(parts, parallel), [['image-pull', null]])
  const daemon = {
    ...parts,
    pods: [pod('a', missing, { owner: 'DaemonSet-uid' }), pod('b', running, { owner: 'DaemonSet-uid' })],
  }
  assert.deepEqual(ends(daemon, workload('DaemonSet')), [['image-pull', null]], 'one bad node of two')
})

test('a crash loop ends a deploy at the third crash, and 30 s after the first start', () => {
  const firstStart = startsAt(4, 'a')
  for (const shape of ['back-off', 'terminated'] as const) {
    assert.deepEqual(ends({ pods: [pod('a', crashed(3, shape))], firstStart }), [['crash-loop', 34]], shape)
    assert.deepEqual(ends({ pods: [pod('a', crashed(2, shape))], firstStart }), [['crash-loop', null]], shape)
  }
  for (const exitCode of [0, 1, 137, 143])
    assert.deepEqual(ends({ pods: [pod('a', crashed(9, 'running', exitCode))], firstStart }), [['crash-loop', null]])
  const faults = diagnose(
    observed({ objects: [watched(workload('Deployment'))], pods: [pod('a', crashed(3))], firstStart }),
    options,
  )
  assert.deepEqual([dueFaults(faults, start + 33_999).length, dueFaults(faults, start + 34_000).length], [0, 1])
  assert.equal(nextDue(faults, start + 10_000), start + 34_000)
  assert.equal(nextDue(faults, start + 34_000), null)
  const later = faults.map((fault) => ({ ...fault, dueAt: start + 50_000 }))
  assert.equal(nextDue([...later, ...faults], start), start + 34_000, 'the first of them')
})

test('a pod that crashed once and runs again does not seal the fate of another', () => {
  const firstStart = startsAt(1, 'a', 'b')
  const parts = { firstStart, pods: [pod('a', crashed(4)), pod('b', crashed(1, 'running'))] }
  assert.deepEqual(ends(parts), [['crash-loop', null]])
})

test('a process that never ran has no first start: the kubelet taking the pod counts', () => {
  const end = { restartCount: 2, state: ended(128, 'StartError') }
  const never = pod('a', end)
  const taken = { ...never, status: { ...never.status, startTime: at(2) } }
  assert.deepEqual(ends({ pods: [taken] }), [['container-start', 32]])
})

test('pods of before and of old revisions are never blamed', () => {
  const signalSince = pullsSince(-500, 'a')
  assert.deepEqual(ends({ pods: [pod('a', missing)], podsBefore: new Set(['a']), signalSince }), [])
  assert.deepEqual(ends({ pods: [pod('a', missing, { owner: 'old-set' })], signalSince }), [])
  assert.deepEqual(ends({ pods: [pod('a', missing, { owner: 'foreign' })], signalSince }), [])
})

test('nothing is judged before the controller has seen the change', () => {
  const stale = workload('Deployment', { status: { observedGeneration: 1 } })
  assert.deepEqual(ends({ pods: [pod('a', missing)], signalSince: pullsSince(1, 'a') }, stale), [])
  const old = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', lastTransitionTime: at(5) }
  assert.deepEqual(ends({}, workload('Deployment', { status: { observedGeneration: 1, conditions: [old] } })), [])
})

test('a progress deadline counts only when it passed in this deploy', () => {
  const live = (seconds: number) => {
    const condition = {
      type: 'Progressing',
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      lastTransitionTime: at(seconds),
    }
    return workload('Deployment', { status: { observedGeneration: 2, conditions: [condition] } })
  }
  assert.deepEqual(ends({}, live(20)), [['rollout-stalled', 0]])
  assert.deepEqual(ends({}, live(-20)), [])
})

test('pods that cannot be created end a deploy after a while, if that began with it', () => {
  const refused = (seconds: number, message: string) => {
    const condition = {
      type: 'ReplicaFailure',
      status: 'True',
      reason: 'FailedCreate',
      message,
      lastTransitionTime: at(seconds),
    }
    const own = { uid: 'Deployment-uid', kind: 'Deployment', name: 'web' }
    return {
      kind: 'ReplicaSet',
      metadata: { name: 's', uid: 's', ownerReferences: [own] },
      status: { conditions: [condition] },
    }
  }
  const fault = (seconds: number, message: string) => ends({ replicaSets: [refused(seconds, message)] })
  assert.deepEqual(fault(3, 'pods "web-1" is forbidden: exceeded quota: small'), [['quota-exceeded', 18]])
  assert.deepEqual(fault(3, 'admission webhook "x" denied the request'), [['admission-denied', 6]])
  assert.deepEqual(fault(3, 'failed calling webhook "x": refused'), [['api-refused', 23]])
  assert.deepEqual(fault(3, 'serviceaccount "nobody" not found'), [['replica-creation', 18]])
  assert.deepEqual(fault(-300, 'pods "web-1" is forbidden: exceeded quota: small'), [])
})

test('sets without such a condition tell it by their events, and a verdict takes a try after the grace', () => {
  const text = 'Error creating: pods "agent-x1" is forbidden: exceeded quota: small, requested: pods=1'
  const failed = event('DaemonSet-uid', 'FailedCreate', text, 5)
  const live = workload('DaemonSet')
  assert.deepEqual(ends({ events: [failed] }, live), [['quota-exceeded', null]])
  const again = event('DaemonSet-uid', 'FailedCreate', text, 21)
  assert.deepEqual(ends({ events: [failed, again] }, live), [['quota-exceeded', 21]])
  assert.deepEqual(ends({ events: [failed, event('DaemonSet-uid', 'SuccessfulCreate', 'Created pod', 6)] }, live), [])
  assert.deepEqual(ends({ events: [event('DaemonSet-uid', 'FailedCreate', text, -60)] }, live), [])
  const [fault] = diagnose(observed({ objects: [watched(live)], events: [failed] }), options)
  assert.equal(fault?.cause, 'its pods cannot be created: exceeded quota: small, requested: pods=1')
})

test('a pod that its node evicted does not hold up the verdict on those that replace it', () => {
  const pods = [pod('gone', {}, { phase: 'Failed' }), pod('a', missing)]
  assert.deepEqual(ends({ pods, signalSince: pullsSince(3, 'a') }), [['image-pull', 15]])
})

test('a deleted pod shows nothing', () => {
  const base = pod('a', missing)
  const deleted = { ...base, metadata: { ...base.metadata, deletionTimestamp: at(4) } }
  assert.deepEqual(ends({ pods: [deleted], signalSince: pullsSince(1, 'a') }), [])
})

test('the lowest layer comes first, and "not ready" beside a crash is left out', () => {
  const two = workload('StatefulSet', {
    metadata: { name: 'db', uid: 'db' },
    status: { observedGeneration: 2, updateRevision: 'r' },
  })
  const notReady: Partial<ContainerStatus> = { ready: false, state: { running: {} } }
  const pods = [
    pod('a', crashed(3)),
    pod('b', notReady),
    pod('db-0', missing, { owner: 'db', labels: { 'controller-revision-hash': 'r' } }),
  ]
  const faults = diagnose(observed({ objects: [watched(workload('Deployment')), watched(two)], pods }), options)
  assert.deepEqual(
    faults.map(({ class: name, object }) => `${object.manifest.name} ${name}`),
    ['db image-pull', 'web crash-loop'],
  )
})

test('equal pods are one fault with their number; the evidence is of the one that shows it longest', () => {
  const pods = ['a', 'b', 'c'].map((name) => pod(name, missing))
  const signalSince = new Map([...pullsSince(9, 'a', 'c'), ...pullsSince(2, 'b')])
  const seen = observed({ objects: [watched(workload('Deployment'))], pods, signalSince })
  const [fault, ...more] = diagnose(seen, options)
  assert.ok(fault)
  assert.deepEqual([more.length, fault.count], [0, 3])
  assert.equal(toFinding(fault, seen).evidence.object?.name, 'b')
})

test('evidence is of the moment in which it is asked for', () => {
  const seen = observed({ objects: [watched(workload('Deployment'))], pods: [pod('a', crashed(3))] })
  const [fault] = diagnose(seen, options)
  assert.ok(fault)
  const late = { ...seen, pods: [pod('a', crashed(5))], logs: new Map([['a/app', ['FATAL: no']]]) }
  const { evidence } = toFinding(fault, late)
  assert.deepEqual([evidence.status['crashes'], evidence.decisiveLine], ['5', 'FATAL: no'])
})

test('a kill by a probe is told as such, unless the container failed by itself', () => {
  const events = [
    event('a', 'Unhealthy', 'Liveness probe failed: HTTP probe failed with statuscode: 500', 5),
    event('a', 'Killing', 'Container app failed liveness probe, will be restarted', 5),
  ]
  const cause = (exitCode: number, about = 'a') => {
    const pods = [pod(about, crashed(3, 'back-off', exitCode))]
    return diagnose(observed({ objects: [watched(workload('Deployment'))], pods, events }), options)[0]?.cause
  }
  for (const code of [0, 137, 143]) {
    assert.equal(
      cause(code),
      'container app was killed three times by its liveness probe: HTTP probe failed with statuscode: 500',
    )
  }
  assert.equal(cause(1), 'container app exited with 1 three times')
  assert.equal(cause(137, 'other'), 'container app exited with 137 three times')
})

const job = (conditions: readonly { type: string; status: string; reason?: string }[] = []): Workload =>
  workload('Job', { status: { conditions } })
const failed = job([{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }])

test('a Job of the chart that failed ends the deploy; one of an earlier deploy does not', () => {
  assert.deepEqual(ends({}, failed, { isNew: true }), [['job-failed', 0]])
  assert.deepEqual(ends({}, failed, { isNew: false }), [])
  assert.deepEqual(ends({}, job([{ type: 'Failed', status: 'False' }]), { isNew: true }), [])
  assert.deepEqual(ends({}, job([{ type: 'FailureTarget', status: 'True' }]), { isNew: true }), [['job-failed', 0]])
  assert.deepEqual(ends({}, job([{ type: 'Suspended', status: 'True' }]), { isNew: true }), [])
})

test('a Job that failed ends the deploy although its TTL has taken it away', () => {
  assert.deepEqual(ends({}, failed, { isNew: true, wasDeleted: true }), [['job-failed', 0]])
})

test('a hook that failed is left to Helm', () => {
  assert.deepEqual(ends({}, failed, { isNew: true, hookEvents: ['pre-upgrade'] }), [['hook-failed', null]])
})

test("crashes of a Job are the Job's own business, its image is not", () => {
  const owner = { owner: 'Job-uid', restartPolicy: 'OnFailure' }
  assert.deepEqual(ends({ pods: [pod('a', crashed(6), owner)] }, job(), { isNew: true }), [])
  const parts = { pods: [pod('a', missing, owner)], signalSince: pullsSince(2, 'a') }
  assert.deepEqual(ends(parts, job(), { isNew: true }), [['image-pull', 14]])
})

test('a hook that never started is judged as any pod, one that has started by nobody', () => {
  const hook = { isNew: true, hookEvents: ['pre-upgrade'] }
  const owner = { owner: 'Job-uid', restartPolicy: 'Never' }
  const signalSince = pullsSince(2, 'a')
  assert.deepEqual(ends({ pods: [pod('a', missing, owner)], signalSince }, job(), hook), [['image-pull', 14]])
  const base = pod('a', missing, owner)
  const started: Pod = {
    ...base,
    status: { containerStatuses: [...(base.status?.containerStatuses ?? []), { name: 'b', state: { running: {} } }] },
  }
  assert.deepEqual(ends({ pods: [started], signalSince }, job(), hook), [])
})

function hookRuns(live: Workload, pods: readonly Pod[], more: Partial<WatchedObject> = {}): boolean {
  const hook = { isNew: true, hookEvents: ['post-upgrade'], ...more }
  return isHookRunning(observed({ objects: [watched(live, hook)], pods }))
}

test('a hook runs from its first container to its end', () => {
  const owned = (status: Partial<ContainerStatus>) => [pod('a', status, { owner: 'Job-uid' })]
  assert.equal(hookRuns(job(), owned(running)), true)
  assert.equal(hookRuns(job(), owned({ state: ended(1) })), true, 'between two tries')
  assert.equal(hookRuns(job(), owned(missing)), false)
  assert.equal(hookRuns(job(), []), false)
  assert.equal(hookRuns(failed, owned({ state: ended(1) })), false)
  assert.equal(hookRuns(job([{ type: 'Complete', status: 'True' }]), owned(running)), false)
  assert.equal(hookRuns(job(), owned(running), { wasDeleted: true }), false)
  assert.equal(hookRuns(job(), owned(running), { hookEvents: [] }), false)
})

test('a hook that is a bare pod runs until the pod has ended', () => {
  const bare = (phase: string): [Workload, Pod[]] => {
    const self = {
      ...pod('Pod-uid', { state: phase === 'Running' ? { running: {} } : ended(0) }),
      metadata: { name: 'web', uid: 'Pod-uid' },
    }
    return [workload('Pod', { status: { phase } as Workload['status'] & object }), [self]]
  }
  assert.equal(hookRuns(...bare('Running')), true)
  assert.equal(hookRuns(...bare('Succeeded')), false)
  assert.equal(hookRuns(...bare('Failed')), false)
})

test('what else may be a hook holds nobody up', () => {
  assert.equal(hookRuns(workload('Deployment'), [pod('a', running)]), false)
})

test('at the timeout everything counts whose rollout is not complete, except hooks and Jobs of before', () => {
  const objects = [
    watched(workload('Deployment')),
    watched(null),
    watched(failed),
    watched(job(), { isNew: true, hookEvents: ['pre-upgrade'] }),
    watched(job([{ type: 'Complete', status: 'True' }]), { isNew: true }),
  ]
  assert.deepEqual(
    unfinished(observed({ objects }), options).map(({ cause }) => cause),
    ['the rollout is not complete: 0 of 2 new pods started', 'it does not exist in the cluster'],
  )
})

test('a cluster that shows nothing is no failure', () => {
  assert.deepEqual(diagnose(observed(), options), [])
  assert.deepEqual(ends({}, workload('Deployment', { status: {} })), [])
  assert.deepEqual(diagnose(observed({ objects: [watched(null)] }), options), [])
  assert.equal(nextDue([], start), null)
})

test('the file of the chart that an object comes from is told with its fault', () => {
  const from = (source: string) => {
    const one = watched(workload('Deployment'))
    const object = { ...one, manifest: { ...one.manifest, source } }
    const seen = observed({ objects: [object], pods: [pod('a', missing)] })
    return diagnose(seen, options).map((fault) => toFinding(fault, seen).evidence.source)
  }
  assert.deepEqual(from('shop/templates/web.yaml'), [{ file: 'shop/templates/web.yaml' }])
  assert.deepEqual(from(''), [undefined])
})

test('of one layer, what more pods show comes first', () => {
  const db = { ...watched(workload('StatefulSet', { status: { updateRevision: 'r' } })) }
  const labels = { 'controller-revision-hash': 'r' }
  const pods = [
    pod('a', missing),
    ...['b', 'c'].map((name) => pod(name, missing, { owner: 'StatefulSet-uid', labels })),
  ]
  const found = diagnose(observed({ objects: [watched(workload('Deployment')), db], pods }), options)
  assert.deepEqual(
    found.map(({ object, count }) => [object.manifest.kind, count]),
    [
      ['StatefulSet', 2],
      ['Deployment', 1],
    ],
  )
})
