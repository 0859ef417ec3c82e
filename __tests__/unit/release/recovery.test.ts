import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HelmStatus } from '../../../src/release/record.ts'
import type { RecoveryFacts } from '../../../src/release/recovery-facts.ts'
import { planRecovery, type Recovery } from '../../../src/release/recovery.ts'
import { ago, entry, facts, live, record } from './facts.ts'

/** A verdict in a word or two: `rollback 1`. */
function short(recovery: Recovery): string {
  switch (recovery.kind) {
    case 'rollback':
      return `rollback ${recovery.to.revision}`
    case 'uninstall':
      return recovery.keepHistory ? 'uninstall, keep history' : 'uninstall'
    case 'nothing':
    case 'forward':
    case 'wait':
    case 'refuse':
      return recovery.kind
  }
}
type Row = readonly [history: readonly HelmStatus[], parts: Partial<RecoveryFacts>, deploy: string, recover: string]
function check(rows: readonly Row[]): void {
  for (const [history, parts, ...wanted] of rows) {
    const verdicts = (['deploy', 'recover'] as const).map((purpose) =>
      short(planRecovery(facts(history, { purpose, ...parts }))),
    )
    assert.deepEqual(verdicts, wanted, `${history.join(', ')} ${JSON.stringify(parts)}`)
  }
}
const dead = { lease: 'stale' } as const
const ready = { live: [live('web', { everReady: true })] }
const unready = { live: [live('web'), live('db', { everReady: true })] }
const gone = { live: [live('web', { exists: false })] }

test('what is good or absent is left alone', () => {
  check([
    [[], {}, 'nothing', 'refuse'],
    [['uninstalled'], {}, 'nothing', 'nothing'],
    [['deployed'], {}, 'nothing', 'nothing'],
    [['deployed'], dead, 'nothing', 'nothing'],
    [['superseded', 'deployed'], {}, 'nothing', 'nothing'],
    [['deployed', 'pending-upgrade', 'deployed'], dead, 'nothing', 'nothing'],
  ])
})

test('a pending revision is waited for, and rolled back when its owner is dead', () => {
  check([
    [['deployed', 'pending-upgrade'], {}, 'wait', 'wait'],
    [['deployed', 'pending-upgrade'], dead, 'rollback 1', 'rollback 1'],
    [['deployed', 'failed', 'pending-rollback'], {}, 'wait', 'wait'],
    [['deployed', 'failed', 'pending-rollback'], { attemptCompleted: true }, 'wait', 'wait'],
    [['deployed', 'failed', 'pending-rollback'], dead, 'rollback 1', 'rollback 1'],
    [['superseded', 'deployed', 'pending-upgrade'], { now: ago(-60) }, 'rollback 2', 'rollback 2'],
    [['pending-install'], {}, 'wait', 'wait'],
    [['uninstalling'], {}, 'wait', 'wait'],
  ])
})

test('GitHub can prove it dead, by its own labels', () => {
  const entries = [entry(1, 'deployed', { run: '1' }), entry(2, 'pending-upgrade', { createdAt: ago(5), run: '7' })]
  const of = (attemptCompleted: boolean) =>
    short(planRecovery(facts(['deployed', 'pending-upgrade'], { entries, attemptCompleted })))
  assert.deepEqual([of(true), of(false)], ['rollback 1', 'wait'])
})

test('an install that did not end is removed only when nothing of it is worth anything', () => {
  check([
    [['pending-install'], dead, 'uninstall', 'uninstall'],
    [['pending-install'], { ...dead, ...gone }, 'uninstall', 'uninstall'],
    [['pending-install'], { ...dead, ...ready }, 'refuse', 'refuse'],
    [['pending-install'], { ...dead, live: [live('web', { existedBefore: true })] }, 'refuse', 'refuse'],
    [['pending-install'], { ...dead, live: [live('web', { boundClaims: ['prod/data'] })] }, 'refuse', 'refuse'],
    [['pending-install'], { ...dead, live: null }, 'refuse', 'refuse'],
    [['failed', 'pending-upgrade'], dead, 'uninstall', 'uninstall'],
    [['failed', 'pending-upgrade'], { ...dead, ...ready }, 'refuse', 'refuse'],
    [['superseded', 'uninstalled', 'pending-install'], dead, 'uninstall, keep history', 'uninstall, keep history'],
    [['superseded', 'superseded', 'pending-install'], dead, 'uninstall, keep history', 'uninstall, keep history'],
  ])
})

test('an install that failed may be deployed over, but is no good state', () => {
  check([
    [['failed'], {}, 'nothing', 'uninstall'],
    [['failed', 'failed'], {}, 'nothing', 'uninstall'],
    [['failed'], ready, 'nothing', 'refuse'],
    [['failed'], { live: null }, 'nothing', 'refuse'],
    [['failed'], { onStuck: 'forward' }, 'nothing', 'uninstall'],
    [['failed'], { onStuck: 'fail' }, 'nothing', 'uninstall'],
  ])
})

test('a failed revision is undone by a recovery, and by a deploy when its owner died before it could', () => {
  check([
    [['deployed', 'failed'], {}, 'nothing', 'rollback 1'],
    [['deployed', 'failed'], { lease: 'ours' }, 'nothing', 'rollback 1'],
    [['deployed', 'failed'], dead, 'rollback 1', 'rollback 1'],
    [['deployed', 'failed'], { ...dead, leaseRenewedAt: ago(90) }, 'nothing', 'rollback 1'],
    [['deployed', 'failed'], { ...dead, onStuck: 'forward' }, 'nothing', 'rollback 1'],
    [['deployed', 'failed'], { ...dead, onStuck: 'fail' }, 'refuse', 'rollback 1'],
  ])
})

test('an uninstall that did not end: back to what was good, else to its end', () => {
  check([
    [['superseded', 'uninstalling'], dead, 'rollback 2', 'rollback 2'],
    [['deployed', 'uninstalling'], dead, 'rollback 1', 'rollback 1'],
    [['uninstalling'], { ...dead, ...ready }, 'rollback 1', 'rollback 1'],
    [['uninstalling'], { ...dead, ...unready }, 'refuse', 'refuse'],
    [['uninstalling'], { ...dead, ...gone }, 'uninstall', 'uninstall'],
    [['uninstalling'], dead, 'uninstall', 'uninstall'],
    [['uninstalling'], { attemptCompleted: true }, 'wait', 'wait'],
    [
      ['superseded', 'uninstalled', 'uninstalling'],
      { ...dead, ...gone },
      'uninstall, keep history',
      'uninstall, keep history',
    ],
    [['uninstalling'], { ...dead, ...ready, skipped: [entry(1, 'superseded')] }, 'refuse', 'refuse'],
  ])
})

test('on-stuck decides about a dead one; a recovery never goes on from it', () => {
  const cases: readonly (readonly HelmStatus[])[] = [
    ['deployed', 'pending-upgrade'],
    ['deployed', 'failed', 'pending-rollback'],
    ['pending-install'],
    ['uninstalling'],
  ]
  for (const history of cases) {
    const back = history[0] === 'deployed' ? 'rollback 1' : 'uninstall'
    check([
      [history, { ...dead, onStuck: 'forward' }, 'forward', back],
      [history, { ...dead, onStuck: 'fail' }, 'refuse', 'refuse'],
      [history, { onStuck: 'forward' }, 'wait', 'wait'],
      [history, { onStuck: 'fail' }, 'wait', 'wait'],
    ])
  }
})

test('a history that was tampered with', () => {
  check([
    [['failed', 'superseded'], { good: null }, 'refuse', 'refuse'],
    [['unknown'], {}, 'refuse', 'refuse'],
    [['superseded'], {}, 'nothing', 'rollback 1'],
    [['deployed', 'failed'], { last: { unreadable: 'it cannot be read' } }, 'refuse', 'refuse'],
    [['deployed', 'pending-upgrade'], { ...dead, last: { unreadable: 'it cannot be read' } }, 'refuse', 'refuse'],
    [['superseded', 'failed'], { good: null, skipped: [entry(1, 'superseded')] }, 'nothing', 'refuse'],
    [['superseded', 'pending-upgrade'], { ...dead, good: null, skipped: [entry(1, 'superseded')] }, 'refuse', 'refuse'],
  ])
})

test('a revision that is passed over is told', () => {
  const skipped = [entry(2, 'superseded')]
  const verdict = planRecovery(
    facts(['superseded', 'superseded', 'pending-upgrade'], { ...dead, good: record(1, 'superseded'), skipped }),
  )
  assert.equal(short(verdict), 'rollback 1')
  assert.match(
    verdict.kind === 'rollback' ? verdict.reason : '',
    /; sh\.helm\.release\.v1\.shop\.v2 cannot be read and is passed over$/,
  )
})

test("the record's status counts, as it does for Helm, not the label's", () => {
  const flipped = facts(['deployed', 'failed'], { ...dead, last: record(2, 'pending-upgrade') })
  const verdict = planRecovery(flipped)
  assert.equal(short(verdict), 'rollback 1')
  assert.match(verdict.kind === 'rollback' ? verdict.reason : '', /^revision 2 is pending-upgrade, and the run/)
  assert.equal(short(planRecovery(facts(['pending-upgrade'], { last: record(1, 'deployed') }))), 'nothing')
})

test('who waits knows for whom, and until when', () => {
  const verdict = planRecovery(facts(['deployed', 'pending-upgrade']))
  assert.deepEqual(verdict, {
    kind: 'wait',
    who: 'somebody unknown',
    until: ago(-25),
    reason: 'The release "shop" is locked: revision 2 is pending-upgrade, and somebody unknown may still work on it',
    remedy:
      'Let it end; at 2026-11-22T10:25:00.000Z it can be taken for dead. If nothing works on it any more, free it',
    command: 'helm -n prod rollback shop 1 --wait',
  })
  const timeless = planRecovery({ ...facts(['pending-upgrade']), entries: [entry(1, 'pending-upgrade')] })
  assert.match(timeless.kind === 'refuse' ? timeless.remedy : '', /never taken for dead/)
})

test('every refusal names the release, the reason and what to type', () => {
  const commands = (history: readonly HelmStatus[], parts: Partial<RecoveryFacts>) => {
    const verdict = planRecovery(facts(history, parts))
    assert.ok(verdict.kind === 'refuse', history.join())
    assert.match(verdict.reason, /release "shop"/)
    return `${verdict.remedy}\n${verdict.command}`
  }
  const unreadable = { last: { unreadable: 'sh.helm.release.v1.shop.v2 holds no release' } }
  assert.match(
    commands(['deployed', 'failed'], unreadable),
    /-n prod get secret (\S+v2) -o yaml > \1.yaml && kubectl -n prod delete secret \1 && helm -n prod rollback shop 1 --wait$/,
  )
  assert.match(
    commands(['failed'], { ...unreadable, storedIn: 'configmap' }),
    /get configmap .* && helm -n prod history shop$/,
  )
  assert.match(
    commands(['pending-install'], { ...dead, ...ready }),
    /get manifest shop \| .*`on-stuck: forward`.*\nhelm -n prod uninstall/,
  )
  assert.doesNotMatch(commands(['failed'], { ...ready, purpose: 'recover' }), /on-stuck/)
  assert.match(
    commands(['failed', 'superseded'], { good: null }),
    /rollback shop REVISION.*\nhelm -n prod history shop$/,
  )
  assert.match(
    commands(['deployed', 'pending-upgrade'], { ...dead, onStuck: 'fail' }),
    /`on-stuck: fail`.*\nhelm -n prod rollback shop 1/,
  )
  assert.match(commands([], { purpose: 'recover' }), /kubectl -n prod get secret -l owner=helm,name=shop$/)
})
