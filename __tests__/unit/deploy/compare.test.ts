import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../src/cluster/types.ts'
import { differences, essence, pathText, valueAt } from '../../../src/deploy/compare.ts'

type Json = Parameters<typeof differences>[0]
const paths = (before: unknown, after: unknown) =>
  differences(before as Json, after as Json).map(({ path }) => pathText(path))
const essential = (object: object) => essence(object as KubeObject)

test('only fields that differ are told, by their paths', () => {
  const before = { spec: { replicas: 2, template: { spec: { containers: [{ name: 'app', image: 'a:1' }] } } } }
  const after = { spec: { replicas: 2, template: { spec: { containers: [{ name: 'app', image: 'a:2' }] } } } }
  assert.deepEqual(paths(before, before), [])
  assert.deepEqual(paths(before, after), ['spec.template.spec.containers[app].image'])
})

test('absent, null and empty are the same; zero, false and the empty string are not', () => {
  for (const value of [undefined, null, {}, []]) assert.deepEqual(paths({ a: value ?? null }, {}), [])
  for (const value of [0, false, '']) assert.deepEqual(paths({ a: value }, {}), ['a'])
  assert.deepEqual(paths({ a: '1' }, { a: 1 }), ['a'])
})

test('items with names are told apart by them, in whatever order they stand', () => {
  const list = (...names: string[]) => ({ c: names.map((name) => ({ name, x: 1 })) })
  assert.deepEqual(paths(list('a', 'b'), list('b', 'a')), [])
  assert.deepEqual(paths(list('a'), list('a', 'leaked')), ['c[leaked]'])
  assert.deepEqual(paths(list('a', 'b'), list('b')), ['c[a]'])
})

test('items without names, or with the same one twice, by their places', () => {
  assert.deepEqual(paths({ a: ['x', 'y'] }, { a: ['y', 'x'] }), ['a[0]', 'a[1]'])
  assert.deepEqual(
    paths(
      {
        a: [
          { name: 'p', v: 1 },
          { name: 'p', v: 2 },
        ],
      },
      {
        a: [
          { name: 'p', v: 1 },
          { name: 'p', v: 3 },
        ],
      },
    ),
    ['a[1].v'],
  )
  assert.deepEqual(paths({ a: [1, 2, 3] }, { a: [1, 2] }), ['a[2]'])
})

test('a value that changes its kind differs as a whole', () => {
  assert.deepEqual(paths({ a: { b: 1 } }, { a: 'text' }), ['a'])
  assert.deepEqual(paths({ a: 'text' }, { a: [1] }), ['a'])
})

test("keys of an object's prototype are no fields", () => {
  assert.deepEqual(paths({ data: JSON.parse('{"constructor":"x","__proto__":"y"}') }, { data: {} }), [
    'data.constructor',
    'data.__proto__',
  ])
  assert.equal(valueAt({ data: {} }, ['data', 'constructor']), undefined)
})

test('paths as people read them', () => {
  assert.equal(pathText(['metadata', 'annotations', 'helm.sh/hook']), 'metadata.annotations["helm.sh/hook"]')
  assert.equal(pathText(['data', 'tls.crt']), 'data["tls.crt"]')
  assert.equal(pathText(['spec', 'ports', '[http]', 'port']), 'spec.ports[http].port')
  assert.equal(pathText([]), '')
})

test('the value at a path, by the same words', () => {
  const value = { spec: { ports: [{ name: 'http', port: 80 }], list: [7, 8] } }
  assert.equal(valueAt(value, ['spec', 'ports', '[http]', 'port']), 80)
  assert.equal(valueAt(value, ['spec', 'list', '[1]']), 8)
  assert.equal(valueAt(value, ['spec', 'nothing', 'more']), undefined)
  for (const { path, before } of differences(value, {})) assert.deepEqual(valueAt(value, path), before)
})

test('bookkeeping is no part of what a deploy decides', () => {
  const object = (number: number) => ({
    kind: 'Deployment',
    metadata: {
      name: 'web',
      labels: { app: 'web' },
      annotations: { 'deployment.kubernetes.io/revision': String(number), kept: 'yes' },
      uid: `uid-${number}`,
      resourceVersion: String(number),
      generation: number,
      managedFields: [{ manager: String(number) }],
      creationTimestamp: String(number),
    },
    spec: { selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': String(number) } } },
    status: { replicas: number },
  })
  assert.deepEqual(differences(essential(object(1)), essential(object(2))), [])
  assert.deepEqual(essential(object(1)), {
    kind: 'Deployment',
    metadata: { name: 'web', labels: { app: 'web' }, annotations: { kept: 'yes' } },
    spec: { selector: { matchLabels: {} } },
  })
})

test('labels and annotations of people, and finalizers, are part of it', () => {
  const meta = (more: object) => essential({ metadata: { name: 'a', ...more } })
  assert.equal(differences(meta({}), meta({ labels: { a: 'b' } })).length, 1)
  assert.equal(differences(meta({}), meta({ annotations: { a: 'b' } })).length, 1)
  assert.equal(differences(meta({}), meta({ finalizers: ['example.com/keep'] })).length, 1)
})

test('an object is left as it was', () => {
  const object = {
    metadata: { name: 'a', uid: 'u', annotations: { 'deployment.kubernetes.io/revision': '1' } },
    status: {},
  }
  const copy = structuredClone(object)
  essential(object)
  assert.deepEqual(object, copy)
})
