import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus } from '../../../src/cluster/types.ts'
import { crashCount } from '../../../src/health/observed.ts'
import { podSignals } from '../../../src/health/signals.ts'
import { at, crashed, ended, event, pod, waiting } from './builders.ts'

const options = { crashTolerance: 2, unschedulableGraceMs: null }
const one = (status: Partial<ContainerStatus>, parts = {}) => podSignals(pod('p', status, parts), options)[0]
const pull = (message: string, reason = 'ErrImagePull') => one(waiting(reason, message))
const graceOf = (severity: unknown): unknown => (severity as { afterMs?: number } | undefined)?.afterMs ?? severity

test('a pull error is known by its text, and graver ones stand shorter', () => {
  const grace = (message: string) => graceOf(pull(message)?.severity)
  assert.equal(grace('rpc error: code = NotFound desc = registry.example/app:9: not found'), 12_000)
  assert.equal(grace('manifest unknown'), 12_000)
  assert.equal(grace('unexpected status from HEAD request: 403 Forbidden'), 12_000)
  assert.equal(grace('pull access denied, repository does not exist or may require authorization'), 12_000)
  assert.equal(grace('no match for platform in manifest'), 5000)
  assert.equal(grace('dial tcp 127.0.0.1:5000: connect: connection refused'), 90_000)
  assert.equal(grace('dial tcp [::1]:5000: connect: connection refused'), 90_000)
  assert.equal(grace('dial tcp 10.0.0.7:5000: connect: connection refused'), 90_000)
  assert.equal(grace('dial tcp: lookup registry.example: no such host'), 12_000)
  assert.equal(grace('429 Too Many Requests - toomanyrequests: rate limit'), 60_000)
  assert.equal(grace('net/http: TLS handshake timeout'), 90_000)
  assert.equal(grace('Back-off pulling image "registry.example/app:9"'), 90_000)
  assert.equal(grace(''), 90_000)
})

test('the age of a pull error goes on when its text changes', () => {
  const keys = ['not found', 'Back-off pulling image', ''].map((text) => pull(text, 'ImagePullBackOff')?.key)
  assert.equal(new Set([...keys, pull('not found')?.key]).size, 1)
})

test('the age of a missing ConfigMap or Secret begins anew when another one is missing', () => {
  const missing = (message: string) => one(waiting('CreateContainerConfigError', message))
  const first = missing('configmap "a" not found')
  assert.notEqual(first?.key, missing('configmap "b" not found')?.key)
  assert.equal(first?.key, missing('configmap "a" not found')?.key)
  assert.deepEqual(graceOf(first?.severity), 45_000)
  assert.equal(missing('secret "db" not found')?.cause, 'container app needs the Secret db, which does not exist')
  const key = missing("couldn't find key tls.crt in Secret shop/db")
  assert.equal(key?.cause, 'container app needs the key tls.crt of the Secret db, which has no such key')
  assert.equal(key?.class, 'missing-config')
})

test('a kubelet whose cache lags is no failure', () => {
  for (const message of [
    'failed to sync configmap cache: timed out waiting for the condition',
    'failed to sync secret cache: timed out waiting for the condition',
  ]) {
    assert.equal(one(waiting('CreateContainerConfigError', message)), undefined)
  }
})

test('ordinary waiting is no failure', () => {
  for (const reason of ['ContainerCreating', 'PodInitializing', '']) assert.equal(one(waiting(reason)), undefined)
  assert.equal(one({}), undefined)
  assert.equal(one({ ready: true, started: true, state: { running: {} } }), undefined)
})

test('a crash counts once, in whatever shape the kubelet shows it', () => {
  const count = (status: Partial<ContainerStatus>) => crashCount({ name: 'app', ...status })
  for (const shape of ['back-off', 'terminated', 'running'] as const) {
    for (const times of [1, 2, 3, 7]) assert.equal(count(crashed(times, shape)), times, `${shape} ${times}`)
  }
  assert.equal(count({}), 0)
  assert.equal(count(waiting('ContainerCreating')), 0)
  assert.equal(count(waiting('ErrImagePull')), 0)
})

test('the crash after those that are tolerated is the one that counts, from the first start on', () => {
  const severity = (times: number, tolerance: number) =>
    podSignals(pod('p', crashed(times, 'terminated')), { crashTolerance: tolerance, unschedulableGraceMs: null })[0]
      ?.severity
  assert.deepEqual(severity(2, 2), { kind: 'timeout' })
  assert.deepEqual(severity(3, 2), { kind: 'grace', afterMs: 30_000 })
  assert.deepEqual(severity(1, 0), { kind: 'grace', afterMs: 30_000 })
  assert.deepEqual(severity(5, 5), { kind: 'timeout' })
  assert.equal(one(crashed(3))?.since, 'first-start')
  assert.equal(one(crashed(3))?.key, one(crashed(9, 'terminated'))?.key)
})

test('what ends with 0 is at fault only where it should keep running', () => {
  assert.match(one(crashed(3, 'back-off', 0))?.cause ?? '', /ended by itself \(exit code 0\).* three times$/)
  assert.equal(one(crashed(3, 'terminated', 0), { restartPolicy: 'OnFailure' }), undefined)
  assert.equal(one(crashed(1, 'terminated', 0), { restartPolicy: 'Never' }), undefined)
})

test('an init container that is done is no failure; a sidecar that ends is one', () => {
  const withInit = (restartPolicy?: string) => {
    const init = { name: 'init', ...(restartPolicy ? { restartPolicy } : {}) }
    const base = pod(
      'p',
      {},
      { spec: { restartPolicy: 'Always', initContainers: [init], containers: [{ name: 'app' }] } },
    )
    const status = { name: 'init', restartCount: 2, state: ended(0, 'Completed') }
    return podSignals({ ...base, status: { initContainerStatuses: [status] } }, options)
  }
  assert.deepEqual(withInit(), [])
  assert.match(withInit('Always')[0]?.cause ?? '', /^sidecar init ended by itself/)
})

test('how a container ended is told: code, signal name, memory', () => {
  const cause = (exitCode: number, reason: string) => one({ state: ended(exitCode, reason) })?.cause
  assert.equal(cause(1, 'Error'), 'container app exited with 1')
  assert.equal(cause(137, 'OOMKilled'), 'container app ran out of memory')
  assert.equal(cause(139, 'ContainerStatusUnknown'), 'container app exited with 139 (ContainerStatusUnknown)')
  assert.match(one({ state: ended(137, 'OOMKilled') })?.advice ?? '', /memory limit/)
})

test('a process that never ran has one name, in all states between two tries', () => {
  const message = 'runc create failed: unable to start container process: exec: "/x": stat /x: no such file: unknown'
  const end = { terminated: { exitCode: 128, reason: 'StartError', message } }
  const states: Partial<ContainerStatus>[] = [
    { restartCount: 2, state: end },
    { restartCount: 2, ...waiting('RunContainerError', message), lastState: end },
    { restartCount: 2, ...waiting('CrashLoopBackOff', 'back-off 10s'), lastState: end },
  ]
  const found = states.map((state) => one(state))
  for (const signal of found) {
    assert.equal(signal?.class, 'container-start')
    assert.equal(signal.cause, 'container app cannot start: exec: "/x": stat /x: no such file')
    assert.equal(graceOf(signal.severity), 30_000)
  }
  assert.equal(new Set(found.map((signal) => signal?.key)).size, 1)
  assert.deepEqual(one({ restartCount: 0, state: end })?.severity, { kind: 'timeout' })
})

test('each container gives its gravest sign, a deleted pod none', () => {
  const base = pod('p', {})
  const both = {
    ...base,
    status: {
      containerStatuses: [
        { name: 'app', ...waiting('ErrImagePull', 'not found') },
        { name: 'proxy', ...crashed(3) },
      ],
    },
  }
  assert.deepEqual(
    podSignals(both, options).map(({ container, class: name }) => [container, name]),
    [
      ['app', 'image-pull'],
      ['proxy', 'crash-loop'],
    ],
  )
  const deleted = { ...both, metadata: { ...both.metadata, deletionTimestamp: '2026-11-22T10:00:00Z' } }
  assert.deepEqual(podSignals(deleted, options), [])
})

test('no node is told at once and judged only at the timeout; so is a gate', () => {
  const withCondition = (reason: string) => {
    const conditions = [{ type: 'PodScheduled', status: 'False', reason, message: '0/1 nodes are available' }]
    return podSignals({ ...pod('p', {}), status: { phase: 'Pending', conditions } }, options)
  }
  assert.deepEqual(withCondition('Unschedulable')[0]?.severity, { kind: 'timeout' })
  assert.match(withCondition('SchedulingGated')[0]?.cause ?? '', /held back by a scheduling gate/)
})

test('a running container that is not ready is judged only at the timeout, by the probe that counts', () => {
  const spec = { restartPolicy: 'Always', containers: [{ name: 'app', startupProbe: {}, readinessProbe: {} }] }
  const cause = (started: boolean) => one({ ready: false, started, state: { running: {} } }, { spec })?.cause
  assert.match(cause(false) ?? '', /startup probe/)
  assert.match(cause(true) ?? '', /readiness probe/)
  assert.deepEqual(one({ ready: false, state: { running: {} } })?.severity, { kind: 'timeout' })
})

const created = (name: string) => pod(name, waiting('ContainerCreating'))
const mount = (message: string, reason = 'FailedMount', first = 1, last = 1) => {
  const told = event('p', reason, message, last, { firstTimestamp: at(first) })
  return podSignals(created('p'), options, { ofPod: [told], ofClaim: () => [] })[0]
}

test('a volume without its ConfigMap or Secret is told with the time of its tries', () => {
  const seen = mount('MountVolume.SetUp failed for volume "v" : configmap "settings" not found', 'FailedMount', 2, 33)
  assert.deepEqual(seen?.tries, { firstMs: Date.parse(at(2)), lastMs: Date.parse(at(33)) })
  assert.equal(graceOf(seen.severity), 45_000)
  assert.equal(seen.cause, 'volume v needs the ConfigMap settings, which does not exist')
  assert.equal(seen.class, 'missing-config')
  assert.deepEqual(seen.missing, { kind: 'ConfigMap', name: 'settings' })
})

test('other mount errors are named, and stand longer; a lagging cache is none', () => {
  const multi = mount('Multi-Attach error for volume "data" Volume is already used', 'FailedAttachVolume')
  assert.deepEqual([multi?.class, graceOf(multi?.severity)], ['volume', 120_000])
  const other = mount('Unable to attach or mount volumes: timed out waiting for the condition')
  assert.deepEqual([other?.class, graceOf(other?.severity)], ['volume', 150_000])
  const sandbox = mount('failed to set up sandbox: no IP addresses available', 'FailedCreatePodSandBox')
  assert.deepEqual([sandbox?.class, graceOf(sandbox?.severity)], ['sandbox', 60_000])
  assert.equal(mount('MountVolume.SetUp failed for volume "v" : failed to sync configmap cache: timed out'), undefined)
  assert.equal(mount('x', 'Pulled'), undefined)
})

test('what a node does not say is named, and judged only at the timeout', () => {
  const scheduled = { type: 'PodScheduled', status: 'True' }
  const base = created('p')
  const silent = { ...base, status: { ...base.status, conditions: [scheduled] } }
  const [seen, ...more] = podSignals(silent, options)
  assert.deepEqual([seen?.class, seen?.severity, seen?.isUsual, more], ['volume', { kind: 'timeout' }, true, []])
  const ready = { type: 'PodReadyToStartContainers', status: 'True' }
  assert.deepEqual(podSignals({ ...base, status: { ...base.status, conditions: [scheduled, ready] } }, options), [])
})

test('a container that runs may have got over its crashes, whatever ended it; one that is down has not', () => {
  for (const exitCode of [0, 1, 137, 139, 143])
    for (const ready of [true, false]) {
      const back = { restartCount: 9, ready, state: { running: {} }, lastState: ended(exitCode) }
      assert.deepEqual(one(back)?.severity, { kind: 'timeout' }, `${exitCode} ${ready}`)
      assert.equal(graceOf(one({ ...back, state: ended(exitCode) })?.severity), 30_000)
      assert.equal(graceOf(one({ ...back, ...waiting('CrashLoopBackOff') })?.severity), 30_000)
    }
})
