import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus, Pod, Workload } from '../../../src/cluster/types.ts'
import { diagnose } from '../../../src/health/diagnose.ts'
import { at, crashed, event, observed, pod, replicaSet, start, waiting, watched, workload } from './builders.ts'
import { options } from './fixture.ts'

const missing = waiting('ImagePullBackOff', 'registry.example/app:9: not found')
const running: Partial<ContainerStatus> = { ready: true, started: true, state: { running: {} } }
const hash = { 'controller-revision-hash': 'new' }
const status = { observedGeneration: 2, updateRevision: 'new' }

/** A pod whose image is missing since that second, or that runs. */
interface Case {
  readonly name: string
  readonly since?: number
  readonly node?: string
}

/** When the missing image ends the deploy of those pods, in seconds, and of how many pods it is told. */
function verdict(
  live: Workload,
  cases: readonly Case[],
): readonly [at: number | null | undefined, count: number | undefined] {
  const owner = live.kind === 'Deployment' ? 'set-uid' : `${live.kind}-uid`
  const pods = cases.map(({ name, since, node = 'node-a' }) =>
    pod(name, since === undefined ? running : missing, { owner, node, labels: hash }),
  )
  const signalSince = new Map(
    cases.flatMap(({ name, since }) =>
      since === undefined ? [] : [[`${name}|app|image-pull|`, start + since * 1000]],
    ),
  )
  const [fault] = diagnose(observed({ objects: [watched(live)], pods, signalSince }), options)
  return [fault?.dueAt && (fault.dueAt - start) / 1000, fault?.count]
}

const deployment = workload('Deployment')
const parallel = workload('StatefulSet', { status, spec: { podManagementPolicy: 'Parallel' } })
const unordered: readonly [string, Workload][] = [
  ['a Deployment', deployment],
  ['a StatefulSet that goes in parallel', parallel],
  ['a DaemonSet', workload('DaemonSet')],
]

for (const [name, live] of unordered) {
  test(`${name} is judged by all its new pods, when the last of them is due`, () => {
    assert.deepEqual(verdict(live, [{ name: 'a', since: 1 }]), [13, 1])
    assert.deepEqual(verdict(live, [{ name: 'a', since: 1 }, { name: 'b' }]), [null, 1])
    const both = [
      { name: 'a', since: 7 },
      { name: 'b', since: 1 },
    ]
    assert.deepEqual(verdict(live, both), [19, 2])
    assert.deepEqual(verdict(live, [...both, { name: 'c' }]), [null, 2])
  })

  test(`${name} is judged by pods on two nodes, when the first of another node is due`, () => {
    const one = { name: 'a', since: 1 }
    const elsewhere = { name: 'b', since: 4, node: 'node-b' }
    assert.deepEqual(verdict(live, [one, elsewhere, { name: 'c' }]), [16, 2])
    assert.deepEqual(verdict(live, [{ name: 'c' }, elsewhere, one]), [16, 2])
    const later = { name: 'd', since: 40, node: 'node-c' }
    assert.deepEqual(verdict(live, [later, one, elsewhere, { name: 'c' }]), [16, 3])
  })

  test(`${name} with one bad node among several is not judged`, () => {
    const bad = ['a', 'b', 'c'].map((pod) => ({ name: pod, since: 1, node: 'node-bad' }))
    assert.deepEqual(verdict(live, [...bad, { name: 'd', node: 'node-b' }]), [null, 3])
  })
}

test('one pod stops an ordered StatefulSet', () => {
  const live = workload('StatefulSet', { status })
  assert.deepEqual(verdict(live, [{ name: 'a', since: 7 }, { name: 'b' }]), [19, 1])
  const two = [
    { name: 'a', since: 7 },
    { name: 'b', since: 1, node: 'node-b' },
  ]
  assert.deepEqual(verdict(live, two), [13, 2])
})

const serving: Partial<Pod['status'] & object> = { conditions: [{ type: 'Ready', status: 'True' }] }
const oldPod: Pod = { ...pod('old', running, { owner: 'old-set' }), status: { phase: 'Running', ...serving } }

/** When a pod without a sandbox, of which the kubelet told for two minutes, ends the deploy. */
function sandboxDue(others: readonly Pod[], ...nodes: readonly string[]): number | null | undefined {
  const fresh = nodes.map((node, index) =>
    pod(`new-${index}`, waiting('ContainerCreating'), { node, phase: 'Pending' }),
  )
  const text = 'plugin type="bridge" failed (add): no address left'
  const events = fresh.map(({ metadata }) =>
    event(metadata.name, 'FailedCreatePodSandBox', text, 120, { firstTimestamp: at(2) }),
  )
  const replicaSets = [replicaSet(), replicaSet(1, 'old-set')]
  const pods = [...others, ...fresh]
  const parts = {
    objects: [watched(deployment)],
    pods,
    events,
    replicaSets,
    podsBefore: new Set(['old']),
    seconds: 150,
  }
  const [fault] = diagnose(observed(parts), options)
  assert.equal(fault?.class, 'sandbox')
  return fault.dueAt && (fault.dueAt - start) / 1000
}

test('a fault that a node can have by itself needs two nodes while another pod serves', () => {
  const ended: Pod = { ...oldPod, metadata: { ...oldPod.metadata, deletionTimestamp: at(1) } }
  const ofBefore: Pod = { ...pod('old', running), status: { phase: 'Running', ...serving } }
  assert.equal(sandboxDue([oldPod], 'node-a'), null, 'a surge of one')
  assert.equal(sandboxDue([oldPod], 'node-a', 'node-a'), null)
  assert.equal(sandboxDue([ofBefore], 'node-a'), null, 'scaled up')
  assert.equal(sandboxDue([oldPod], 'node-a', 'node-b'), 150)
  assert.equal(sandboxDue([], 'node-a'), 150, 'nothing serves')
  assert.equal(sandboxDue([ended], 'node-a'), 150)
  assert.equal(sandboxDue([{ ...oldPod, status: { phase: 'Running' } }], 'node-a'), 150)
})

test('a fault of the release needs but one new pod, though an old one serves', () => {
  const parts = {
    objects: [watched(deployment)],
    replicaSets: [replicaSet(), replicaSet(1, 'old-set')],
    pods: [oldPod, pod('a', missing)],
    signalSince: new Map([['a|app|image-pull|', start]]),
    podsBefore: new Set(['old']),
  }
  assert.equal(diagnose(observed(parts), options)[0]?.dueAt, start + 12_000)
})

test('pods without a node are not on two nodes', () => {
  const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/2 nodes' }]
  const unplaced = (name: string): Pod => {
    const { metadata } = pod(name, {})
    return { kind: 'Pod', metadata, spec: { containers: [] }, status: { phase: 'Pending', conditions } }
  }
  const grace = { ...options, unschedulableGraceMs: 10_000 }
  const due = (pods: readonly Pod[]): number | null | undefined => {
    const signalSince = new Map(['a', 'b'].map((name) => [`${name}|unschedulable|`, start]))
    const [fault] = diagnose(observed({ objects: [watched(deployment)], pods, signalSince }), grace)
    return fault && fault.dueAt
  }
  assert.equal(due([unplaced('a'), unplaced('b'), pod('c', running)]), null)
  assert.equal(due([unplaced('a'), unplaced('b')]), start + 10_000)
})

test('two containers of one pod are one pod', () => {
  const both: Pod = {
    ...pod('a', {}),
    status: {
      phase: 'Pending',
      containerStatuses: [
        { name: 'app', ...missing },
        { name: 'proxy', ...missing },
      ],
    },
  }
  const signalSince = new Map(['app', 'proxy'].map((name) => [`a|${name}|image-pull|`, start]))
  const told = (pods: readonly Pod[]) => {
    const [fault] = diagnose(observed({ objects: [watched(deployment)], pods, signalSince }), options)
    return [fault?.count, fault?.dueAt]
  }
  assert.deepEqual(told([both]), [1, start + 12_000])
  assert.deepEqual(told([both, pod('b', running)]), [1, null])
})

test('what is not due before the timeout does not help to a verdict', () => {
  const firstStart = new Map(['a', 'b'].map((name) => [`${name}/app`, start]))
  const due = (...pods: Pod[]) =>
    diagnose(observed({ objects: [watched(deployment)], pods, firstStart }), options)[0]?.dueAt
  assert.equal(due(pod('a', crashed(3)), pod('b', crashed(3))), start + 30_000)
  assert.equal(due(pod('a', crashed(3)), pod('b', crashed(2))), null)
  assert.equal(due(pod('a', crashed(3)), pod('b', crashed(2), { node: 'node-b' })), null)
  assert.equal(due(pod('a', crashed(3)), pod('b', crashed(3), { node: 'node-b' }), pod('c', running)), start + 30_000)
})

/** A pod with two containers in those states. */
const pair = (name: string, app: Partial<ContainerStatus>, proxy: Partial<ContainerStatus>): Pod => ({
  ...pod(name, {}),
  status: {
    containerStatuses: [
      { name: 'app', ...app },
      { name: 'proxy', ...proxy },
    ],
  },
})
const absent = (secret: string) => waiting('CreateContainerConfigError', `secret "${secret}" not found`)
const faultsOf = (pods: readonly Pod[], since: Readonly<Record<string, number>> = {}) =>
  diagnose(
    observed({
      objects: [watched(deployment)],
      pods,
      signalSince: new Map(Object.entries(since).map(([key, second]) => [key, start + second * 1000])),
    }),
    options,
  ).map(({ cause, count, dueAt }) => [cause.replace('container ', ''), count, dueAt && (dueAt - start) / 1000])

test('several faults of one class are all told, those of equal pods once', () => {
  const since = Object.fromEntries(
    ['a', 'b'].flatMap((name) => [`${name}|app|image-pull|`, `${name}|proxy|image-pull|`].map((key) => [key, 1])),
  )
  assert.deepEqual(faultsOf([pair('a', missing, missing), pair('b', missing, missing)], since), [
    ['app: image registry.example/app:1 does not exist', 2, 13],
    ['proxy: image does not exist', 2, 13],
  ])
  assert.deepEqual(
    faultsOf([pair('a', absent('db'), absent('tls'))]).map(([cause]) => cause),
    ['app needs the Secret db, which does not exist', 'proxy needs the Secret tls, which does not exist'],
  )
})

test('a fault does not wait for a later one of its class on the same pod', () => {
  const slow = waiting('ErrImagePull', 'i/o timeout')
  const since = { 'a|app|image-pull|': 1, 'a|proxy|image-pull|': 1 }
  assert.deepEqual(
    faultsOf([pair('a', missing, slow)], since).map(([, , due]) => due),
    [13, 91],
  )
})

test('pods that show different faults of one class make a quorum together', () => {
  const key = (name: string, secret: string) => `${name}|app|missing-config|secret "${secret}" not found`
  const since = { [key('a', 'db')]: 1, [key('b', 'tls')]: 4 }
  const pods = [pod('a', absent('db')), pod('b', absent('tls'))]
  assert.deepEqual(faultsOf(pods, since), [
    ['app needs the Secret db, which does not exist', 1, 49],
    ['app needs the Secret tls, which does not exist', 1, 49],
  ])
  assert.deepEqual(
    faultsOf([...pods, pod('c', running)], since).map(([, , due]) => due),
    [null, null],
  )
})
