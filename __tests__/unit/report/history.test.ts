import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderComment } from '../../../src/report/comment.ts'
import { earlierDeploys, historySection, isOlder, withOlderRun } from '../../../src/report/history.ts'
import { type CommentState, hiddenLines, type PastDeploy, readState } from '../../../src/report/marker.ts'
import type { Report } from '../../../src/report/model.ts'
import { report, states } from './fixtures.ts'
import { activeText } from './markdown-reader.ts'

const failed = states['rolled-back'] ?? report()
const full = { evidence: 'full' } as const

interface Run {
  readonly run: number
  readonly attempt?: number
  readonly revision?: number | null
  readonly minute?: number
  readonly base?: Report
}

/** A run of so many minutes after ten, which takes three. */
function run({ run: id, attempt = 1, revision = id, minute = id, base = failed }: Run): Report {
  const url = `https://github.example/acme/shop/actions/runs/${String(id)}`
  const startedAt = new Date(Date.parse('2026-11-22T10:00:00Z') + minute * 60_000).toISOString()
  const facts = { ...base.run, url, number: String(id), attempt: String(attempt) }
  return { ...base, run: facts, startedAt, durationMs: 180_000, attemptedRevision: revision }
}

function body(runs: readonly Report[]): string {
  return runs.reduce((before, one) => renderComment(one, full, readState(before)), '')
}

function state(runs: readonly Report[]): CommentState {
  const read = readState(body(runs))
  assert.ok(read !== null)
  return read
}

const revisions = (deploys: readonly PastDeploy[]): unknown[] => deploys.map(({ revision }) => revision)

test('the last five deploys before the present one are remembered, the newest first', () => {
  const told = state(Array.from({ length: 9 }, (_, index) => run({ run: index + 1 })))
  assert.deepEqual([told.revision, revisions(told.earlier)], [9, [8, 7, 6, 5, 4]])
})

test('a run replaces its own entry, also as a later attempt, in the comment and among those before', () => {
  const again = state([run({ run: 1 }), run({ run: 1 }), run({ run: 1, attempt: 2, base: report() })])
  assert.deepEqual([again.status, again.attempt, again.earlier], ['deployed', '2', []])
  const rerun = state([run({ run: 1 }), run({ run: 2 }), run({ run: 1, attempt: 2, revision: 3 })])
  assert.deepEqual([rerun.revision, revisions(rerun.earlier)], [3, [2]])
})

test('runs outside of GitHub have no number and are all remembered; a plan is no deploy', () => {
  const local = (base: Report): Report => ({ ...base, run: { ...base.run, url: null, number: null } })
  assert.equal(state([local(failed), local(failed), local(report())]).earlier.length, 2)
  const planned = state([run({ run: 1 }), run({ run: 2, base: report({ status: 'planned' }) }), run({ run: 3 })])
  assert.deepEqual(revisions(planned.earlier), [1])
})

test('a rollback by hand is known by the revision that it went back to', () => {
  const back = { ...run({ run: 2, revision: null, base: states['gone-back'] ?? failed }) }
  const section = historySection(state([back, run({ run: 3 })]).earlier, run({ run: 3 }))
  assert.match(section, /Earlier deploys: ✅ 41</)
})

test('a comment of a version without a history is read, and its deploy becomes the first of it', () => {
  const old =
    'm\n<!-- state: {"status":"rejected","run":"1","attempt":"1","startedAt":"2026-11-22T10:42:17.000Z","cause":"c"} -->'
  const earlier = earlierDeploys(run({ run: 2 }), readState(old))
  assert.match(historySection(earlier, run({ run: 2 })), /Earlier deploys: ⛔<[\s\S]*\n- ⛔ rejected: c · \[run]/)
})

test('what a hostile comment tells is bounded and does nothing', () => {
  const text = `](https://evil.example) @admin | <img> \u0060\u0060\u0060 ${'x'.repeat(2000)}`
  const deploy = { status: 'kept', verdict: 'toString', revision: 1e21, run: '../1', attempt: '1/', number: text }
  const row = { ...deploy, commit: text, startedAt: text, cause: text }
  const json = JSON.stringify({ ...row, earlier: [null, 1, 'x', [], {}, ...Array.from({ length: 20 }, () => row)] })
  const read = readState(`m\n<!-- state: ${json} -->`)
  assert.ok(read !== null)
  assert.deepEqual({ ...read, cause: '', earlier: [] }, { ...nothingKnown, earlier: [] })
  assert.equal(read.earlier.length, 0, 'only so many rows are looked at')
  const many = readState(
    `m\n<!-- state: ${JSON.stringify({ ...row, earlier: Array.from({ length: 20 }, () => row) })} -->`,
  )
  assert.equal(many?.earlier.length, 5)
  const section = historySection(many.earlier, run({ run: 2 }))
  assert.ok(section.length < 3000)
  assert.doesNotMatch(activeText(section), /@|https?:|<img|(?<!\\)\]\(/)
})

const nothingKnown: PastDeploy = {
  status: 'kept',
  verdict: 'kept',
  revision: null,
  run: null,
  attempt: null,
  number: null,
  commit: null,
  startedAt: '',
  cause: '',
}

test('the hidden lines stay small, whatever the causes are', () => {
  for (const char of ['<', '-', '\\', '"', '漢', '😀', '\u0001']) {
    const worst = { ...nothingKnown, cause: char.repeat(200), revision: 999_999_999, run: '9'.repeat(20) }
    const problems = [{ problem: char.repeat(9999), remedy: '' }]
    const lines = hiddenLines(
      run({ run: 1, base: { ...failed, findings: [], problems } }),
      Array.from({ length: 9 }, () => worst),
    )
    assert.ok(Buffer.byteLength(lines) < 7000, `${char}: ${String(Buffer.byteLength(lines))}`)
    assert.equal(readState(lines)?.earlier.length, 5)
  }
})

test('older is a run that began before the one in the comment, and ends after its beginning', () => {
  const newer = state([run({ run: 2, minute: 2, revision: null })])
  assert.equal(isOlder(run({ run: 1, minute: 1 }), newer), true)
  assert.equal(isOlder(run({ run: 3, minute: 3 }), newer), false)
  assert.equal(isOlder(run({ run: 9, minute: 1 }), newer), true, 'numbers are those of the queue, not of the beginning')
  assert.equal(
    isOlder(run({ run: 1, minute: -9 }), newer),
    false,
    'a clock is wrong: it cannot have begun after our end',
  )
  assert.equal(isOlder(run({ run: 1, minute: 1 }), { ...newer, startedAt: '' }), false)
})

test('of one run the attempts count, and a run that waited for the lock made the later revision', () => {
  const second = state([run({ run: 2, attempt: 2 })])
  assert.equal(isOlder(run({ run: 2, attempt: 1, minute: 9 }), second), true)
  assert.equal(isOlder(run({ run: 2, attempt: 2, minute: 0 }), second), false)
  assert.equal(isOlder(run({ run: 2, attempt: 3, minute: 0 }), second), false)
  const waited = run({ run: 1, minute: 1, revision: 43 })
  assert.equal(isOlder(waited, state([run({ run: 2, minute: 2, revision: 42 })])), false)
  assert.equal(isOlder(waited, state([run({ run: 2, minute: 2, revision: 44 })])), true)
})

for (const before of [[], [run({ run: 1, minute: 0 })]]) {
  test(`an older run joins the deploys before, of which there are ${String(before.length)}, and changes nothing else`, () => {
    const present = body([...before, run({ run: 3, minute: 2, base: report(), revision: 45 })])
    const told = readState(present)
    assert.ok(told !== null)
    const joined = withOlderRun(present, told, run({ run: 2, minute: 1, revision: null }))
    const expected = body([
      ...before,
      run({ run: 2, minute: 1, revision: null }),
      run({ run: 3, minute: 2, base: report(), revision: 45 }),
    ])
    assert.equal(joined, expected)
    const twice = readState(joined)
    assert.ok(twice !== null)
    assert.equal(withOlderRun(joined, twice, run({ run: 2, minute: 1, revision: null })), joined)
  })
}

test('a body that somebody has edited keeps its words, and an earlier attempt says nothing', () => {
  const present = body([run({ run: 1 }), run({ run: 3 })])
  const told = readState(present)
  assert.ok(told !== null)
  const edited = `${present.split('\n', 2).join('\n')}\n\nAll is well.`
  const joined = withOlderRun(edited, told, run({ run: 2 }))
  assert.deepEqual(revisions(readState(joined)?.earlier ?? []), [2, 1])
  assert.ok(joined.endsWith('\n\nAll is well.'))
  assert.equal(withOlderRun(present, told, run({ run: 3 })), present)
})
