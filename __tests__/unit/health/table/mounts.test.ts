import assert from 'node:assert/strict'
import { test } from 'node:test'
import { podSignals } from '../../../../src/health/signals.ts'
import { event, pod, waiting } from '../builders.ts'
import { options } from '../fixture.ts'

const creating = pod('p', waiting('ContainerCreating'))

/** The sign of a pod whose events say this, the newest last. */
function signal(...told: readonly (readonly [message: string, reason?: string])[]) {
  const ofPod = told.map(([message, reason = 'FailedMount'], index) => event('p', reason, message, index))
  return podSignals(creating, options, { ofPod, ofClaim: () => [] })[0]
}
const cause = (message: string, reason?: string) => signal(reason ? [message, reason] : [message])?.cause

test('what is missing of a volume is named, and so is where to add it', () => {
  const secret = signal(['MountVolume.SetUp failed for volume "tls" : Secret "cert" not found'])
  assert.equal(secret?.cause, 'volume tls needs the Secret cert, which does not exist')
  assert.equal(secret.advice, 'Create the Secret, or correct its name in the values')
  assert.deepEqual(secret.missing, { kind: 'Secret', name: 'cert' })
  const key = signal(['MountVolume.SetUp failed for volume "c" : references non-existent config key: app.yaml'])
  assert.equal(key?.cause, 'volume c needs the key app.yaml of a ConfigMap that has no such key')
  assert.equal(key.advice, 'Add the key to the ConfigMap, or correct its name in the values')
  assert.deepEqual([key.id, key.class, key.missing], ['D02', 'missing-config', undefined])
  assert.equal(
    cause('MountVolume.SetUp failed for volume "c" : references non-existent secret key: tls.crt'),
    'volume c needs the key tls.crt of a Secret that has no such key',
  )
})

test('drivers, attachments and sandboxes are told in the words of the node', () => {
  const driver =
    'MountVolume.MountDevice failed for volume "d" : driver name x not found in the list of registered CSI drivers'
  assert.equal(cause(driver), `volume d needs a CSI driver that the node does not have: ${driver}`)
  assert.deepEqual(signal([driver])?.severity, { kind: 'grace', afterMs: 30_000 })
  const attached = 'Multi-Attach error for volume "d" Volume is already exclusively attached'
  assert.equal(cause(attached, 'FailedAttachVolume'), `volume d is still attached to another node: ${attached}`)
  assert.equal(cause('no IP left', 'FailedCreatePodSandBox'), "the node cannot make the pod's sandbox: no IP left")
  assert.equal(cause('timed out', 'FailedMapVolume'), 'a volume cannot be mounted: timed out')
})

test('the newest word counts, and the age of one that names what is missing is its own', () => {
  const first = ['MountVolume.SetUp failed for volume "v" : secret "a" not found'] as const
  const second = ['MountVolume.SetUp failed for volume "v" : secret "b" not found'] as const
  assert.match(signal(first, second)?.cause ?? '', /the Secret b/)
  assert.notEqual(signal(first)?.key, signal(second)?.key)
  assert.equal(signal(['one'])?.key, signal(['two'])?.key)
})

test('reasons that only resemble those are none, and a cache that lags mends itself', () => {
  for (const reason of [
    'NotFailedMount',
    'FailedMounts',
    'FailedCreatePodSandBoxes',
    'XFailedCreatePodSandBox',
    'Failed',
  ])
    assert.equal(signal(['x', reason]), undefined, reason)
  assert.equal(signal(['failed to sync secret cache: timed out']), undefined)
  assert.equal(signal(['Failed to sync ConfigMap cache: timed out']), undefined)
})
