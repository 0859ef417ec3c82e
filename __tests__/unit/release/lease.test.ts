import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readContext } from '../../../src/context/context.ts'
import { decideLease, sight } from '../../../src/release/lease-decision.ts'
import {
  describeHolder,
  leaseName,
  lockOwner,
  newLease,
  readLease,
  renewedLease,
  takenLease,
  type Lease,
} from '../../../src/release/lease.ts'

const now = Date.parse('2026-11-22T10:00:00.123Z')
const place = { namespace: 'web', release: 'shop' }
const context = readContext(
  { GITHUB_REPOSITORY: 'acme/shop', GITHUB_RUN_ID: '4711', GITHUB_RUN_ATTEMPT: '3', GITHUB_ACTOR: 'ada' },
  null,
)
const runUrl = 'https://github.com/acme/shop/actions/runs/4711/attempts/3'
const owner = lockOwner(context, 900_000, 'runner-1', 'abc')
const other = lockOwner(readContext({}, null), 1500, 'laptop', 'xyz')

/** As the API server gives it back. */
function stored(lease: Lease, resourceVersion: string, uid = 'u1'): Lease {
  return { ...lease, metadata: { ...lease.metadata, uid, resourceVersion } }
}

test('a Lease tells who has it, in the form that the API takes', () => {
  assert.deepEqual(newLease(owner, place, now), {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name: 'atomic-helm.shop',
      namespace: 'web',
      labels: { 'app.kubernetes.io/managed-by': 'atomic-helm-action' },
      annotations: {
        'atomic-helm.dev/run-url': runUrl,
        'atomic-helm.dev/repository': 'acme/shop',
        'atomic-helm.dev/run-id': '4711',
        'atomic-helm.dev/attempt': '3',
        'atomic-helm.dev/phase': 'lock',
        'atomic-helm.dev/timeout-seconds': '900',
      },
    },
    spec: {
      holderIdentity: `${runUrl}#abc`,
      leaseDurationSeconds: 30,
      acquireTime: '2026-11-22T10:00:00.123000Z',
      renewTime: '2026-11-22T10:00:00.123000Z',
      leaseTransitions: 0,
    },
  })
})

test('what is written is read back', () => {
  const lease = renewedLease(newLease(owner, place, now), { phase: 'deploy', baseRevision: 7 }, now + 10_000)
  assert.deepEqual(readLease(lease), {
    holder: `${runUrl}#abc`,
    runUrl,
    repository: 'acme/shop',
    runId: '4711',
    attempt: '3',
    phase: 'deploy',
    baseRevision: 7,
    timeoutSeconds: 900,
    durationSeconds: 30,
    acquiredAt: '2026-11-22T10:00:00.123000Z',
    renewedAt: '2026-11-22T10:00:10.123000Z',
    takenOverFrom: null,
    takenOverBy: null,
  })
  assert.equal(describeHolder(readLease(lease)), `${runUrl} (phase deploy, since 2026-11-22T10:00:00Z)`)
})

test('a run without a URL is known by its machine', () => {
  const facts = readLease(newLease(other, place, now))
  assert.equal(facts.holder, 'laptop/attempts/1#xyz')
  assert.equal(facts.runUrl, null)
  assert.match(describeHolder(facts), /^laptop\/attempts\/1#xyz \(phase lock, since /)
  assert.equal(facts.timeoutSeconds, 2)
})

test('a renewal is always a change, also when a clock stands still', () => {
  const first = newLease(owner, place, now)
  const second = renewedLease(first, {}, now)
  const third = renewedLease(second, {}, now)
  assert.notEqual(second.spec?.renewTime, first.spec?.renewTime)
  assert.notEqual(third.spec?.renewTime, second.spec?.renewTime)
  const times = [first, second, third].map((lease) => String(lease.spec?.renewTime))
  assert.deepEqual(
    times,
    times.toSorted((one, other) => one.localeCompare(other)),
    'and none goes back',
  )
})

test('a renewal takes no time over that lies in a future nobody has written', () => {
  const edited = newLease(owner, place, now)
  const far = { ...edited, spec: { ...edited.spec, renewTime: '2099-01-01T00:00:00.000000Z' } }
  for (const lease of [far, { ...edited, spec: { ...edited.spec, renewTime: 'soon' } }]) {
    assert.equal(renewedLease(lease, {}, now).spec?.renewTime, '2026-11-22T10:00:00.123000Z')
  }
})

test('a take-over leaves nothing of the old owner but his name, and what is not ours as it was', () => {
  const old = stored(renewedLease(newLease(owner, place, now), { phase: 'deploy', baseRevision: 7 }, now), '5')
  const edited = { ...old, metadata: { ...old.metadata, annotations: { ...old.metadata.annotations, 'team/x': 'y' } } }
  const { metadata, spec } = takenLease(edited, { ...other, actor: 'bob' }, now + 60_000)
  assert.deepEqual(metadata.annotations, {
    'team/x': 'y',
    'atomic-helm.dev/phase': 'lock',
    'atomic-helm.dev/timeout-seconds': '2',
    'atomic-helm.dev/taken-over-from': runUrl,
    'atomic-helm.dev/taken-over-by': 'bob, laptop/attempts/1#xyz',
  })
  assert.deepEqual([metadata.uid, metadata.resourceVersion], ['u1', '5'])
  assert.equal(spec?.holderIdentity, other.identity)
  assert.equal(spec?.acquireTime, '2026-11-22T10:01:00.123000Z')
  assert.equal(spec?.leaseTransitions, 1)
})

test('a Lease that somebody else has written is read as far as it makes sense', () => {
  const strange: Lease = {
    metadata: {
      name: leaseName('shop'),
      annotations: {
        'atomic-helm.dev/base-revision': '-1; rm',
        'atomic-helm.dev/timeout-seconds': '1e9',
        'atomic-helm.dev/phase': 'a\n::error::b',
      },
    },
    spec: { holderIdentity: 'me', leaseDurationSeconds: 999_999 },
  }
  const facts = readLease(strange)
  assert.deepEqual([facts.baseRevision, facts.timeoutSeconds, facts.durationSeconds], [null, null, 60])
  assert.equal(describeHolder(facts), 'me (phase a ::error::b)')
  assert.deepEqual(readLease({ metadata: { name: 'x' } }).holder, '')
  assert.equal(readLease({ metadata: { name: 'x' }, spec: { leaseDurationSeconds: 1 } }).durationSeconds, 30)
})

test('a Lease is stale when it has not changed for 30 s by our own clock, whatever times are in it', () => {
  const lease = stored(newLease(owner, place, now - 3_600_000), '5')
  const seen = sight(null, lease, 1000)
  const decide = (at: number) => decideLease(seen, other.identity, at, false)
  const by = describeHolder(readLease(lease))
  assert.deepEqual(decide(1000), { kind: 'held', by, staleInMs: 30_000 })
  assert.deepEqual(decide(30_999), { kind: 'held', by, staleInMs: 1 })
  assert.deepEqual(decide(31_000), { kind: 'stale', why: 'it was not renewed for 30 s' })
  assert.equal(sight(seen, stored(lease, '5'), 20_000), seen, 'nothing has changed')
  assert.equal(sight(seen, stored(lease, '6'), 20_000).sinceMs, 20_000)
  assert.equal(sight(seen, stored(lease, '5', 'u2'), 20_000).sinceMs, 20_000)
})

test('a Lease is stale at once when GitHub says that its attempt is over', () => {
  const seen = sight(null, stored(newLease(owner, place, now), '5'), 1000)
  assert.equal(decideLease(seen, other.identity, 1000, true).kind, 'stale')
})

test('a Lease that nobody has is free, and one that we have is ours', () => {
  assert.equal(decideLease(sight(null, null, 0), owner.identity, 99_000, false).kind, 'free')
  const released = { ...newLease(owner, place, now), spec: { holderIdentity: '' } }
  assert.equal(decideLease(sight(null, released, 0), owner.identity, 0, false).kind, 'free')
  const ours = sight(null, newLease(owner, place, now), 0)
  assert.equal(decideLease(ours, owner.identity, 99_000, false).kind, 'ours')
})
