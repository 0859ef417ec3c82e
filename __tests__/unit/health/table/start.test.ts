import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus } from '../../../../src/cluster/types.ts'
import { podSignals } from '../../../../src/health/signals.ts'
import { pod, waiting } from '../builders.ts'
import { options } from '../fixture.ts'

const of = (status: Partial<ContainerStatus>) => podSignals(pod('p', status), options)[0]
const signal = (reason: string, message = '') => of(waiting(reason, message))
const config = (message: string) => signal('CreateContainerConfigError', message)

test('a ConfigMap or Secret that is missing is named, with where to make it', () => {
  const secret = config('secret "db" not found')
  assert.equal(secret?.cause, 'container app needs the Secret db, which does not exist')
  assert.equal(secret.advice, 'Create the Secret, or correct its name in the values')
  assert.deepEqual(secret.missing, { kind: 'Secret', name: 'db' })
  const map = config('ConfigMap "app" not found')
  assert.deepEqual([map?.missing, map?.id], [{ kind: 'ConfigMap', name: 'app' }, 'F01'])
  assert.match(map?.advice ?? '', /^Create the ConfigMap/)
  assert.equal(config('volume secret "db" not found')?.id, 'F03', 'only at the beginning')
})

test('a key that is missing is named with its owner, without the namespace', () => {
  const key = config("couldn't find key url in ConfigMap shop/app")
  assert.equal(key?.cause, 'container app needs the key url of the ConfigMap app, which has no such key')
  assert.equal(key.advice, 'Add the key to the ConfigMap, or correct its name in the values')
  assert.deepEqual(key.missing, { kind: 'ConfigMap', name: 'app' })
  assert.deepEqual(config("couldn't find key url in Secret shop/db")?.missing, { kind: 'Secret', name: 'db' })
  const other = config("couldn't find key user in ConfigMap shop/app")
  assert.notEqual(key.key, other?.key, 'another key is another fault')
})

test('an image that must not run as root is told without the name of the pod', () => {
  const cause = (text: string) => config(`container has runAsNonRoot and ${text}`)?.cause
  const says = (text: string) => `container app must not run as root (runAsNonRoot), but ${text}`
  assert.equal(cause('image will run as root (pod: "web_shop(1)", container: app)'), says('image will run as root'))
  assert.equal(
    cause('image has non-numeric user (node), cannot verify user is non-root (pod: "web", container: app)'),
    says('image has non-numeric user (node)'),
  )
  const breaks = "container's runAsUser breaks non-root policy"
  assert.equal(cause(`${breaks} (pod: "web", container: app)`), says(breaks))
  assert.equal(cause('something new (pod: "web", container: app)'), says('something new'))
})

test('anything else that is wrong with its configuration is told in the words of the kubelet', () => {
  const other = config('stat /data: no such file (pod: "web", container: app)')
  assert.equal(other?.cause, 'container app cannot be configured: stat /data: no such file')
  assert.notEqual(other.key, config('another')?.key)
  assert.equal(config('Failed to sync ConfigMap cache: timed out'), undefined)
  assert.equal(config(''), undefined)
})

test('start hooks and refused starts are told, by their message or else by their reason', () => {
  for (const reason of ['PreCreateHookError', 'PreStartHookError', 'PostStartHookError']) {
    assert.equal(signal(reason)?.cause, `the start hook of container app fails: ${reason}`)
    assert.equal(signal(reason, 'exit 1')?.cause, 'the start hook of container app fails: exit 1')
    for (const other of [`X${reason}`, `${reason}X`]) assert.equal(signal(other), undefined)
  }
  for (const reason of ['CreateContainerError', 'RunContainerError']) {
    assert.equal(signal(reason)?.cause, `container app cannot start: ${reason}`)
    const shim = 'runc create failed: unable to start: exec: "/x": permission denied: unknown'
    assert.equal(signal(reason, shim)?.cause, 'container app cannot start: exec: "/x": permission denied')
    for (const other of [`X${reason}`, `${reason}X`]) assert.equal(signal(other), undefined)
  }
  assert.equal(
    signal('RunContainerError', 'exec: "a: unknown" b')?.cause,
    'container app cannot start: exec: "a: unknown" b',
  )
})

test('a process that never ran is told by what is known of its end, unless it runs by now', () => {
  const end = (reason: string, message?: string) => ({
    terminated: { exitCode: 128, reason, ...(message === undefined ? {} : { message }) },
  })
  assert.equal(of({ restartCount: 3, state: end('StartError') })?.cause, 'container app cannot start: StartError')
  assert.equal(of({ restartCount: 3, state: end('StartError', '') })?.cause, 'container app cannot start: StartError')
  assert.equal(of({ restartCount: 3, state: end('ContainerCannotRun', 'x') })?.id, 'F04')
  for (const other of ['XStartError', 'StartErrorX', 'XContainerCannotRun', 'ContainerCannotRunX'])
    assert.notEqual(of({ restartCount: 3, state: end(other) })?.id, 'F04', other)
  const runs = of({ restartCount: 3, ready: false, state: { running: {} }, lastState: end('StartError') })
  assert.equal(runs?.id, 'G01')
  const first = of({ restartCount: 1, state: end('StartError') })
  assert.deepEqual([first?.severity, first?.since], [{ kind: 'timeout' }, 'first-start'])
})
