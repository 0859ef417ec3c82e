import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Finding } from '../../../src/health/finding.ts'
import { keyLine, literalLines } from '../../../src/places/template-line.ts'

const file = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      nodeSelector: {{ .Values.nodes }}
      containers:
        - name: app
          image: registry.example/app:1 # was registry.example/app:2
          command: [/bin/app]
          {{- /* it reads
          registry.example/app:3 */}}
          envFrom:
            - secretRef: { name: web-db }
          readinessProbe:
            httpGet: { path: /readyz, port: 80 }
          livenessProbe: {{ toYaml .Values.live }}
          resources:
            requests: { cpu: "64" }
            limits: { memory: 64Mi }
`

function line(
  name: Finding['class'],
  cause: string,
  excerpt: Record<string, string> = {},
  text = file,
  kind = 'Deployment',
): number | null {
  return keyLine(text, {
    class: name,
    resource: { kind, namespace: 'shop', name: 'web' },
    cause,
    severity: { kind: 'now' },
    count: 1,
    evidence: { status: {}, events: [], logs: [], excerpt },
  })
}

test('where a template makes the words, the line of their key is found', () => {
  assert.equal(line('image-pull', 'x', { image: 'registry.example/other:2' }), 11)
  assert.equal(line('image-name', 'x', {}, 'image: a\nimage: b'), null)
  assert.equal(
    line('crash-loop', 'container app was killed by its liveness probe', { 'liveness probe': 'GET /x on port 1' }),
    19,
  )
  assert.equal(line('not-ready', 'x', { 'readiness probe': 'TCP connection to port 80' }), 17)
  assert.equal(line('crash-loop', 'container app ran out of memory'), 20)
  assert.equal(line('crash-loop', 'container app ran out of memory', {}, 'resources:\n  limits:\n    memory: 64Mi'), 3)
  assert.equal(
    line('crash-loop', 'container app was killed by its startup probe', { 'startup probe': 'x' }, 'startupProbe: {}'),
    1,
  )
  assert.equal(line('not-ready', 'x', { 'startup probe': 'x' }, 'startupProbe: {}'), 1)
  assert.equal(line('container-start', 'x', { command: '/bin/none' }), 12)
  assert.equal(line('container-start', 'x', {}, 'args: []'), 1)
  assert.equal(line('unschedulable', "didn't match Pod's node affinity/selector", {}, 'affinity: {}'), 1)
  assert.equal(line('unschedulable', "0/1 nodes: 1 node(s) didn't match Pod's node affinity/selector"), 8)
  assert.equal(line('unschedulable', '0/1 nodes: 1 Insufficient cpu'), 21)
  assert.equal(line('resource-failed', 'x'), 4)
})

test('what is in no file, or names no key, has no line', () => {
  assert.equal(line('resource-failed', 'x', {}, file, 'Chart'), null, 'the name of a chart is in no file')
  assert.equal(line('resource-failed', 'x', {}, 'metadata:\n  name: web-{{ .Release.Name }}'), null)
  assert.equal(line('crash-loop', 'container app exited with 1 three times'), null)
  assert.equal(line('unschedulable', '0/1 nodes: 1 node(s) had untolerated taint {a: b}'), null)
  assert.equal(line('not-ready', 'x'), null)
  assert.equal(line('missing-config', 'container app cannot be configured'), null)
})

test('the lines that hold an image or a text as a word of its own, comments left out', () => {
  const image = (text: string) => literalLines(file, { kind: 'image', image: text, part: 'tag' })
  const value = (text: string, key = /name/) => literalLines(file, { kind: 'value', text, key })
  assert.deepEqual(image('registry.example/app:1'), [11])
  for (const other of ['registry.example/app:2', 'registry.example/app:3', 'registry.example/app', 'app:1', 'a.*'])
    assert.deepEqual(image(other), [], other)
  assert.deepEqual(value('web-db'), [16])
  assert.deepEqual(value('web'), [4])
  assert.deepEqual(value('/readyz'), [18])
  assert.deepEqual(value('80', /port/), [18], 'a number has its key before it')
  assert.deepEqual(value('80', /replicas/), [])
  assert.deepEqual(value('64', /cpu/), [21])
  assert.deepEqual(literalLines('x: ab\nimage: ab', { kind: 'image', image: 'ab', part: 'tag' }), [], 'too short')
  assert.deepEqual(literalLines('a: shop\r\nb: shop', { kind: 'value', text: 'shop', key: /x/ }), [1, 2])
})
