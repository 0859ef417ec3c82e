import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import type { ContainerStatus, KubeEvent, Pod } from '../../../src/cluster/types.ts'
import { refine, refinements } from '../../../src/health/refine.ts'
import { podSignals } from '../../../src/health/signals.ts'
import { at, crashed, ended, event, observed, pod, waiting } from './builders.ts'
import { options } from './fixture.ts'

interface Case {
  readonly status: Partial<ContainerStatus>
  readonly events?: readonly KubeEvent[]
  readonly lines?: readonly string[]
  readonly probes?: object
  readonly pullSecrets?: readonly { readonly name: string }[]
}

/** The cause of the first sign of a pod with one container, and its advice, in the best words. */
function told({ status, events = [], lines = [], probes = {}, pullSecrets }: Case): { cause: string; advice: string } {
  const base = pod('p', status)
  const one: Pod = {
    ...base,
    spec: {
      ...base.spec,
      containers: [{ name: 'app', image: 'registry.example/app:1', ...probes }],
      ...(pullSecrets ? { imagePullSecrets: pullSecrets } : {}),
    },
  }
  const [signal] = podSignals(one, options)
  assert.ok(signal)
  return refine(observed({ events, logs: new Map([['p/app', lines]]) }), one, signal)
}

const ofContainer = (container: string): Partial<KubeEvent> => ({
  involvedObject: { uid: 'p', fieldPath: `spec.containers{${container}}` },
})
const killing = (probe: string, seconds = 4, container = 'app') =>
  event(
    'p',
    'Killing',
    `Container ${container} failed ${probe} probe, will be restarted`,
    seconds,
    ofContainer(container),
  )
const startHook = (seconds: number, container = 'app') =>
  event('p', 'Killing', 'FailedPostStartHook', seconds, ofContainer(container))
const unhealthy = (text: string, seconds = 3) => event('p', 'Unhealthy', text, seconds)
const killed = crashed(3, 'back-off', 137)
const notReady: Partial<ContainerStatus> = { ready: false, started: true, state: { running: { startedAt: at(1) } } }
const starting = { ...notReady, started: false }

const denied = waiting('ErrImagePull', 'failed to authorize: 401 Unauthorized')
const refusal =
  'container app: image registry.example/app:1 may not be pulled: the registry refuses the credentials, or wants some'

const cases: readonly (Case & { readonly name: string; readonly cause: string; readonly advice: RegExp })[] = [
  {
    name: 'killed by its liveness probe',
    status: killed,
    events: [unhealthy('Liveness probe failed: HTTP probe failed with statuscode: 500'), killing('liveness')],
    cause: 'container app was killed three times by its liveness probe: HTTP probe failed with statuscode: 500',
    advice: /liveness probe/,
  },
  {
    name: 'killed by its startup probe, once',
    status: crashed(1, 'back-off', 143),
    events: [unhealthy('Startup probe errored: rpc error'), killing('startup')],
    cause: 'container app was killed once by its startup probe: rpc error',
    advice: /startup probe/,
  },
  {
    name: 'killed by a probe of which nothing more is told',
    status: crashed(1, 'back-off', 0),
    events: [killing('liveness')],
    cause: 'container app was killed once by its liveness probe',
    advice: /liveness probe/,
  },
  {
    name: 'killed because its start hook failed',
    status: crashed(3, 'back-off', 0),
    events: [killing('liveness', 2), startHook(4)],
    cause: 'container app was killed three times because its postStart hook failed',
    advice: /lifecycle\.postStart/,
  },
  {
    name: 'killed by a probe after its start hook had failed once',
    status: crashed(2, 'back-off', 137),
    events: [startHook(2), killing('liveness', 4)],
    cause: 'container app was killed twice by its liveness probe',
    advice: /liveness probe/,
  },
  {
    name: 'the start hook of another container',
    status: crashed(1, 'back-off', 143),
    events: [startHook(2, 'proxy')],
    cause: 'container app exited with 143',
    advice: /log of its last run/,
  },
  {
    name: 'a crash of its own after its start hook had failed',
    status: crashed(2),
    events: [startHook(2)],
    cause: 'container app exited with 1 twice',
    advice: /log of its last run/,
  },
  {
    name: 'a program for another platform',
    status: crashed(3),
    lines: ['exec /app: exec format error'],
    cause: 'container app exited with 1 three times: its program is built for another platform (exec format error)',
    advice: /architecture/,
  },
  {
    name: 'a program for another platform that cannot start',
    status: { state: { terminated: { exitCode: 128, reason: 'StartError', message: 'exec /app: exec format error' } } },
    cause: 'container app cannot start: exec /app: exec format error',
    advice: /architecture/,
  },
  {
    name: 'pull secrets that the registry refuses',
    status: denied,
    pullSecrets: [{ name: 'registry' }, { name: 'mirror' }],
    cause: `${refusal} (imagePullSecrets: registry, mirror)`,
    advice: /what those Secrets hold/,
  },
  {
    name: 'a registry that wants pull secrets of a pod that has none',
    status: denied,
    cause: `${refusal} (the pod has no imagePullSecrets)`,
    advice: /Make a pull secret/,
  },
  {
    name: 'a port that is taken',
    status: crashed(3),
    lines: ['listen tcp :8080: bind: address already in use', 'bye'],
    cause: 'container app exited with 1 three times',
    advice: /different ports/,
  },
  {
    name: 'a host name that nobody knows',
    status: crashed(3),
    lines: ['getaddrinfo ENOTFOUND db.shop'],
    cause: 'container app exited with 1 three times',
    advice: /host name/,
  },
  {
    name: 'a file system that is read-only',
    status: crashed(3),
    lines: ["mkdir: can't create directory '/var/cache': Read-only file system"],
    cause: 'container app exited with 1 three times',
    advice: /emptyDir/,
  },
  {
    name: 'a file that may not be read',
    status: crashed(3),
    lines: ['open /data/index: permission denied'],
    cause: 'container app exited with 1 three times',
    advice: /fsGroup/,
  },
  {
    name: 'a readiness probe that fails',
    status: notReady,
    events: [unhealthy('Readiness probe failed: HTTP probe failed with statuscode: 503\n')],
    cause: 'container app runs, but never became ready: Readiness probe failed: HTTP probe failed with statuscode: 503',
    advice: /probe/,
  },
  {
    name: 'a readiness probe of which nothing is told',
    status: notReady,
    probes: { readinessProbe: { tcpSocket: { port: 5432 } }, startupProbe: { tcpSocket: { port: 1 } } },
    cause: 'container app runs, but is not ready: its readiness probe does not pass (TCP connection to port 5432)',
    advice: /probe/,
  },
  {
    name: 'a startup probe of which nothing is told',
    status: starting,
    probes: { readinessProbe: { tcpSocket: { port: 5432 } }, startupProbe: { tcpSocket: { port: 1 } } },
    cause: 'container app runs, but is not ready: its startup probe does not pass (TCP connection to port 1)',
    advice: /what the container waits for/,
  },
]

for (const { name, cause, advice, ...one } of cases) {
  test(name, () => {
    const found = told(one)
    assert.equal(found.cause, cause)
    assert.match(found.advice, advice)
  })
}

test('each refinement is seen', () => {
  const watching = refinements.map((row) => ({ row, calls: mock.method(row, 'see').mock }))
  for (const one of cases) told(one)
  const unseen = watching.filter(({ calls }) => calls.calls.every(({ result }) => result === null))
  mock.restoreAll()
  assert.deepEqual(
    unseen.map(({ row }) => `${row.id} ${row.sign}`),
    [],
  )
})

test('a kill by a probe is told only of the container that the kubelet stopped, and of its last stop', () => {
  const cause = (status: Partial<ContainerStatus>, ...events: KubeEvent[]) => told({ status, events }).cause
  assert.equal(cause(crashed(3), killing('liveness')), 'container app exited with 1 three times')
  assert.equal(cause(killed, killing('liveness', 4, 'proxy')), 'container app exited with 137 three times')
  assert.equal(
    cause(killed, { ...killing('liveness'), involvedObject: { uid: 'other' } }),
    'container app exited with 137 three times',
  )
  assert.match(cause(killed, killing('liveness', 9), killing('startup', 4)), /liveness/)
  assert.match(cause(killed, killing('liveness', 4), killing('startup', 9)), /startup/)
  const noCode = { restartCount: 3, state: { terminated: { reason: 'Error' } } }
  assert.doesNotMatch(cause(noCode, killing('liveness')), /probe/, 'nobody knows how it ended')
})

test('of several answers of a probe the newest is told', () => {
  const events = [
    unhealthy('Liveness probe failed: new', 9),
    unhealthy('Liveness probe failed: old', 2),
    killing('liveness'),
  ]
  assert.match(told({ status: killed, events }).cause, /liveness probe: new$/)
})

test('a log says what to do only where the end does not', () => {
  const lines = ['listen tcp :8080: bind: address already in use']
  assert.match(told({ status: crashed(3, 'back-off', 137), lines }).advice, /different ports/)
  assert.match(told({ status: crashed(3, 'back-off', 127), lines }).advice, /`command` and `args`/)
  const memory = { restartCount: 3, state: ended(137, 'OOMKilled') }
  assert.match(told({ status: memory, lines }).advice, /memory limit/)
  assert.match(told({ status: notReady, lines }).advice, /path and port/)
})

test('what has nothing to add leaves a sign as it is', () => {
  const plain = told({ status: waiting('ErrImagePull', 'manifest unknown'), lines: ['exec format error'] })
  assert.deepEqual(plain, {
    cause: 'container app: image registry.example/app:1 does not exist',
    advice: 'Check the tag: was this image built and pushed?',
  })
  assert.equal(
    told({ status: notReady }).cause,
    'container app runs, but is not ready: its readiness probe does not pass',
  )
  const init = { initContainerStatuses: [{ name: 'init', state: { running: {} } }] }
  const one: Pod = { ...pod('p', {}), status: init }
  const [signal] = podSignals(one, options)
  assert.ok(signal)
  const events = [unhealthy('Readiness probe failed: x')]
  assert.match(refine(observed({ events }), one, signal).cause, /^init container init still runs/)
})
