import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findingClasses } from '../../../src/health/finding.ts'
import { objectRowGroups } from '../../../src/health/object-faults.ts'
import { refinements } from '../../../src/health/refine.ts'
import { remarkRows } from '../../../src/health/remarks.ts'
import { containerRows, podRowGroups } from '../../../src/health/signals.ts'

const rows = [
  ...containerRows,
  ...Object.values(podRowGroups).flat(),
  ...objectRowGroups.flat(),
  ...remarkRows,
  ...refinements,
]

test('each row has what documentation needs, and no two are alike', () => {
  assert.equal(new Set(rows.map(({ id, sign }) => `${id} ${sign}`)).size, rows.length)
  for (const { id, class: name, sign, advice, source } of rows) {
    assert.match(id, /^[B-I]\d\d$/)
    assert.ok(findingClasses.includes(name), id)
    for (const text of [sign, advice, source]) assert.match(text, /^\S[^\n]{3,}[^.\s]$/, id)
    assert.match(advice, /^[A-Z]/)
  }
})

test('what is usual for a while in a rollout that goes well is no verdict before the timeout', () => {
  const usual = [...containerRows, ...Object.values(podRowGroups).flat()].filter(({ isUsual }) => isUsual)
  assert.deepEqual(
    usual.map(({ id, severity }) => `${id} ${severity.kind}`),
    ['F08 timeout', 'G05 timeout', 'G06 timeout', 'D03 timeout', 'G07 timeout', 'H10 timeout'],
  )
})
