import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Finding } from '../../../src/health/finding.ts'
import { sourceLine } from '../../../src/health/source-line.ts'

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
          image: registry.example/app:1
          command: [/bin/app]
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
  return sourceLine(text, {
    class: name,
    resource: { kind, namespace: 'shop', name: 'web' },
    cause,
    severity: { kind: 'now' },
    count: 1,
    evidence: { status: {}, events: [], logs: [], excerpt },
  })
}

test('the line of what a finding is about is found by its words', () => {
  assert.equal(line('image-pull', 'x', { image: 'registry.example/app:1' }), 11)
  assert.equal(line('missing-config', 'container app needs the Secret web-db, which does not exist'), 14)
  assert.equal(line('not-ready', 'x', { 'readiness probe': 'GET /readyz on port 80' }), 16)
  assert.equal(line('container-start', 'x', { command: '/bin/app' }), 12)
  assert.equal(line('resource-failed', 'x'), 4)
  assert.equal(line('resource-failed', 'x', {}, file, 'Chart'), null, 'the name of a chart is in no file')
  assert.equal(line('image-name', 'x', { image: 'registry.example/app:1' }), 11)
  assert.equal(line('crash-loop', 'container app exited with 1', { command: '/bin/app' }), 12)
  const two = 'image: first:1\nimage: second:1\ncommand: [one]\ncommand: [two]'
  assert.equal(line('image-pull', 'x', { image: 'second:1' }, two), 2)
  assert.equal(line('container-start', 'x', { command: 'two' }, two), 4)
})

test('where a template makes the words, the line of their key is found', () => {
  assert.equal(line('image-pull', 'x', { image: 'registry.example/other:2' }), 11)
  assert.equal(
    line('crash-loop', 'container app was killed by its liveness probe', { 'liveness probe': 'GET /x on port 1' }),
    17,
  )
  assert.equal(line('not-ready', 'x', { 'readiness probe': 'TCP connection to port 80' }), 15)
  assert.equal(line('crash-loop', 'container app ran out of memory'), 18)
  assert.equal(line('crash-loop', 'container app ran out of memory', {}, 'resources:\n  limits:\n    memory: 64Mi'), 3)
  assert.equal(
    line('crash-loop', 'container app was killed by its startup probe', { 'startup probe': 'x' }, 'startupProbe: {}'),
    1,
  )
  assert.equal(line('not-ready', 'x', { 'startup probe': 'x' }, 'startupProbe: {}'), 1)
  assert.equal(line('not-ready', 'x', { 'readiness probe': 'command GET /readyz on' }), 15, 'a command is no path')
  assert.equal(line('container-start', 'x', { command: '/bin/none' }), 12)
  assert.equal(line('container-start', 'x', {}, 'args: []'), 1)
  assert.equal(line('unschedulable', "didn't match Pod's node affinity/selector", {}, 'affinity: {}'), 1)
  assert.equal(line('unschedulable', '0/1 nodes: 1 Insufficient cpu', {}, 'resources: {}'), 1)
  assert.equal(line('unschedulable', "0/1 nodes: 1 node(s) didn't match Pod's node affinity/selector"), 8)
  assert.equal(line('unschedulable', '0/1 nodes: 1 Insufficient cpu'), 19)
})

test('what is there twice, in another word, or not at all has no line', () => {
  const twice = `${file}---\n${file}`
  assert.equal(line('image-pull', 'x', { image: 'registry.example/app:1' }, twice), null)
  assert.equal(
    line('missing-config', 'container app needs the Secret web, which does not exist', {}, 'a: webhook\nb: my-web'),
    null,
  )
  assert.equal(line('missing-config', 'container app needs the Secret tls, which does not exist'), null)
  assert.equal(line('crash-loop', 'container app exited with 1 three times'), null)
  assert.equal(line('unschedulable', '0/1 nodes: 1 node(s) had untolerated taint {a: b}'), null)
  assert.equal(line('not-ready', 'x'), null)
  assert.equal(line('missing-config', 'container app cannot be configured'), null)
  assert.equal(line('image-pull', 'x', { image: 'ab' }, 'x: ab\nimage: ab'), 2, 'too short to mean anything')
  assert.equal(line('image-pull', 'x', { image: 'a.*b' }, 'a.c.b'), null, 'a text, no pattern')
})
