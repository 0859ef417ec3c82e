import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeEvent, Pod } from '../../../../src/cluster/types.ts'
import { podSignals } from '../../../../src/health/signals.ts'
import { event, pod, start } from '../builders.ts'
import { options } from '../fixture.ts'

const volume = (claimName: string) => ({ name: claimName, persistentVolumeClaim: { claimName } })
const unplaced: Pod = {
  ...pod('p', {}),
  spec: { volumes: [{ name: 'tmp' }, volume('data'), volume('logs')] },
  status: { phase: 'Pending' },
}
const about = (message: string, reason = 'ProvisioningFailed'): KubeEvent => event('c', reason, message, 9)

/** The first sign of a pod whose claims have these events, the newest last. */
function signal(claims: Readonly<Record<string, readonly KubeEvent[]>>, one: Pod = unplaced) {
  return podSignals(one, options, { ofPod: [], ofClaim: (name) => claims[name] ?? [] })[0]
}

test('a StorageClass that does not exist is named, in all the words of provisioners', () => {
  for (const message of ['storageclass.storage.k8s.io "fast" not found', 'failed: storageclass "fast" not found'])
    assert.equal(
      signal({ data: [about(message)] })?.cause,
      'the volume claim data asks for the StorageClass fast, which does not exist',
    )
  const found = signal({ data: [about('storageclass "fast" not found')] })
  assert.deepEqual(found?.severity, { kind: 'grace', afterMs: 30_000 })
  assert.deepEqual(found.tries, { firstMs: start + 9000, lastMs: start + 9000 })
})

test('any other reason is told in the words of the provisioner', () => {
  for (const reason of ['ProvisioningFailed', 'FailedBinding']) {
    const found = signal({ logs: [about('no space', reason)] })
    assert.equal(found?.cause, 'the volume claim logs is not filled: no space')
    assert.deepEqual(found.tries, { firstMs: start + 9000, lastMs: start + 9000 })
    assert.deepEqual(found.severity, { kind: 'grace', afterMs: 150_000 })
  }
})

test('only the newest word on a claim counts, and waiting for the first consumer is none', () => {
  const failed = about('no space')
  assert.equal(signal({ data: [failed, about('', 'WaitForFirstConsumer')] }), undefined)
  assert.equal(signal({ data: [about('', 'WaitForFirstConsumer'), failed] })?.id, 'D05')
  for (const reason of ['XProvisioningFailed', 'FailedBindings', 'XFailedBinding', 'ProvisioningFailedX'])
    assert.equal(signal({ data: [about('no space', reason)] }), undefined, reason)
  assert.equal(signal({ other: [failed] }), undefined, 'no claim of the pod')
})

test('a pod that has a node has its claims, and so has one without any', () => {
  const events = { data: [about('no space')] }
  assert.equal(signal(events, { ...unplaced, spec: { ...unplaced.spec, nodeName: 'n' } }), undefined)
  const { spec: _, ...bare } = unplaced
  assert.equal(signal(events, bare), undefined)
})
