import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HelmStatus, ReleaseRecord } from '../../../src/release/record.ts'
import { goodCandidates, isGood, releaseState } from '../../../src/release/state.ts'

const entries = (...statuses: HelmStatus[]) =>
  statuses.map((status, index) => ({ name: `v${index + 1}`, revision: index + 1, status }))
const record = (status: HelmStatus, description = '', revision = 1): ReleaseRecord => ({
  revision,
  status,
  description,
  manifest: '',
  hooks: [],
  chart: { name: '', version: '', appVersion: '' },
  crdFiles: [],
  lastDeployed: '',
  notes: '',
})

test('every status of the last revision has its state', () => {
  const kind = (status: HelmStatus) => releaseState(entries('superseded', status), null).kind
  assert.deepEqual((['deployed', 'failed', 'superseded', 'unknown'] as const).map(kind), [
    'present',
    'present',
    'present',
    'present',
  ])
  assert.deepEqual((['pending-install', 'pending-upgrade', 'pending-rollback'] as const).map(kind), [
    'locked',
    'locked',
    'locked',
  ])
  assert.equal(kind('uninstalling'), 'uninstalling')
  assert.equal(kind('uninstalled'), 'absent')
  assert.equal(releaseState([], null).kind, 'absent')
})

test('a kept history is not none', () => {
  assert.deepEqual(releaseState(entries('uninstalled'), null), {
    kind: 'absent',
    reason: 'it was uninstalled, and its history kept (revision 1)',
    keptHistory: true,
  })
  assert.deepEqual(releaseState([], null), {
    kind: 'absent',
    reason: 'there is no release of that name',
    keptHistory: false,
  })
})

test('the reason names the last good revision, or that there is none', () => {
  assert.equal(
    releaseState(entries('deployed', 'failed'), record('deployed')).reason,
    'revision 2 is failed; revision 1 is the last good one',
  )
  assert.equal(releaseState(entries('failed'), null).reason, 'revision 1 is failed; no revision of it was ever good')
})

test('what is deployed is tried first, then what was, the newest first', () => {
  const order = goodCandidates(
    entries('superseded', 'deployed', 'failed', 'superseded', 'pending-upgrade', 'superseded'),
  )
  assert.deepEqual(
    order.map(({ revision }) => revision),
    [2, 6, 4, 1],
  )
  assert.deepEqual(goodCandidates(entries('failed', 'uninstalled', 'unknown')), [])
})

test('a revision that Helm calls superseded though it failed is not good', () => {
  const bad = [
    'Upgrade "shop" failed: context deadline exceeded',
    'Release "shop" failed: timed out waiting for the condition',
    'Rollback "shop" failed: cannot patch "web" with kind Deployment',
    'Upgrade "shop" failed: pre-upgrade hooks failed: 1 error occurred:\n\t* job failed',
    'Preparing upgrade',
    'Initial install underway',
  ]
  for (const description of bad) assert.equal(isGood(record('superseded', description)), false, description)
})

test('what was good stays good, whatever people write into a description', () => {
  for (const description of [
    'Upgrade complete',
    'Install complete',
    'Rollback to 3',
    '',
    'Deployed by atomic-helm-action of abc for me',
    'Login: failed twice',
    'Fix "shop" failed',
  ]) {
    assert.equal(isGood(record('superseded', description)), true, description)
  }
  assert.equal(isGood(record('deployed', 'Rollback "shop" failed: x')), true)
  for (const status of ['failed', 'pending-upgrade', 'pending-install', 'uninstalled', 'unknown'] as const) {
    assert.equal(isGood(record(status, 'Upgrade complete')), false, status)
  }
})
