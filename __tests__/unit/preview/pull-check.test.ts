import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPull } from '../../../src/preview/pull-check.ts'
import { preview } from './previews.ts'

const seenAtMs = preview.seenAtMs ?? 0
const newer = 'd'.repeat(40)
const answer = (isOpen: boolean, headSha: string, updatedAtMs: number | null) =>
  ({ kind: 'ok', value: { isOpen, headSha, headRef: 'x', headRepository: null, updatedAtMs } }) as const

const cases = [
  ['open, at our commit', answer(true, preview.sha ?? '', seenAtMs), { kind: 'current' }],
  ['open, at our commit, edited since', answer(true, preview.sha ?? '', seenAtMs + 1), { kind: 'current' }],
  ['open, at another commit', answer(true, newer, seenAtMs + 1), { kind: 'newer', sha: newer }],
  ['open, at another commit, in the same second', answer(true, newer, seenAtMs), { kind: 'newer', sha: newer }],
  ['open, at another commit, without a time', answer(true, newer, null), { kind: 'newer', sha: newer }],
  ['closed', answer(false, preview.sha ?? '', seenAtMs + 1), { kind: 'closed' }],
  ['closed, and pushed to before', answer(false, newer, seenAtMs + 1), { kind: 'closed' }],
] as const
for (const [name, given, wanted] of cases) test(name, () => assert.deepEqual(checkPull(given, preview), wanted))

test('an answer that is older than the event is none', () => {
  for (const isOpen of [true, false])
    assert.equal(checkPull(answer(isOpen, newer, seenAtMs - 1000), preview).kind, 'unknown')
})

test('what GitHub does not tell is not known, and never closed', () => {
  for (const kind of ['unauthorized', 'not-found', 'refused', 'rate-limited', 'unavailable'] as const) {
    const found = checkPull({ kind, message: 'why' }, preview)
    assert.equal(found.kind, 'unknown')
    assert.match(found.kind === 'unknown' ? found.why : '', /why/)
  }
})

test('a run that does not know its commit stands down for none', () => {
  assert.deepEqual(checkPull(answer(true, newer, null), { sha: null, seenAtMs: null }), { kind: 'current' })
})
