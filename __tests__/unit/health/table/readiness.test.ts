import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus, Pod } from '../../../../src/cluster/types.ts'
import { podSignals } from '../../../../src/health/signals.ts'
import { pod, waiting } from '../builders.ts'
import { options } from '../fixture.ts'

const running = { state: { running: {} } }

/** The signs of a pod with an init container, and with that container of its own. */
function ids(init: object, status: Partial<ContainerStatus>, main: Partial<ContainerStatus> = {}): string[] {
  const base = pod('p', main, { spec: { initContainers: [{ name: 'init', ...init }], containers: [{ name: 'app' }] } })
  const one = { ...base, status: { ...base.status, initContainerStatuses: [{ name: 'init', ...status }] } }
  return podSignals(one, options).map(({ id, container }) => `${id} ${container}`)
}

test('an init container that runs holds the others up; a sidecar does so only until it is ready', () => {
  assert.deepEqual(ids({}, running), ['F08 init'])
  assert.deepEqual(ids({ restartPolicy: 'Always' }, { ...running, ready: false }), ['G06 init'])
  assert.deepEqual(ids({ restartPolicy: 'Always' }, { ...running, ready: true }), [])
  assert.deepEqual(ids({}, waiting('PodInitializing')), [])
})

test('a startup probe is to blame only where there is one that has not passed', () => {
  const id = (status: Partial<ContainerStatus>, startupProbe?: object) =>
    podSignals(
      pod('p', status, { spec: { containers: [{ name: 'app', ...(startupProbe ? { startupProbe } : {}) }] } }),
      options,
    )[0]?.id
  assert.equal(id({ ...running, ready: false, started: false }, {}), 'G05')
  assert.equal(id({ ...running, ready: false, started: true }, {}), 'G06')
  assert.equal(id({ ...running, ready: false, started: false }), 'G06')
  assert.equal(id({ ...running, ready: true, started: false }, {}), undefined)
  assert.equal(id({ ...waiting('PodInitializing'), ready: false, started: false }, {}), undefined)
})

/** The cause that a running pod with these conditions shows. */
function gated(...conditions: NonNullable<NonNullable<Pod['status']>['conditions']>[number][]): string | undefined {
  const base = pod('p', { ...running, ready: true, started: true })
  return podSignals({ ...base, status: { ...base.status, conditions } }, options)[0]?.cause
}

test('a readiness gate is told in its own words, else in ours', () => {
  const gate = { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady' }
  const says = 'a readiness gate of the pod is not passed:'
  assert.equal(gated({ ...gate, message: 'target health' }), `${says} target health`)
  assert.equal(gated(gate), `${says} its condition is not true`)
  assert.equal(gated({ ...gate, status: 'True' }), undefined)
  assert.equal(gated({ ...gate, reason: 'ContainersNotReady' }), undefined)
  assert.equal(gated({ ...gate, type: 'Initialized' }), undefined)
  assert.equal(gated(), undefined)
})

test('a node that makes no container is told only when all of them wait for it, and it has the pod', () => {
  const scheduled = { type: 'PodScheduled', status: 'True' }
  const creating = { name: 'app', ...waiting('ContainerCreating') }
  const id = (statuses: readonly ContainerStatus[], conditions: readonly { type: string; status: string }[]) =>
    podSignals({ ...pod('p', {}), status: { containerStatuses: [...statuses], conditions: [...conditions] } }, options)
      .map((one) => one.id)
      .join()
  assert.equal(id([creating], [scheduled]), 'D03')
  assert.equal(id([creating, { ...creating, name: 'proxy' }], [scheduled]), 'D03')
  assert.equal(id([creating, { name: 'proxy', ...waiting('PodInitializing') }], [scheduled]), '')
  assert.equal(id([], [scheduled]), '')
  assert.equal(id([{ name: 'app' }], [scheduled]), '')
  assert.equal(id([creating], []), '')
  assert.equal(id([creating], [{ ...scheduled, status: 'False' }]), '')
  assert.equal(id([creating], [scheduled, { type: 'PodReadyToStartContainers', status: 'False' }]), 'D03')
  assert.equal(id([creating], [scheduled, { type: 'PodReadyToStartContainers', status: 'True' }]), '')
})
