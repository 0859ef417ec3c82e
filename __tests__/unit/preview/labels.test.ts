import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownerOf, previewAnnotations, previewLabels, selectorOf } from '../../../src/preview/labels.ts'
import { preview } from './previews.ts'

const notes = {
  release: 'pr-7',
  runUrl: 'https://github.com/acme/Shop/actions/runs/1',
  environment: 'preview-7',
  deployedAtMs: Date.parse('2026-11-20T10:00:00Z'),
  ttlMs: 86_400_000,
}
const labels = previewLabels(preview)
const annotations = previewAnnotations(preview, notes) as Record<string, string>

test('a namespace says whose it is, and since when', () => {
  assert.match(labels['atomic-helm.dev/repository'] ?? '', /^shop-[\da-f]{8}$/)
  assert.deepEqual(
    { ...labels, 'atomic-helm.dev/repository': '' },
    {
      'app.kubernetes.io/managed-by': 'atomic-helm-action',
      'atomic-helm.dev/preview': 'true',
      'atomic-helm.dev/repository': '',
      'atomic-helm.dev/pull-request': '7',
    },
  )
  assert.deepEqual(annotations, {
    'atomic-helm.dev/repository': 'acme/Shop',
    'atomic-helm.dev/pull-request-url': 'https://github.com/acme/Shop/pull/7',
    'atomic-helm.dev/release': 'pr-7',
    'atomic-helm.dev/run-url': 'https://github.com/acme/Shop/actions/runs/1',
    'atomic-helm.dev/environment': 'preview-7',
    'atomic-helm.dev/deployed-at': '2026-11-20T10:00:00.000Z',
    'atomic-helm.dev/expires-at': '2026-11-21T10:00:00.000Z',
  })
})

test('what is not given any more is taken away', () => {
  const now = previewAnnotations(preview, { ...notes, runUrl: null, environment: '', ttlMs: null })
  for (const name of ['run-url', 'environment', 'expires-at']) assert.equal(now[`atomic-helm.dev/${name}`], null)
})

test('what is written is read back', () => {
  assert.deepEqual(ownerOf({ labels, annotations }, preview), {
    kind: 'ours',
    facts: {
      pull: 7,
      release: 'pr-7',
      environment: 'preview-7',
      expiresAtMs: Date.parse('2026-11-21T10:00:00Z'),
    },
  })
})

test('the case of a repository does not matter, everything else does', () => {
  const other = (change: Partial<typeof preview>) => ownerOf({ labels, annotations }, { ...preview, ...change }).kind
  assert.equal(other({ repository: { owner: 'Acme', name: 'shop' } }), 'ours')
  assert.equal(other({ repository: { owner: 'evil', name: 'Shop' } }), 'other')
  assert.equal(other({ serverUrl: 'https://ghes.example.com' }), 'other')
  assert.deepEqual(ownerOf({}, preview), { kind: 'none' })
  assert.deepEqual(ownerOf({ labels: { 'atomic-helm.dev/preview': 'yes' } }, preview), { kind: 'none' })
})

test('forged labels and notes count only in our form', () => {
  const forged = (name: string, value: string, isLabel = true) =>
    ownerOf(
      {
        labels: isLabel ? { ...labels, [`atomic-helm.dev/${name}`]: value } : labels,
        annotations: isLabel ? annotations : { ...annotations, [`atomic-helm.dev/${name}`]: value },
      },
      preview,
    )
  for (const pull of ['', '0', '-7', '07', '7.0', '7x', '1e3', '99999999999', 'all'])
    assert.equal(forged('pull-request', pull).kind, 'other', pull)
  assert.equal(forged('repository', 'shop').kind, 'other')
  assert.deepEqual(forged('repository', 'evil/tenant', false), { kind: 'other', whose: 'evil/tenant' })
  for (const said of ['', 'evil', '[x](https://e.example)/y', 'a/b\n::error::c', '$(rm -rf)/x'])
    assert.deepEqual(forged('repository', said, false), { kind: 'other', whose: 'somebody else' })
  for (const release of ['--all', 'a b', '../x', 'A', 'x'.repeat(54), '']) {
    const found = forged('release', release, false)
    assert.equal(found.kind === 'ours' ? found.facts.release : 'other', null, release)
  }
  const found = forged('expires-at', 'now', false)
  assert.equal(found.kind === 'ours' ? found.facts.expiresAtMs : 'other', null)
})

test('the selector finds the previews of this repository', () => {
  assert.equal(
    selectorOf(preview),
    `app.kubernetes.io/managed-by=atomic-helm-action,atomic-helm.dev/preview=true,atomic-helm.dev/repository=${labels['atomic-helm.dev/repository']}`,
  )
})
