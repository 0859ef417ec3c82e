import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HelmStatus } from '../../../src/release/record.ts'
import type { LiveFact } from '../../../src/release/recovery-facts.ts'
import { installedAt, obstaclesToRemoval, revisionsSinceInstall } from '../../../src/release/removal.ts'
import { ago, entry, facts, live, record } from './facts.ts'

const told = (...objects: LiveFact[]) => obstaclesToRemoval({ live: objects, skipped: [] })

test('what never became anything may go', () => {
  assert.deepEqual(told(), [])
  assert.deepEqual(told(live('web'), live('db', { exists: false, everReady: null, existedBefore: null })), [])
})

test('each reason to keep it is told with its objects', () => {
  const table: readonly (readonly [LiveFact, string])[] = [
    [live('web', { everReady: true }), 'Deployment/web was ready'],
    [live('web', { everReady: null }), 'Deployment/web may have been ready, which cannot be seen'],
    [live('web', { existedBefore: true }), 'Deployment/web existed before it was installed'],
    [live('web', { existedBefore: null }), 'Deployment/web may have existed before it was installed'],
    [live('web', { boundClaims: ['prod/data-db-0'] }), 'a volume is bound to prod/data-db-0'],
    [live('web', { boundClaims: null }), 'Deployment/web may hold a volume, which cannot be seen'],
    [live('web', { exists: false, boundClaims: ['prod/data-db-0'] }), 'a volume is bound to prod/data-db-0'],
  ]
  for (const [object, reason] of table) assert.deepEqual(told(live('other'), object), [reason])
  assert.equal(told(live('web', { everReady: true, existedBefore: true, boundClaims: ['a/b'] })).length, 3)
  const many = Array.from({ length: 7 }, (_, index) => live(`w${index}`, { everReady: true }))
  assert.match(told(...many)[0] ?? '', /Deployment\/w4 and 2 more was ready$/)
})

test('what cannot be looked at stays', () => {
  assert.deepEqual(obstaclesToRemoval({ live: null, skipped: [] }), ['its objects could not be looked at'])
  assert.match(
    obstaclesToRemoval({ live: [], skipped: [entry(1, 'superseded')] })[0] ?? '',
    /v1 may be a good revision/,
  )
})

test('a release begins with its last install', () => {
  const since = (...statuses: HelmStatus[]) =>
    revisionsSinceInstall(facts(statuses).entries).map(({ revision }) => revision)
  assert.deepEqual(since('failed', 'failed'), [1, 2])
  assert.deepEqual(since('superseded', 'uninstalled', 'failed', 'failed'), [3, 4])
  assert.deepEqual(since('superseded', 'superseded', 'pending-install'), [3])
  assert.deepEqual(since('uninstalled'), [])
  assert.deepEqual(since(), [])
})

test('when it was installed: by the first revision, else by the record', () => {
  const first = { createdAt: ago(50) }
  const installed = record(2, 'failed', { firstDeployed: new Date(ago(60)).toISOString() })
  assert.equal(installedAt([entry(1, 'failed', first), entry(2, 'failed')], installed), ago(50))
  assert.equal(
    installedAt([entry(8, 'failed', first), entry(9, 'failed')], installed),
    ago(60),
    'a history that was cut',
  )
  assert.equal(installedAt([entry(8, 'uninstalled'), entry(9, 'failed', first)], installed), ago(50))
  assert.equal(installedAt([entry(9, 'pending-install', first)], installed), ago(50))
  assert.equal(installedAt([entry(1, 'failed')], installed), ago(60))
  const replaced = [entry(1, 'superseded', { createdAt: ago(900) }), entry(2, 'failed', first)]
  assert.equal(installedAt(replaced, installed), ago(60), 'an install over a kept history')
  assert.equal(installedAt(replaced, record(2, 'failed')), ago(900))
  assert.equal(installedAt([entry(1, 'failed')], record(1, 'failed')), null)
})
