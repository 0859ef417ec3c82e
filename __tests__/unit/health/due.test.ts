import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dueAt, podDue } from '../../../src/health/due.ts'
import { atOnce, atTimeout, informational, seconds, type Sight } from '../../../src/health/row.ts'
import type { Signal } from '../../../src/health/signals.ts'
import { at, observed, pod, start } from './builders.ts'

const usual = { failFast: true, graceMs: null }
const sight: Sight = { cause: 'x' }
const tried = (first: number, last: number): Sight => ({ cause: 'x', tries: { firstMs: first, lastMs: last } })

test('what is certain is due at once, what may pass after its grace, the rest never', () => {
  assert.equal(dueAt(atOnce, 7000, sight, usual), 0)
  assert.equal(dueAt(seconds(5), 7000, sight, usual), 12_000)
  assert.equal(dueAt(atTimeout, 7000, sight, usual), null)
  assert.equal(dueAt(informational, 7000, sight, usual), null)
})

test('a grace of the object stands for that of the rule, also for none, but makes no verdict where there is none', () => {
  const patient = { failFast: true, graceMs: 60_000 }
  assert.equal(dueAt(atOnce, 7000, sight, patient), 67_000)
  assert.equal(dueAt(seconds(5), 7000, sight, patient), 67_000)
  assert.equal(dueAt(atTimeout, 7000, sight, patient), null)
  assert.equal(dueAt(informational, 7000, sight, patient), null)
  const hasty = { failFast: true, graceMs: 0 }
  assert.equal(dueAt(atOnce, 7000, sight, hasty), 7000)
  assert.equal(dueAt(seconds(5), 7000, sight, hasty), 7000)
})

test('an object that is not to end the deploy has nothing due', () => {
  const off = { failFast: false, graceMs: 0 }
  for (const severity of [atOnce, seconds(5), atTimeout]) assert.equal(dueAt(severity, 7000, sight, off), null)
})

test('what only events tell is due with the first try that fails after the grace', () => {
  assert.equal(dueAt(seconds(45), 0, tried(2000, 46_999), usual), null)
  assert.equal(dueAt(seconds(45), 0, tried(2000, 47_000), usual), 47_000)
  assert.equal(dueAt(seconds(45), 0, tried(2000, 90_000), usual), 90_000)
  assert.equal(dueAt(seconds(45), 60_000, tried(2000, 47_000), usual), 60_000, 'not before it was seen')
  assert.equal(dueAt(seconds(45), 0, tried(2000, 47_000), { failFast: true, graceMs: 90_000 }), null)
  assert.equal(dueAt(atOnce, 60_000, tried(2000, 3000), { failFast: true, graceMs: 90_000 }), 92_000)
})

const signal: Signal = {
  id: 'F01',
  class: 'missing-config',
  key: 'p|app|missing-config|x',
  subject: 'app|',
  container: 'app',
  cause: 'x',
  advice: 'x',
  severity: seconds(45),
  isUsual: false,
}
const secret = { kind: 'Secret', name: 'db' } as const
const base = pod('p', {})
const inShop = { ...base, metadata: { ...base.metadata, namespace: 'shop' } }

/** In seconds of the deploy, seen at second 60. */
function due(
  changes: Partial<Signal>,
  parts: Parameters<typeof observed>[0] = {},
  of: typeof inShop = inShop,
): number | null {
  const found = podDue(observed(parts), { ...signal, ...changes }, of, usual)
  return found === null ? null : (found - start) / 1000
}

test('a signal ages from its first sight; one that nobody has seen begin ages from now', () => {
  assert.equal(due({}, { signalSince: new Map([[signal.key, start + 4000]]) }), 49)
  assert.equal(due({}, { signalSince: new Map([['another', start + 4000]]) }), 105)
  assert.equal(due({ since: start + 9000 }, { signalSince: new Map([[signal.key, start + 4000]]) }), 54)
})

test('what was missing and has come gives its time anew to those that wait for it', () => {
  const parts = { signalSince: new Map([[signal.key, start + 4000]]) }
  const came = (what: string) => ({ ...parts, appeared: new Map([[what, start + 30_000]]) })
  assert.equal(due({ missing: secret }, parts), 49)
  assert.equal(due({ missing: secret }, came('Secret/shop/db')), 75)
  assert.equal(due({}, came('Secret/shop/db')), 49, 'another fault of the pod')
  for (const other of ['Secret/shop/cache', 'Secret/other/db', 'ConfigMap/shop/db'])
    assert.equal(due({ missing: secret }, came(other)), 49, other)
  const early = { ...parts, appeared: new Map([['Secret/shop/db', start + 1000]]) }
  assert.equal(due({ missing: secret }, early), 49, 'it came and went before')
  const tries = { firstMs: start + 4000, lastMs: start + 50_000 }
  assert.equal(due({ missing: secret, tries }, parts), 50)
  assert.equal(
    due({ missing: secret, tries }, came('Secret/shop/db')),
    null,
    'no try has failed for long since it came',
  )
})

test('an event that began before the deploy gives the deploy its time', () => {
  const tries = (first: number, last: number) => ({ firstMs: start + first * 1000, lastMs: start + last * 1000 })
  const seen = { signalSince: new Map([[signal.key, start]]) }
  assert.equal(due({ tries: tries(-600, 44) }, seen), null)
  assert.equal(due({ tries: tries(-600, 45) }, seen), 45)
  assert.equal(due({ tries: tries(5, 49) }, seen), null)
  // Events tell whole seconds: 45 s later by their own count is not a moment less by the deploy's.
  const within = { ...seen, startedAt: start + 400 }
  assert.equal(due({ tries: tries(0, 45) }, within), 45)
  assert.equal(due({ tries: tries(0, 44) }, within), null)
})

test('a crash loop ages from the first start of its container, else from when the node took the pod', () => {
  const crash = { since: 'first-start', severity: seconds(30) } as const
  assert.equal(due(crash, { firstStart: new Map([['p/app', start + 3000]]) }), 33)
  assert.equal(due(crash, { firstStart: new Map([['p/other', start + 3000]]) }), 90)
  const taken = { ...inShop, status: { ...inShop.status, startTime: at(2) } }
  assert.equal(due(crash, {}, taken), 32)
  assert.equal(due(crash, { firstStart: new Map([['p/app', start + 3000]]) }, taken), 33)
})
