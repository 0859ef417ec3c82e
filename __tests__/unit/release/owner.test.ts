import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasOwnLabels, isLostLease, ownerOf } from '../../../src/release/owner.ts'
import type { RevisionEntry } from '../../../src/release/record.ts'
import type { RecoveryFacts } from '../../../src/release/recovery-facts.ts'
import { ago, entry, facts, now, record } from './facts.ts'

const minutes = 60_000
const upgrade = (parts: Partial<RevisionEntry> = {}) => entry(2, 'pending-upgrade', { createdAt: ago(5), ...parts })
const judged = (last: RevisionEntry, parts: Partial<RecoveryFacts> = {}, before = entry(1, 'deployed', { run: '1' })) =>
  ownerOf({ ...facts([]), entries: [before, last], ...parts }, last)

test('a stale lease proves that its owner is dead', () => {
  assert.equal(judged(upgrade(), { lease: 'stale' }).kind, 'dead')
  for (const lease of ['ours', 'none', 'unknown'] as const)
    assert.equal(judged(upgrade(), { lease }).kind, 'maybe-alive', lease)
})

test('what was begun after a stale lease had ended is of somebody else', () => {
  const last = upgrade({ createdAt: ago(5) })
  const isLost = (leaseRenewedAt: number | null) => isLostLease({ ...facts([]), lease: 'stale', leaseRenewedAt }, last)
  assert.equal(isLost(ago(5)), true)
  assert.equal(isLost(ago(5) - 59_000), true)
  assert.equal(isLost(ago(5) - 61_000), false)
  assert.equal(isLost(null), true)
  assert.equal(isLostLease({ ...facts([]), lease: 'ours', leaseRenewedAt: ago(1) }, last), false)
})

test('an attempt that GitHub calls completed is dead, one that it does not may still be, by age', () => {
  const last = upgrade({ run: '7', attempt: '2' })
  assert.deepEqual(judged(last, { attemptCompleted: true }), {
    kind: 'dead',
    proof: 'GitHub says that run 7, attempt 2, which began it, has completed',
  })
  for (const attemptCompleted of [false, null])
    assert.deepEqual(judged(last, { attemptCompleted }), {
      kind: 'maybe-alive',
      who: 'run 7, attempt 2',
      until: ago(5) + 30 * minutes,
    })
  assert.equal(judged({ ...last, createdAt: ago(31) }, { attemptCompleted: false }).kind, 'dead')
})

test('labels that are inherited say nothing of who works on a revision', () => {
  const labels = { run: '7', attempt: '2' }
  const own = (status: RevisionEntry['status'], before: RevisionEntry[], parts: Partial<RevisionEntry> = labels) =>
    hasOwnLabels([...before, entry(2, status, parts)], entry(2, status, parts))
  assert.equal(own('pending-upgrade', [entry(1, 'deployed', { run: '7', attempt: '1' })]), true)
  assert.equal(own('pending-upgrade', [entry(1, 'deployed', { run: '6', attempt: '2' })]), true)
  assert.equal(own('pending-upgrade', [entry(1, 'deployed')]), true)
  assert.equal(own('pending-upgrade', [entry(1, 'deployed', labels)]), false, 'an upgrade by hand')
  assert.equal(own('pending-upgrade', []), false, 'what was before is not known')
  assert.equal(own('pending-rollback', [entry(1, 'failed', { run: '6' })]), false, "the target's")
  assert.equal(own('uninstalling', [entry(1, 'superseded', { run: '6' })]), false, 'of who deployed it')
  assert.equal(own('pending-install', []), true)
})

test('GitHub is not believed about inherited labels', () => {
  const labels = { run: '7', attempt: '2' }
  const before = entry(1, 'deployed', labels)
  assert.deepEqual(judged(upgrade(labels), { attemptCompleted: true }, before), {
    kind: 'maybe-alive',
    who: 'somebody unknown',
    until: ago(5) + 30 * minutes,
  })
  const rollback = entry(2, 'pending-rollback', { createdAt: ago(5), run: '3', attempt: '1' })
  assert.equal(judged(rollback, { attemptCompleted: true }).kind, 'maybe-alive')
})

test('age is over the recorded timeout, or over half an hour', () => {
  const isDead = (minutesAgo: number, parts: Partial<RevisionEntry>, before?: RevisionEntry) =>
    judged(upgrade({ createdAt: ago(minutesAgo), ...parts }), {}, before).kind === 'dead'
  assert.equal(isDead(30, {}), false)
  assert.equal(isDead(31, {}), true)
  const short = { run: '7', timeoutMs: 10 * minutes }
  assert.equal(isDead(10, short), false)
  assert.equal(isDead(11, short), true)
  assert.equal(isDead(31, { run: '7', timeoutMs: 60 * minutes }), false)
  const inherited = entry(1, 'deployed', { run: '7' })
  assert.equal(isDead(11, short, inherited), false, 'the timeout of another')
  assert.equal(isDead(31, short, inherited), true)
  assert.equal(isDead(31, { run: '7', timeoutMs: 60 * minutes }, inherited), false)
})

test('the newest sign of life counts, whoever gives it', () => {
  const until = (parts: Partial<RevisionEntry>, lastDeployed = '') => {
    const last = entry(2, 'pending-upgrade', parts)
    const owner = judged(last, { last: record(2, 'pending-upgrade', { lastDeployed }) })
    return owner.kind === 'maybe-alive' ? owner.until && owner.until - 30 * minutes : owner.kind
  }
  assert.equal(until({ createdAt: ago(20), writtenAt: ago(9) }), ago(9))
  assert.equal(until({ createdAt: ago(20), labelledAt: ago(8) }), ago(8))
  assert.equal(until({ labelledAt: ago(8) }, new Date(ago(7)).toISOString()), ago(7))
  assert.equal(until({ createdAt: ago(20), labelledAt: ago(70) }), ago(20), 'a clock that is behind')
  assert.equal(until({ createdAt: ago(20), labelledAt: now + 60 * minutes }), ago(20), 'a clock that is ahead')
  assert.equal(until({ labelledAt: now + 60 * minutes }), now + 60 * minutes)
  assert.equal(until({}), null)
  assert.equal(until({}, 'yesterday'), null)
})
