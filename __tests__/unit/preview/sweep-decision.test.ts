import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Metadata } from '../../../src/cluster/types.ts'
import { previewAnnotations, previewLabels, type PreviewNotes } from '../../../src/preview/labels.ts'
import { decideSweep, readCandidate, type Candidate, type PullSight } from '../../../src/preview/sweep-decision.ts'
import { preview } from './previews.ts'

const now = Date.parse('2026-11-28T12:00:00Z')
const hour = 3_600_000

function metadata(changes: Partial<PreviewNotes> = {}, pull = 7): Metadata {
  const of = { ...preview, pull }
  const notes = { release: 'pr-7', runUrl: null, environment: '', deployedAtMs: now - hour, ttlMs: null, ...changes }
  const told = Object.entries(previewAnnotations(of, notes)).filter((one): one is [string, string] => one[1] !== null)
  return { name: 'preview-shop-pr-7', uid: 'u', labels: previewLabels(of), annotations: Object.fromEntries(told) }
}

function candidate(changes: Partial<PreviewNotes> = {}): Candidate {
  const found = readCandidate(metadata(changes), preview)
  assert.ok('preview' in found)
  return found
}

const open: PullSight = { kind: 'open' }
const closed: PullSight = { kind: 'closed' }
const unreadable: PullSight = { kind: 'unreadable', why: 'GitHub does not find it' }
const fresh = candidate({ ttlMs: 5 * hour })
const expired = candidate({ ttlMs: hour / 2 })
const lasting = candidate()
const ending = { ...expired, isEnding: true }

for (const [what, one, sight, holder, expected, why] of [
  ['open', lasting, open, null, 'keep', 'its pull request is open'],
  ['open and fresh', fresh, open, null, 'keep', 'its pull request is open, and it has 4h left'],
  ['open for days', candidate({ ttlMs: 168 * hour }), open, null, 'keep', /it has 6d23h left$/],
  ['open for a day', candidate({ ttlMs: 25 * hour }), open, null, 'keep', /it has 1d left$/],
  ['open and locked', fresh, open, 'run 5', 'keep', 'its pull request is open, and it has 4h left'],
  ['closed', lasting, closed, null, 'remove', 'its pull request is closed'],
  ['closed and fresh', fresh, closed, null, 'remove', 'its pull request is closed'],
  ['closed and locked', lasting, closed, 'run 5', 'keep', 'another run works on it: run 5'],
  ['expired', expired, open, null, 'remove', 'it expired 30m ago'],
  ['expired and locked', expired, open, 'run 5', 'keep', 'another run works on it: run 5'],
  ['expired and going already', ending, open, null, 'keep', 'it is being deleted already'],
  ['closed and going already', ending, closed, null, 'remove', 'its pull request is closed'],
  ['expired at this very moment', { ...expired, expiresAtMs: now }, open, null, 'remove', 'it expired 1s ago'],
  ['a second before it expires', { ...expired, expiresAtMs: now + 1000 }, open, null, 'keep', /1s left/],
  ['unreadable', lasting, unreadable, null, 'keep', /cannot be read: GitHub does not find it/],
  ['unreadable and expired', expired, unreadable, null, 'keep', /cannot be read/],
] as const)
  test(`a preview that is ${what}: ${expected}`, () => {
    const decision = decideSweep(one, sight, holder, now)
    assert.equal(decision.kind, expected)
    if (typeof why === 'string') assert.equal(decision.why, why)
    else assert.match(decision.why, why)
    assert.equal(decision.isUnsure, sight.kind === 'unreadable')
  })

function oddWhy(changed: Metadata): string {
  const found = readCandidate(changed, preview)
  assert.ok(!('preview' in found))
  return found.why
}

function annotated(changes: Readonly<Record<string, string | null>>): Metadata {
  const base = metadata()
  const all = {
    ...base.annotations,
    ...Object.fromEntries(Object.entries(changes).map(([k, v]) => [`atomic-helm.dev/${k}`, v])),
  }
  const told = Object.entries(all).filter((one): one is [string, string] => one[1] !== null)
  return { ...base, annotations: Object.fromEntries(told) }
}

test('a preview is read with all that a removal needs', () => {
  const { release, environment, expiresAtMs } = candidate({ environment: 'pr-7', ttlMs: hour })
  assert.deepEqual([release, environment, expiresAtMs], ['pr-7', 'pr-7', now])
  const upper = { ...preview, repository: { owner: 'ACME', name: 'sHOP' } }
  assert.ok('preview' in readCandidate(metadata(), upper))
})

for (const [what, odd, why] of [
  ['without annotations', { ...metadata(), annotations: {} }, /not those that a deploy writes/],
  ["with another repository's annotations", annotated({ repository: 'mallory/shop' }), /belongs to mallory\/shop/],
  ['without its repository', annotated({ repository: null }), /not those that a deploy writes/],
  [
    "with another pull request's address",
    annotated({ 'pull-request-url': 'https://github.com/acme/Shop/pull/8' }),
    /not those/,
  ],
  [
    'whose label names another pull request',
    { ...metadata(), labels: metadata({}, 9).labels ?? {} },
    /name pull request 9/,
  ],
  ['that was never deployed to', annotated({ 'deployed-at': null }), /not those/],
  ['deployed to at no time', annotated({ 'deployed-at': 'yesterday-ish' }), /not those/],
  ['whose release is an option', annotated({ release: '--keep-history' }), /not those/],
  ['without a release', annotated({ release: null }), /not those/],
  ['without labels', { ...metadata(), labels: {} }, /no labels/],
  [
    'whose pull request is no number',
    { ...metadata(), labels: { ...metadata().labels, 'atomic-helm.dev/pull-request': '7; rm' } },
    /belongs to acme\/Shop/,
  ],
] as const)
  test(`a namespace ${what} is left alone`, () => assert.match(oddWhy(odd), why))

test('a time of expiry that nobody can read is none', () => {
  const found = readCandidate(annotated({ 'expires-at': 'soon' }), preview)
  assert.equal('preview' in found && found.expiresAtMs, null)
})
