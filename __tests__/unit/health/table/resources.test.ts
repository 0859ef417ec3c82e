import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Condition } from '../../../../src/cluster/types.ts'
import { objectFaults } from '../../../../src/health/object-faults.ts'
import type { WatchedObject } from '../../../../src/health/observed.ts'
import { at, observed, start, watched, workload } from '../builders.ts'

/** The faults that an object shows by its status, with when each ends the deploy. */
function told(
  kind: string,
  status: object,
  apiVersion = 'v1',
  spec: object = {},
  parts: Partial<WatchedObject> = {},
): string[] {
  const live = { ...workload(kind, { spec, status }), apiVersion }
  const object = watched(live, parts)
  const manifest = { ...object.manifest, object: { ...object.manifest.object, spec } }
  return objectFaults(observed(), { ...object, manifest }, { failFast: true, graceMs: null }).map(
    ({ id, cause, dueAt }) => `${id} ${cause} ${dueAt ? (dueAt - start) / 1000 : dueAt}`,
  )
}

const because = (type: string, status: string, more: Partial<Condition> = {}) => ({
  conditions: [{ type, status, lastTransitionTime: at(2), ...more }],
})
const group = 'example.dev/v1'

test('a claim is at fault when its volume is lost, or cannot be changed', () => {
  const lost = (isNew: boolean) => told('PersistentVolumeClaim', { phase: 'Lost' }, 'v1', {}, { isNew })
  assert.deepEqual(lost(true), ['D07 the volume of the claim is lost 0'])
  assert.deepEqual(lost(false), ['D07 the volume of the claim is lost null'], 'of before the deploy')
  assert.deepEqual(told('PersistentVolumeClaim', { phase: 'Pending' }), [])
  for (const type of ['ModifyVolumeError', 'ControllerResizeError', 'NodeResizeError']) {
    assert.deepEqual(told('PersistentVolumeClaim', because(type, 'True')), [`D11 ${type} is True null`])
    for (const other of [`X${type}`, `${type}X`])
      assert.deepEqual(told('PersistentVolumeClaim', because(other, 'True')), [])
  }
})

test('an autoscaler is at fault when it cannot find or move what it scales, not when metrics are missing', () => {
  const scaler = (type: string, reason?: string) =>
    told('HorizontalPodAutoscaler', because(type, 'False', reason === undefined ? {} : { reason }))
  for (const reason of ['FailedGetScale', 'FailedUpdateScale', 'InvalidSelector'])
    for (const type of ['AbleToScale', 'ScalingActive']) {
      assert.deepEqual(scaler(type, reason), [`I05 ${type} is False: ${reason} null`])
      assert.deepEqual([...scaler(`X${type}`, reason), ...scaler(`${type}X`, reason)], [])
      assert.deepEqual([...scaler(type, `X${reason}`), ...scaler(type, `${reason}X`)], [])
    }
  assert.deepEqual([...scaler('ScalingActive', 'FailedGetResourceMetric'), ...scaler('ScalingActive')], [])
})

test('definitions and aggregated APIs are at fault by one condition', () => {
  assert.deepEqual(told('CustomResourceDefinition', because('NamesAccepted', 'False')), [
    'I07 NamesAccepted is False 5',
  ])
  assert.deepEqual(told('APIService', because('Available', 'False')), ['I08 Available is False null'])
  for (const [kind, type] of [
    ['CustomResourceDefinition', 'NamesAccepted'],
    ['APIService', 'Available'],
  ] as const)
    for (const status of [because(type, 'True'), because(`X${type}`, 'False'), because(`${type}X`, 'False')])
      assert.deepEqual(told(kind, status), [])
})

test('a route is at fault when a gateway does not take it for half a minute', () => {
  for (const kind of ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute'])
    for (const type of ['Accepted', 'ResolvedRefs']) {
      const status = { parents: [{}, because(type, 'False', { reason: 'BackendNotFound', message: 'no web' })] }
      assert.deepEqual(told(kind, status), [`I04 ${type} is False: BackendNotFound: no web 32`])
      assert.deepEqual(told(kind, { parents: [because(`X${type}`, 'False')] }), [])
      assert.deepEqual(told(kind, { parents: [because(`${type}X`, 'False')] }), [])
    }
  assert.deepEqual(told('HTTPRoute', { parents: { some: 'thing else' } }), [])
  assert.deepEqual(told('HTTPRoute', { conditions: 'something else' }), [])
})

test('a load balancer without an address is told of that type only', () => {
  const service = (status: object, spec: object) => told('Service', status, 'v1', spec)
  const balanced = { type: 'LoadBalancer' }
  assert.deepEqual(service({}, balanced), ['I02 the load balancer has no address null'])
  assert.deepEqual(service({ loadBalancer: { ingress: [] } }, balanced), ['I02 the load balancer has no address null'])
  assert.deepEqual(service({ loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } }, balanced), [])
  assert.deepEqual(service({}, { type: 'ClusterIP' }), [])
  assert.deepEqual(service({}, {}), [])
})

test('a custom resource is at fault by the conditions that most controllers know', () => {
  const custom = (status: object) => told('Widget', status, group)
  assert.deepEqual(custom(because('Stalled', 'True')), ['I09 Stalled is True 5'])
  for (const type of ['Degraded', 'Failed'])
    assert.deepEqual(custom(because(type, 'True')), [`I12 ${type} is True null`])
  for (const type of ['Ready', 'Available', 'Healthy', 'Synced'])
    assert.deepEqual(custom(because(type, 'False')), [`I10 ${type} is False null`])
  for (const type of ['Stalled', 'Degraded', 'Failed', 'Ready', 'Available', 'Healthy', 'Synced'])
    for (const status of ['True', 'False'])
      assert.deepEqual([...custom(because(`X${type}`, status)), ...custom(because(`${type}X`, status))], [], type)
  assert.deepEqual(custom(because('Ready', 'False', { lastTransitionTime: at(-2) })), [], 'of before the deploy')
})

test("a condition is a verdict only when it came with the deploy's change of its object", () => {
  const rows = [
    ['Widget', group, 'Stalled', 'True', 3],
    ['CustomResourceDefinition', 'v1', 'NamesAccepted', 'False', 3],
    ['HTTPRoute', 'v1', 'Accepted', 'False', 30],
  ] as const
  for (const [kind, apiVersion, type, status, grace] of rows) {
    const dues = (since: number, changedAt: number | null, more: Partial<Condition> = {}) =>
      told(
        kind,
        because(type, status, { lastTransitionTime: at(since), ...more }),
        apiVersion,
        {},
        {
          changedAt: changedAt === null ? null : start + changedAt * 1000,
        },
      ).map((text) => Number(text.split(' ').at(-1)))
    assert.deepEqual(dues(70, 60), [70 + grace])
    assert.deepEqual(dues(59, 60), [60 + grace], 'whole seconds')
    assert.deepEqual(dues(58, 60), [NaN], 'in the deploy, but before its change: a hook worked')
    assert.deepEqual(dues(70, null), [NaN], 'the deploy did not change it')
    assert.deepEqual(dues(-500, 60), [], 'of before, and nobody says that it is about the change')
    assert.deepEqual(dues(-500, 60, { observedGeneration: 2 }), [NaN], 'of before, and still so')
    assert.deepEqual([...dues(-500, 60, { observedGeneration: 1 }), ...dues(-500, null, { observedGeneration: 2 })], [])
  }
})

test('a gateway that never took a route does not hide another one that takes it no more', () => {
  const of = (second: number, message: string) =>
    because('Accepted', 'False', { lastTransitionTime: at(second), observedGeneration: 2, message })
  const status = { parents: [of(-500, 'old'), of(2, 'new')] }
  assert.deepEqual(told('HTTPRoute', status), ['I04 Accepted is False: new 32'])
})

test('only objects of a group that is not of Kubernetes are custom', () => {
  const status = because('Stalled', 'True')
  assert.equal(told('Widget', status, 'a.example.dev/v1beta1').length, 1)
  for (const own of ['v1', 'apps/v1', 'networking.k8s.io/v1', 'v1.2']) assert.deepEqual(told('Widget', status, own), [])
})
