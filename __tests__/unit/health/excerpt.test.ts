import assert from 'node:assert/strict'
import { test } from 'node:test'
import { containerExcerpt, podExcerpt, probeText } from '../../../src/health/excerpt.ts'
import { pod } from './builders.ts'

test('a container shows what it asks for, and nothing that it does not', () => {
  const probe = (port: number) => ({ tcpSocket: { port } })
  const all = {
    name: 'app',
    image: 'app:1',
    command: ['run'],
    readinessProbe: probe(1),
    startupProbe: probe(2),
    livenessProbe: probe(3),
    resources: { requests: { cpu: '1' }, limits: { cpu: '2' } },
  }
  assert.deepEqual(containerExcerpt(all), {
    image: 'app:1',
    command: 'run',
    'readiness probe': 'TCP connection to port 1',
    'startup probe': 'TCP connection to port 2',
    'liveness probe': 'TCP connection to port 3',
    requests: 'cpu 1',
    limits: 'cpu 2',
  })
  assert.deepEqual(containerExcerpt({ name: 'app', args: ['--fast'] }), { command: '--fast' })
  assert.deepEqual(containerExcerpt({ name: 'app' }), {})
  assert.deepEqual(containerExcerpt(undefined), {})
})

test('a pod shows what it asks of its node, and nothing that it does not', () => {
  const tolerations = [
    { key: 'gpu', operator: 'Exists', value: 'a100', effect: 'NoSchedule' },
    { key: 'spot', operator: 'Equal' },
    { key: 'zone', value: 'a' },
  ]
  const excerpt = (spec: object) => podExcerpt({ ...pod('p', {}), spec })
  assert.deepEqual(excerpt({ containers: [{ name: 'app' }], tolerations }), {
    tolerations: 'gpu:NoSchedule, spot, zone=a',
  })
  assert.deepEqual(excerpt({ initContainers: [{ name: 'init', image: 'i:1' }], containers: [{ name: 'app' }] }), {
    'image of init': 'i:1',
  })
  assert.deepEqual(podExcerpt({ metadata: { name: 'p' } }), {})
})

test('a probe that runs nothing has no words', () => {
  assert.equal(probeText({ exec: {} }), 'command ')
})
