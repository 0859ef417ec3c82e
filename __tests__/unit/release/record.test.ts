import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { decodeRecord, toEntry } from '../../../src/release/record.ts'
import { storageDriver } from '../../../src/release/storage.ts'

const release = {
  name: 'shop',
  version: 3,
  info: { status: 'deployed', description: 'Upgrade complete', last_deployed: '2026-11-22T10:00:00Z', notes: 'grüße' },
  chart: { metadata: { name: 'shop', version: '1.2.3' }, files: [{ name: 'crds/a.yaml' }, { name: 'README.md' }] },
  manifest: '---\nkind: X\n',
  hooks: [
    { name: 'migrate', kind: 'Job', path: 'shop/templates/m.yaml', manifest: 'kind: Job', events: ['pre-upgrade'] },
  ],
}
const json = Buffer.from(JSON.stringify(release))
const packed = gzipSync(json).toString('base64')
const twice = (text: string) => Buffer.from(text).toString('base64')
const storage = (text: string | undefined) => ({
  metadata: { name: 'sh.helm.release.v1.shop.v3' },
  ...(text === undefined ? {} : { data: { release: text } }),
})

test('a Secret is base64 twice, a ConfigMap once; gzip or not', () => {
  const wanted = decodeRecord(storage(packed), 'configmap')
  assert.deepEqual(decodeRecord(storage(twice(packed)), 'secret'), wanted)
  assert.deepEqual(decodeRecord(storage(json.toString('base64')), 'configmap'), wanted)
  assert.deepEqual(decodeRecord(storage(twice(json.toString('base64'))), 'secret'), wanted)
  assert.deepEqual(
    [wanted.revision, wanted.status, wanted.notes, wanted.crdFiles],
    [3, 'deployed', 'grüße', ['crds/a.yaml']],
  )
  assert.deepEqual(wanted.hooks[0]?.deletePolicies, [])
})

test('what Helm leaves out or writes as null is empty', () => {
  const sparse = { version: 1, info: {}, chart: { files: null }, hooks: null }
  const record = decodeRecord(storage(Buffer.from(JSON.stringify(sparse)).toString('base64')), 'configmap')
  assert.deepEqual(
    [record.status, record.manifest, record.hooks, record.crdFiles, record.chart.name],
    ['unknown', '', [], [], ''],
  )
  assert.equal(decodeRecord(storage(Buffer.from('{}').toString('base64')), 'configmap').revision, 0)
})

test('what is none is told by its name, without its content', () => {
  const secret = Buffer.from('{"manifest": "hunter2').toString('base64')
  for (const text of ['', 'x', packed.slice(0, -40), twice(packed), secret, Buffer.from('null').toString('base64')]) {
    assert.throws(
      () => decodeRecord(storage(text), 'configmap'),
      (error: Error) =>
        /^sh\.helm\.release\.v1\.shop\.v3 (holds no release|cannot be read as a Helm release)$/.test(error.message),
      text,
    )
  }
  assert.throws(() => decodeRecord(storage(undefined), 'secret'), /holds no release/)
})

test('a bomb is not unpacked', () => {
  const bomb = gzipSync(Buffer.alloc(257 * 1024 * 1024), { level: 1 }).toString('base64')
  assert.throws(() => decodeRecord(storage(bomb), 'configmap'), /cannot be read/)
})

test("only what bears Helm's labels is a revision", () => {
  const entry = (labels?: Record<string, string>) => toEntry({ metadata: { name: 'n', ...(labels ? { labels } : {}) } })
  assert.deepEqual(entry({ owner: 'helm', version: '12', status: 'failed' }), {
    name: 'n',
    revision: 12,
    status: 'failed',
  })
  assert.equal(entry({ owner: 'helm', version: '12' })?.status, 'unknown')
  for (const labels of [
    undefined,
    {},
    { owner: 'helm' },
    { version: '1' },
    { owner: 'helm', version: 'x' },
    { owner: 'helm', version: '1.5' },
    { owner: 'helm', version: '' },
  ]) {
    assert.equal(entry(labels), null, JSON.stringify(labels))
  }
})

test('storages are named as Helm names them', () => {
  const names = [undefined, '', 'secret', 'secrets', 'configmap', 'configmaps', 'sql', 'memory', 'Secret']
  assert.deepEqual(names.map(storageDriver), [
    'secret',
    'secret',
    'secret',
    'secret',
    'configmap',
    'configmap',
    null,
    null,
    null,
  ])
})
