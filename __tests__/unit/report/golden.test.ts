import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { renderComment } from '../../../src/report/comment.ts'
import { readState } from '../../../src/report/marker.ts'
import { renderRecovered } from '../../../src/report/recovered.ts'
import { renderSummary } from '../../../src/report/summary.ts'
import { crowds } from './crowds.ts'
import { report, states } from './fixtures.ts'

/** Compares with a file of `__tests__/golden`; `UPDATE_GOLDEN=1` writes it instead, to be looked at and committed. */
function golden(name: string, actual: string): void {
  const file = new URL(`../../golden/${name}.md`, import.meta.url)
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, actual)
  assert.ok(existsSync(file), `${name}.md is missing: run the tests with UPDATE_GOLDEN=1`)
  assert.equal(actual, readFileSync(file, 'utf8'))
}

for (const [name, state] of Object.entries({ ...states, ...crowds })) {
  test(`comment ${name}`, () => golden(`comment-${name}`, renderComment(state, { evidence: 'full' })))
  test(`summary ${name}`, () => golden(`summary-${name}`, renderSummary(state, { evidence: 'full' })))
}

for (const evidence of ['no-logs', 'none'] as const) {
  test(`comment with evidence ${evidence}`, () => {
    golden(`comment-${evidence}`, renderComment(states['rolled-back'] ?? report(), { evidence }))
  })
}

test('comment recovered', () => {
  const failure = readState(renderComment(states['rolled-back'] ?? report(), { evidence: 'full' }))
  assert.ok(failure !== null)
  golden(
    'comment-recovered',
    renderRecovered(report({ revision: 44, attemptedRevision: 44 }), failure, { evidence: 'full' }),
  )
})
