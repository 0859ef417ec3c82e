import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseManifest, refKey, refText, toRef } from '../../../src/cluster/manifest.ts'

const names = (manifest: string) => parseManifest(manifest).map(({ kind, name }) => `${kind}/${name}`)
const map = (content: string, name = 'a') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n${content}`
const data = (text: string): unknown => {
  const [found] = parseManifest(map(text))
  assert.ok(found)
  return (found.object as unknown as { data: unknown }).data
}

test('documents in order, each with the file it was rendered from', () => {
  const manifest = `---\n# Source: shop/templates/a.yaml\n${map('  x: y')}\n---\n# Source: shop/charts/db/templates/b.yaml \n${map('  x: y', 'b')}\n`
  assert.deepEqual(
    parseManifest(manifest).map(({ name, source }) => [name, source]),
    [
      ['a', 'shop/templates/a.yaml'],
      ['b', 'shop/charts/db/templates/b.yaml'],
    ],
  )
})

test('separators with spaces, tabs and comments; the end mark; line ends of Windows', () => {
  const two = (separator: string) => names(`${map('  x: y')}\n${separator}\n${map('  x: y', 'b')}\n`)
  for (const separator of ['---', '--- ', '---\t', '--- # Source: x', '---  # comment', '...\n---']) {
    assert.deepEqual(two(separator), ['ConfigMap/a', 'ConfigMap/b'], JSON.stringify(separator))
  }
  const windows = `---\r\n# Source: shop/templates/a.yaml\r\n${map('  x: y').replaceAll('\n', '\r\n')}\r\n---\r\n${map('  x: y', 'b').replaceAll('\n', '\r\n')}\r\n`
  assert.deepEqual(names(windows), ['ConfigMap/a', 'ConfigMap/b'])
  assert.equal(parseManifest(windows)[0]?.source, 'shop/templates/a.yaml')
})

test('dashes inside of a text separate nothing', () => {
  assert.deepEqual(data('  cert: |\n    -----BEGIN CERTIFICATE-----\n    ---\n    abc\n'), {
    cert: '-----BEGIN CERTIFICATE-----\n---\nabc\n',
  })
})

test('empty documents, comments alone and texts without kind or name are left out', () => {
  assert.deepEqual(
    names(
      `---\n---\n# only a comment\n---\n\n---\nkind: X\n---\nmetadata: {name: a}\n---\nnull\n---\njust text\n---\n- 1\n---\n${map('  x: y')}`,
    ),
    ['ConfigMap/a'],
  )
  assert.deepEqual(names(''), [])
  assert.deepEqual(names('\n---\n'), [])
})

test('lists are unfolded, lists of lists too', () => {
  const list =
    'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: s}}\n- apiVersion: v1\n  kind: ConfigMapList\n  items:\n  - {apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: other}}\n'
  assert.deepEqual(names(list), ['Secret/s', 'ConfigMap/c'])
  assert.deepEqual(
    parseManifest(list).map(({ namespace }) => namespace),
    ['', 'other'],
  )
  assert.deepEqual(names('kind: List\nitems: []'), [])
  assert.deepEqual(names('kind: List\nitems: [null, {kind: X}]'), [])
})

test('a kind that merely ends in List is an object', () => {
  assert.deepEqual(names('apiVersion: x/v1\nkind: AllowList\nmetadata: {name: a}\nspec: {}\n'), ['AllowList/a'])
})

test('YAML 1.1, as Helm reads it: octal modes, yes and no, but dates stay text', () => {
  const text =
    '  mode: 0644\n  y: yes\n  off: off\n  day: 2026-11-22\n  time: 2026-11-22T10:00:00Z\n  quoted: "0644"\n  word: "yes"\n'
  assert.deepEqual(data(text), {
    mode: 420,
    true: true,
    false: false,
    day: '2026-11-22',
    time: '2026-11-22T10:00:00Z',
    quoted: '0644',
    word: 'yes',
  })
})

test('anchors, aliases and merges', () => {
  const text = '  a: &a {x: "1"}\n  b: *a\n  c: {<<: *a, z: "2"}\n'
  assert.deepEqual(data(text), { a: { x: '1' }, b: { x: '1' }, c: { x: '1', z: '2' } })
})

test('of a key that stands twice the last counts, as for Helm', () => {
  assert.deepEqual(data('  x: first\n  x: second\n'), { x: 'second' })
})

test('a document that is broken takes no other with it', () => {
  assert.deepEqual(
    names(
      `${map('  x: y')}\n---\nkind: ConfigMap\nmetadata: {name: broken\n---\n${map('  x: *nowhere', 'c')}\n---\n${map('  x: y', 'b')}`,
    ).filter((name) => !/broken|\/c/.test(name)),
    ['ConfigMap/a', 'ConfigMap/b'],
  )
})

test('names that YAML takes for numbers are names', () => {
  assert.deepEqual(names('kind: ConfigMap\nmetadata: {name: 123}'), ['ConfigMap/123'])
})

test('an identity is the same in all versions of a group, and no other', () => {
  const key = (apiVersion: string, kind = 'Ingress', namespace = 'n') =>
    refKey({ apiVersion, kind, namespace, name: 'a' })
  assert.equal(key('networking.k8s.io/v1'), key('networking.k8s.io/v1beta1'))
  const others = [
    key('networking.k8s.io/v1'),
    key('extensions/v1beta1'),
    key('v1'),
    key('v1', 'Service'),
    key('v1', 'Service', ''),
  ]
  assert.equal(new Set(others).size, 5)
})

test('references as people write them', () => {
  assert.equal(refText(toRef({ kind: 'Deployment', name: 'web', namespace: 'shop' })), 'Deployment/web')
})
