import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemOf, type Answer, type GitHubCall } from '../../../src/github/call.ts'
import { lookAtPulls } from '../../../src/preview/sweep-pulls.ts'

const at = { owner: 'acme', name: 'shop' }

/** A repository whose pull requests answer so; `list` is what the list says. */
function github(pulls: Readonly<Record<number, 'open' | 'closed' | number>>, list: readonly number[] | number) {
  const asked: string[] = []
  const call: GitHubCall = (_route, { pull_number: number }) => {
    asked.push(typeof number === 'number' ? String(number) : 'list')
    return Promise.resolve(number === undefined ? listed() : one(Number(number)))
  }
  const listed = (): Answer<unknown> =>
    typeof list === 'number' ? failed(list) : ok(list.map((number) => ({ number, state: 'open' })))
  const one = (number: number): Answer<unknown> => {
    const state = pulls[number] ?? 404
    return typeof state === 'number'
      ? failed(state)
      : ok({ state, head: { sha: 'c'.repeat(40), ref: 'x' }, updated_at: '2026-11-20T10:00:00Z' })
  }
  return { call, asked }
}

const ok = (value: unknown): Answer<unknown> => ({ kind: 'ok', value })
const failed = (status: number): Answer<unknown> => problemOf(status, 'Resource not accessible by integration')
const kinds = async (call: GitHubCall, numbers: readonly number[]) =>
  [...(await lookAtPulls(call, at, numbers)).of].map(([number, { kind }]) => `${number} ${kind}`)

test('those on the list are open, and every other one is asked for alone', async () => {
  const { call, asked } = github({ 1: 'open', 2: 'closed', 4: 500 }, [1])
  assert.deepEqual(await kinds(call, [1, 2, 3, 4, 2]), ['1 open', '2 closed', '3 unreadable', '4 unreadable'])
  assert.deepEqual(asked.toSorted(), ['2', '3', '4', 'list'])
})

test('that the list is cut proves nothing', async () => {
  const { call } = github({ 1: 'open', 2: 'open' }, [])
  assert.deepEqual(await kinds(call, [1, 2]), ['1 open', '2 open'])
})

for (const status of [401, 403, 404, 500])
  test(`that the list fails with ${status} proves nothing`, async () => {
    const { call } = github({ 1: 'open', 2: 'closed' }, status)
    assert.deepEqual(await kinds(call, [1, 2]), ['1 open', '2 closed'])
  })

test('one alone needs no list, and none needs nothing', async () => {
  const { call, asked } = github({ 1: 'closed' }, [])
  assert.deepEqual(await kinds(call, [1]), ['1 closed'])
  assert.deepEqual(await kinds(call, []), [])
  assert.deepEqual(asked, ['1'])
})

for (const [status, isRefused] of [
  [401, true],
  [403, true],
  [404, false],
  [500, false],
] as const)
  test(`${status} for each is ${isRefused ? 'a mistake of the workflow' : 'told for each'}`, async () => {
    const { call } = github({ 1: status, 2: status }, status)
    const { of, refusal } = await lookAtPulls(call, at, [1, 2])
    assert.equal(refusal !== null, isRefused)
    assert.ok([...of.values()].every(({ kind }) => kind === 'unreadable'))
  })

test('a token that may read some may be right', async () => {
  const { call } = github({ 1: 403, 2: 'closed' }, 403)
  assert.equal((await lookAtPulls(call, at, [1, 2])).refusal, null)
})
