import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { renderComment, renderNotice } from '../../../src/report/comment.ts'
import { type CommentState, readState } from '../../../src/report/marker.ts'
import type { Report } from '../../../src/report/model.ts'
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

/** The same as another run, so many runs later. */
function later(base: Report, runs: number, attempted: number | null): Report {
  const url = `https://github.example/acme/shop/actions/runs/${String(9001 + runs)}`
  const startedAt = new Date(Date.parse(base.startedAt) + runs * 3_600_000).toISOString()
  const run = { ...base.run, url, number: String(1234 + runs), attempt: '1' }
  return { ...base, run, startedAt, attemptedRevision: attempted, revision: attempted }
}

/** What comments of these runs, one after the other, tell in the end. */
function told(...runs: readonly Report[]): CommentState | null {
  return runs.reduce<CommentState | null>(
    (previous, run) => readState(renderComment(run, { evidence: 'full' }, previous)),
    null,
  )
}

const failure = states['rolled-back'] ?? report()
const past = [
  later(states['drifted'] ?? report(), 1, 39),
  later(report(), 2, 40),
  later(states['rejected'] ?? report(), 3, null),
  later(report(), 4, 41),
]

test('comment recovered', () => {
  const state = told(...past, later(failure, 5, 42))
  assert.ok(state !== null)
  golden('comment-recovered', renderRecovered(later(report(), 6, 44), state, { evidence: 'full' }))
})

test('comment with a history', () => {
  golden('comment-history', renderComment(later(failure, 5, 42), { evidence: 'full' }, told(...past)))
})

/** A deploy that has failed and whose undo has only begun. */
function begun(end: Report): Report {
  return { ...end, revision: end.attemptedRevision, rollback: 'none', undo: null, notUndone: [], phases: [] }
}

for (const [name, state] of [
  ['undoing', begun(failure)],
  ['undoing-first', begun(states['uninstalled'] ?? report())],
  ['undoing-7', begun(crowds['rolled-back-7'] ?? report())],
  ['undoing-200', begun(crowds['rolled-back-200'] ?? report())],
] as const) {
  test(`comment ${name}`, () => golden(`comment-${name}`, renderNotice(state, { evidence: 'full' })))
}

test('comment of the run after one that was lost in its undo', () => {
  const lost = readState(renderNotice(begun(later(failure, 5, 42)), { evidence: 'full' }, told(...past)))
  assert.ok(lost !== null)
  golden('comment-undoing-lost', renderComment(later(failure, 6, 44), { evidence: 'full' }, lost))
  golden('comment-undoing-recovered', renderRecovered(later(report(), 6, 44), lost, { evidence: 'full' }))
})
