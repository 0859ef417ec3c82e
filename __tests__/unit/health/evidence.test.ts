import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decisiveLine, objectEvidence, podEvidence, tellsFault } from '../../../src/health/evidence.ts'
import { probeText } from '../../../src/health/excerpt.ts'
import { eventTime } from '../../../src/health/observed.ts'
import { at, crashed, event, observed, pod, start, waiting } from './builders.ts'

test('the line with the gravest word is the decisive one, the last of several', () => {
  assert.equal(decisiveLine(['starting', 'FATAL: a', 'ERROR: b', 'FATAL: c', 'bye']), 'FATAL: c')
  assert.equal(decisiveLine(['error: first', 'could not connect', 'retrying']), 'error: first')
  assert.equal(
    decisiveLine(['  panic: runtime error: index out of range', '', 'goroutine 1 [running]:']),
    'panic: runtime error: index out of range',
  )
  assert.equal(
    decisiveLine(['Traceback (most recent call last):', '  File "a.py"', "KeyError: 'HOME'"]),
    "KeyError: 'HOME'",
  )
  const java = [
    'java.lang.IllegalStateException: x',
    '\tat a.b.C(C.java:1)',
    'Caused by: java.net.ConnectException: Connection refused',
    '\t... 3 more',
  ]
  assert.equal(decisiveLine(java), 'Caused by: java.net.ConnectException: Connection refused')
  assert.equal(
    decisiveLine(['level=info msg=ok', 'connection refused by 10.0.0.1', 'shutting down']),
    'connection refused by 10.0.0.1',
  )
  assert.equal(
    decisiveLine(['listen tcp :80: bind: address already in use', 'bye']),
    'listen tcp :80: bind: address already in use',
  )
})

test('without any such word the last line that says something is', () => {
  assert.equal(decisiveLine(['one', 'two', '  ', '']), 'two')
  assert.equal(decisiveLine(['', ' ']), null)
  assert.equal(decisiveLine([]), null)
})

test('events are folded, at most five, oldest first, without those of a rollout that goes well', () => {
  const events = [
    event('p', 'Pulled', 'x', 1),
    event('p', 'Started', 'x', 1),
    event('other', 'Failed', 'not ours', 1),
    ...[9, 3, 5, 7, 1, 11].map((seconds) => event('p', 'Failed', `error ${seconds}`, seconds)),
    event('p', 'BackOff', 'back-off', 4, { count: 3 }),
    event('p', 'BackOff', 'back-off', 8, { count: 2 }),
  ]
  assert.deepEqual(
    objectEvidence(observed({ events }), 'p').events.map(({ reason, message, count, atSeconds }) => [
      reason,
      message,
      count,
      atSeconds,
    ]),
    [
      ['Failed', 'error 5', 1, 5],
      ['Failed', 'error 7', 1, 7],
      ['BackOff', 'back-off', 5, 8],
      ['Failed', 'error 9', 1, 9],
      ['Failed', 'error 11', 1, 11],
    ],
  )
})

test('tries to create pods are one event, though each bears another name', () => {
  const text = (name: string) => `Error creating: pods "${name}" is forbidden: exceeded quota`
  const events = ['web-a', 'web-b', 'web-c'].map((name, index) => event('s', 'FailedCreate', text(name), index))
  assert.deepEqual(
    objectEvidence(observed({ events }), 's').events.map(({ count, atSeconds }) => [count, atSeconds]),
    [[3, 2]],
  )
})

test("events without an object are nobody's", () => {
  const stray = { ...event('p', 'Failed', 'x', 1), involvedObject: {} }
  assert.deepEqual(objectEvidence(observed({ events: [stray] }), undefined).events, [])
})

test("an event's time is when it happened last, in all the ways in which it is told", () => {
  const metadata = { name: 'e', creationTimestamp: at(1) }
  assert.equal(eventTime({ metadata }), start + 1000)
  assert.equal(eventTime({ metadata, eventTime: at(2), lastTimestamp: null }), start + 2000)
  assert.equal(eventTime({ metadata, eventTime: at(2), lastTimestamp: at(3) }), start + 3000)
  assert.equal(
    eventTime({ metadata, lastTimestamp: at(3), series: { count: 2, lastObservedTime: at(4) } }),
    start + 4000,
  )
  assert.equal(eventTime({ metadata: { name: 'e' } }), 0)
})

test('the log is cut to its last 25 lines, and a log is decisive before a message', () => {
  const lines = Array.from({ length: 60 }, (_, index) => `line ${index}`)
  const seen = observed({ logs: new Map([['p/app', lines]]) })
  const {
    logs,
    decisiveLine: decisive,
    message,
  } = podEvidence(seen, pod('p', waiting('CrashLoopBackOff', 'back-off 10s')), 'app')
  assert.deepEqual([logs.length, logs[0], decisive, message], [25, 'line 35', 'line 59', undefined])
})

test("a pod's evidence names container and node, what it asks for and how it ended", () => {
  const base = pod('p', crashed(3))
  const container = {
    name: 'app',
    image: 'registry.example/app:1',
    command: ['run'],
    args: ['--fast'],
    readinessProbe: { httpGet: { path: '/readyz', port: 'http' } },
    resources: { requests: { cpu: '100m', memory: '32Mi' }, limits: { memory: '64Mi' } },
  }
  const found = podEvidence(observed(), { ...base, spec: { nodeName: 'node-a', containers: [container] } }, 'app')
  assert.deepEqual([found.container, found.node], ['app', 'node-a'])
  assert.deepEqual(found.excerpt, {
    image: 'registry.example/app:1',
    command: 'run --fast',
    'readiness probe': 'GET /readyz on port http',
    requests: 'cpu 100m, memory 32Mi',
    limits: 'memory 64Mi',
  })
  assert.deepEqual([found.status['exit code'], found.status['crashes'], found.status['restarts']], ['1', '3', '2'])
})

test('a pod without containers shows its conditions', () => {
  const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' }]
  const found = podEvidence(observed(), { ...pod('p', {}), status: { phase: 'Pending', conditions } }, null)
  assert.deepEqual(
    [found.status, found.message, found.logs],
    [{ phase: 'Pending', PodScheduled: '0/1 nodes' }, '0/1 nodes', []],
  )
})

test('probes in words', () => {
  assert.equal(probeText({ httpGet: { port: 80 } }), 'GET / on port 80')
  assert.equal(probeText({ tcpSocket: { port: 'db' } }), 'TCP connection to port db')
  assert.equal(probeText({ grpc: { port: 9 } }), 'gRPC health on port 9')
  assert.equal(probeText({ exec: { command: ['pg_isready', '-q'] } }), 'command pg_isready -q')
  assert.equal(probeText({}), 'unknown probe')
})

test('a pod without containers shows what the scheduler goes by', () => {
  const containers = [{ name: 'app', image: 'registry.example/app:1', resources: { requests: { cpu: '64' } } }]
  const tolerations = [
    { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
    { key: 'gpu', operator: 'Equal', value: 'a100', effect: 'NoSchedule' },
    { key: 'spot', operator: 'Exists' },
    { operator: 'Exists' },
  ]
  const base = { ...pod('p', {}), status: { phase: 'Pending' } }
  const spec = { containers, nodeSelector: { disk: 'ssd', zone: 'a' }, tolerations }
  assert.deepEqual(podEvidence(observed(), { ...base, spec }, null).excerpt, {
    image: 'registry.example/app:1',
    requests: 'cpu 64',
    'node selector': 'disk=ssd, zone=a',
    tolerations: 'gpu=a100:NoSchedule, spot, everything',
  })
  const two = { containers: [...containers, { name: 'proxy', image: 'p:1' }] }
  assert.deepEqual(podEvidence(observed(), { ...base, spec: two }, null).excerpt, {
    'image of app': 'registry.example/app:1',
    'requests of app': 'cpu 64',
    'image of proxy': 'p:1',
  })
})

test('events of before the deploy are not shown, even if they are told anew', () => {
  const events = [
    event('p', 'Failed', 'before', -2),
    event('p', 'Failed', 'in its first second', -1),
    event('p', 'Failed', 'since', 3),
  ]
  assert.deepEqual(
    objectEvidence(observed({ events }), 'p').events.map(({ message }) => message),
    ['in its first second', 'since'],
  )
})

test('tries that differ by a name or an id only are folded', () => {
  const tries = ['a94f0c', '3f9c0a'].map((id, index) =>
    event('p', 'FailedCreatePodSandBox', `sandbox "${id}": no address`, index),
  )
  assert.deepEqual(
    objectEvidence(observed({ events: tries }), 'p').events.map(({ count }) => count),
    [2],
  )
})

test('a log tells a fault when any of its lines sounds like one', () => {
  assert.deepEqual(
    [tellsFault(['starting', 'ERROR: no']), tellsFault(['starting']), tellsFault([])],
    [true, false, false],
  )
})
