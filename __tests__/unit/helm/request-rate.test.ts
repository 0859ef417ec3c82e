import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestRate } from '../../../src/helm/request-rate.ts'

test('Helm may ask faster than it does by itself, unless somebody has settled how fast', () => {
  assert.deepEqual(requestRate({ PATH: '/bin', HELM_QPS: '' }), { HELM_QPS: '100', HELM_BURST_LIMIT: '200' })
  assert.deepEqual(requestRate({ HELM_QPS: '7' }), {})
  assert.deepEqual(requestRate({ HELM_BURST_LIMIT: '20' }), {})
})
