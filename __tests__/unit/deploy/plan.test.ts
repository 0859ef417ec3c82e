import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LocatedObject } from '../../../src/cluster/discovery.ts'
import { liveObjectsProblem, planFallback, wouldDeleteEarlier } from '../../../src/deploy/plan.ts'
import type { Snapshot } from '../../../src/deploy/snapshot.ts'
import type { HelmStatus, ReleaseRecord } from '../../../src/release/record.ts'
import { releaseState } from '../../../src/release/state.ts'

const good: ReleaseRecord = {
  revision: 3,
  status: 'deployed',
  description: '',
  manifest: '',
  hooks: [],
  chart: { name: '', version: '', appVersion: '' },
  crdFiles: [],
  lastDeployed: '',
  notes: '',
}
const plan = (status: HelmStatus | null, last: ReleaseRecord | null) =>
  planFallback(releaseState(status ? [{ name: 'v4', revision: 4, status }] : [], last), 'shop', 'prod')

const located = (name: string, kind = 'ConfigMap'): LocatedObject => ({
  apiVersion: 'v1',
  kind,
  name,
  namespace: 'prod',
  object: { metadata: { name } },
  source: '',
  path: `/${kind}/${name}`,
})
const snapshot = (...entries: readonly (readonly [string, string | null])[]): Snapshot =>
  new Map(
    entries.map(([name, uid]) => [
      `/ConfigMap/${name}`,
      { object: located(name), live: uid === null ? null : { metadata: { name, uid } } },
    ]),
  )

test('a failed deploy goes back to what was good, a first install to nothing', () => {
  assert.deepEqual(plan('deployed', good), { kind: 'rollback', to: good })
  assert.deepEqual(plan('failed', good), { kind: 'rollback', to: good })
  assert.deepEqual(plan(null, null), { kind: 'uninstall', keepHistory: false })
  assert.deepEqual(plan('uninstalled', null), { kind: 'uninstall', keepHistory: true })
})

test('a release that was never good is never uninstalled', () => {
  for (const status of ['failed', 'superseded', 'unknown'] as const)
    assert.deepEqual(plan(status, null), { kind: 'none' })
})

test('a locked release is refused with the command that frees it', () => {
  for (const status of ['pending-install', 'pending-upgrade', 'pending-rollback'] as const) {
    const freed = plan(status, good)
    assert.ok('problem' in freed)
    assert.equal(freed.command, 'helm -n prod rollback shop 3 --wait')
    const gone = plan(status, null)
    assert.ok('problem' in gone)
    assert.equal(gone.command, 'helm -n prod uninstall shop --wait')
  }
  assert.ok('problem' in plan('uninstalling', good))
})

test('objects that live without history are not taken over', () => {
  assert.equal(liveObjectsProblem(snapshot(['a', null]), 'shop'), null)
  assert.equal(liveObjectsProblem(new Map(), 'shop'), null)
  assert.match(
    liveObjectsProblem(snapshot(['a', null], ['b', 'u']), 'shop')?.problem ?? '',
    /exist already: ConfigMap\/b$/,
  )
  const many = Array.from({ length: 13 }, (_, index) => [`n${index}`, `u${index}`] as const)
  assert.match(liveObjectsProblem(snapshot(...many), 'shop')?.problem ?? '', /ConfigMap\/n9 and 3 more$/)
})

test('what existed before is known by its uid, not by its name', () => {
  const before = snapshot(['a', 'u1'], ['b', 'u2'], ['c', null])
  const now = [
    { object: located('a'), uid: 'u1' },
    { object: located('b'), uid: 'made anew' },
    { object: located('renamed'), uid: 'u2' },
    { object: located('c'), uid: 'u3' },
    { object: located('gone'), uid: undefined },
  ]
  assert.deepEqual(
    wouldDeleteEarlier(before, now).map(({ name }) => name),
    ['a', 'renamed'],
  )
  assert.deepEqual(wouldDeleteEarlier(new Map(), now), [])
})
