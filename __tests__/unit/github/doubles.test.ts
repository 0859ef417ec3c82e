import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GitHubCall } from '../../../src/github/call.ts'
import { publishComment } from '../../../src/github/publish.ts'
import { readState } from '../../../src/report/marker.ts'
import type { Report } from '../../../src/report/model.ts'
import { report, states } from '../report/fixtures.ts'
import { fakeGitHub } from './fake.ts'

const at = { repository: { owner: 'acme', name: 'shop' }, number: 7 }
const options = { policy: 'on-failure', evidence: 'full' } as const
const nobody = { comment: null, since: '' }
const failed = states['rejected'] ?? report()
const forbidden = { kind: 'forbidden', permission: 'x', message: 'no' } as const

/** One of several runs that began a second apart and work beside each other. */
function run(id: number): Report {
  const url = `https://github.example/acme/shop/actions/runs/${String(id)}`
  const startedAt = new Date(Date.parse(failed.startedAt) + id * 1000).toISOString()
  return { ...failed, startedAt, durationMs: 60_000, run: { ...failed.run, url, number: String(id), attempt: '1' } }
}

/** Holds back every create until so many have come: all runs have looked before any has written. */
function together(call: GitHubCall, runs: number): GitHubCall {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  let come = 0
  return async (route, parameters) => {
    if (route.startsWith('POST /repos')) {
      come += 1
      if (come === runs) resolve(undefined)
      await promise
    }
    return call(route, parameters)
  }
}

/** Every answer comes later than the calls that others make meanwhile. */
function slowly(call: GitHubCall): GitHubCall {
  return async (route, parameters) => {
    await new Promise((resolve) => setImmediate(resolve))
    const answer = await call(route, parameters)
    await new Promise((resolve) => setImmediate(resolve))
    return answer
  }
}

function runsIn(body: string | undefined): (string | null)[] {
  const state = readState(body ?? '')
  return state === null ? [] : [state.run, ...state.earlier.map((one) => one.run)]
}

for (const runs of [2, 4]) {
  for (const [name, pace] of [
    ['at one pace', slowly],
    ['one after the other', (call: GitHubCall) => call],
  ] as const) {
    test(`${String(runs)} first comments in the same instant end as one that tells of all runs, ${name}`, async () => {
      const github = fakeGitHub()
      const call = pace(together(github.call, runs))
      const ids = Array.from({ length: runs }, (_, index) => index + 1)
      const results = await Promise.all(ids.map((id) => publishComment(call, at, nobody, run(id), options)))
      assert.equal(github.comments.length, 1)
      assert.deepEqual(runsIn(github.comments[0]?.body), ids.toReversed().map(String))
      assert.match(github.comments[0]?.body ?? '', /### ⛔[\s\S]*Earlier deploys: ⛔/)
      const told = results.map((result) => ('comment' in result ? result.comment.id : 0))
      assert.deepEqual(new Set(told), new Set([1000]), 'all name the comment that stays')
    })
  }
}

test('a comment that may not be deleted is ours no more', async () => {
  const github = fakeGitHub()
  github.fail('DELETE', forbidden)
  const call = together(github.call, 2)
  await Promise.all([1, 2].map((id) => publishComment(call, at, nobody, run(id), options)))
  assert.deepEqual(runsIn(github.comments[0]?.body), ['2', '1'])
  assert.deepEqual(
    github.comments.slice(1).map(({ body }) => body),
    ['Moved to https://github.example/c/1000.'],
  )
})

test('where the first cannot be written, or nothing can be listed, both stay and nothing is lost', async () => {
  for (const route of ['PATCH', 'GET']) {
    const github = fakeGitHub()
    const call = together(github.call, 2)
    for (const _time of route === 'GET' ? [1, 2, 3, 4] : [1]) github.fail(route, forbidden)
    const results = await Promise.all([1, 2].map((id) => publishComment(call, at, nobody, run(id), options)))
    assert.deepEqual(
      github.comments.map(({ body }) => runsIn(body)),
      [['1'], ['2']],
    )
    assert.deepEqual(
      results.map(({ kind }) => kind),
      ['created', 'created'],
    )
  }
})

test('words that another writes over are written once more', async () => {
  const github = fakeGitHub()
  const call = together(github.call, 2)
  const first = publishComment(call, at, nobody, run(1), options)
  let before = ''
  const watched: GitHubCall = async (route, parameters) => {
    if (route.startsWith('PATCH')) before ||= github.comments[0]?.body ?? ''
    const answer = await call(route, parameters)
    // The first run writes what it has made of an earlier look.
    if (route.startsWith('DELETE') && github.comments[0] !== undefined) github.comments[0].body = before
    return answer
  }
  await Promise.all([first, publishComment(watched, at, nobody, run(2), options)])
  assert.equal(github.comments.length, 1)
  assert.deepEqual(runsIn(github.comments[0]?.body), ['2', '1'])
})
