import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stringify } from 'yaml'
import { changesBetween } from '../../../src/report/changes.ts'
import type { ObjectChange } from '../../../src/report/model.ts'

type Fields = Record<string, unknown>

const key = 'of this run'
const manifest = (...objects: Fields[]): string => objects.map((one) => stringify(one)).join('\n---\n')
const between = (before: Fields[], after: Fields[]): ObjectChange[] =>
  changesBetween(manifest(...before), manifest(...after), key)
const named = ({ object, kind }: ObjectChange): string => `${kind} ${object.kind}/${object.name}`
const config = (name: string, data: Fields, labels: Fields = {}): Fields => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
  data,
})
const secret = (fields: Fields, metadata: Fields = {}): Fields => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'access', ...metadata },
  ...fields,
})
const workload = (image: string, more: { env?: Fields[]; replicas?: number; labels?: Fields } = {}): Fields => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'shop', labels: more.labels ?? {} },
  spec: {
    replicas: more.replicas ?? 2,
    template: {
      metadata: { labels: { app: 'shop', ...more.labels } },
      spec: { containers: [{ name: 'app', image, env: more.env ?? [] }] },
    },
  },
})
const base64 = (text: string): string => Buffer.from(text).toString('base64')

test('what is new, gone and changed is told; what is the same is not', () => {
  const changes = between(
    [config('same', { a: '1' }), config('gone', {}), config('other', { a: '1', b: '2' })],
    [config('other', { b: '2', a: '3' }), config('same', { a: '1' }), config('new', {})],
  )
  assert.deepEqual(changes.map(named).sort(), [
    'added ConfigMap/new',
    'changed ConfigMap/other',
    'removed ConfigMap/gone',
  ])
  const other = changes.find(({ kind }) => kind === 'changed')
  assert.deepEqual(
    other?.diff.filter((line) => /^[+-]/.test(line)),
    ['-  a: "1"', '+  a: "3"'],
  )
})

test('the order of fields, comments and the version of an API group are no change', () => {
  assert.deepEqual(
    changesBetween(
      'apiVersion: v1\nkind: X\nmetadata: {name: x}\na: 1',
      'kind: X # new\na: 1\napiVersion: v1\nmetadata: {name: x}',
      key,
    ),
    [],
  )
  const [moved] = between([{ ...workload('a'), apiVersion: 'apps/v1beta2' }], [workload('a')])
  assert.equal(moved?.kind, 'changed', 'it is the same object with another version')
})

test('images and replicas come first, labels alone last', () => {
  const version = (chart: string): Fields => ({ 'helm.sh/chart': chart })
  const changes = between(
    [
      config('labelled', { a: '1' }, version('shop-1')),
      config('changed', { a: '1' }),
      workload('shop:1', { labels: version('shop-1') }),
    ],
    [
      config('labelled', { a: '1' }, version('shop-2')),
      config('changed', { a: '2' }),
      workload('shop:2', { replicas: 3, labels: version('shop-2') }),
    ],
  )
  assert.deepEqual(changes.map(named), [
    'changed Deployment/shop',
    'changed ConfigMap/changed',
    'changed ConfigMap/labelled',
  ])
  assert.deepEqual(
    changes.map(({ highlights }) => highlights),
    [['app: shop:1 → shop:2', 'replicas: 2 → 3'], [], []],
  )
  assert.deepEqual(
    changes.map(({ labelsOnly }) => labelsOnly),
    [false, false, true],
  )
})

test('what a Secret holds shows as changed or not, and not as what it is', () => {
  const last = { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":"correct-horse"}' } }
  const [change] = between(
    [secret({ data: { password: base64('correct-horse'), user: base64('reader') } }, last)],
    [secret({ stringData: { password: 'battery-staple', user: 'reader' } }, last)],
  )
  const text = change?.diff.join('\n') ?? ''
  assert.doesNotMatch(text, /correct-horse|battery-staple|reader/)
  assert.ok(!text.includes(base64('correct-horse')))
  const prints = (name: string): string[] =>
    Array.from(text.matchAll(new RegExp(`${name}: (.*)`, 'g')), ([, print = '']) => print)
  const [was, is] = prints('password')
  assert.match(`${was} ${is}`, /^hidden [\da-f]{8} hidden [\da-f]{8}$/)
  assert.notEqual(was, is)
  assert.equal(new Set(prints('user')).size, 1, 'the same value has the same fingerprint, encoded or not')
})

test('another key has other fingerprints', () => {
  const [before, after] = [manifest(), manifest(secret({ data: { password: base64('correct-horse') } }))]
  const [one, two] = ['one', 'two'].map((run) => changesBetween(before, after, run)[0]?.diff.join('\n'))
  assert.notEqual(one, two)
})

test('what is called like a credential is hidden wherever it stands', () => {
  const env = (value: string): Fields[] => [
    { name: 'DB_PASSWORD', value },
    { name: 'LEVEL', value: 'debug' },
  ]
  const changes = between(
    [workload('shop:1', { env: env('hunter2222') }), config('settings', { apiToken: 'tok-11111' })],
    [workload('shop:1', { env: env('hunter3333') }), config('settings', { apiToken: 'tok-22222' })],
  )
  const text = changes.flatMap(({ diff }) => diff).join('\n')
  assert.doesNotMatch(text, /hunter|tok-/)
  assert.equal(changes.length, 2, 'and its change shows')
})

test('a long diff is cut, and so is a long list of them', () => {
  const lines = (sign: string): string => Array.from({ length: 2000 }, (_, index) => `${sign}${index}`).join('\n')
  const many = (sign: string): Fields[] =>
    Array.from({ length: 55 }, (_, index) => config(`c${index}`, { text: lines(sign) }))
  const changes = between(many('a'), many('b'))
  assert.equal(changes.length, 55)
  assert.equal(changes[0]?.diff.length, 401)
  assert.match(changes[0]?.diff.at(-1) ?? '', /^… and \d+ more lines$/)
  assert.ok(changes.reduce((sum, { diff }) => sum + diff.length, 0) <= 20_000)
})
