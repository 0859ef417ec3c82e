import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GitHubCall } from '../../../src/github/call.ts'
import { findPullRequest, type PullRequestHints } from '../../../src/github/pull-request.ts'

const sha = 'b81e77d0c0ffee'
const hints: PullRequestHints = {
  input: null,
  event: null,
  eventName: 'push',
  sha,
  repository: { owner: 'acme', name: 'shop' },
}
const never: GitHubCall = () => Promise.reject(new Error('GitHub was asked'))

function pulls(value: unknown): GitHubCall {
  return () => Promise.resolve({ kind: 'ok', value })
}

test('what is given needs no request', async () => {
  assert.deepEqual(await findPullRequest(never, { ...hints, input: 3, event: 4 }), { kind: 'found', number: 3 })
  assert.deepEqual(await findPullRequest(never, { ...hints, event: 4 }), { kind: 'found', number: 4 })
})

test('only a pushed commit is looked up: for other events it is not what is deployed', async () => {
  for (const eventName of ['workflow_run', 'schedule', 'merge_group', 'issue_comment']) {
    assert.deepEqual(await findPullRequest(never, { ...hints, eventName }), { kind: 'none' })
  }
  assert.deepEqual(await findPullRequest(never, { ...hints, sha: null }), { kind: 'none' })
})

test('an open one first, with this head if there are several, else the one merged as this commit', async () => {
  const open = { number: 1, state: 'open', head: { sha: 'other' }, merge_commit_sha: null }
  const head = { number: 2, state: 'open', head: { sha }, merge_commit_sha: 'x' }
  const merged = { number: 3, state: 'closed', head: { sha: 'y' }, merge_commit_sha: sha }
  const stranger = { number: 4, state: 'closed', head: { sha: 'z' }, merge_commit_sha: 'z' }
  const number = async (...list: unknown[]) => {
    const result = await findPullRequest(pulls(list), hints)
    return result.kind === 'found' ? result.number : null
  }
  assert.equal(await number(merged, open, head), 2)
  assert.equal(await number(merged, open), 1)
  assert.equal(await number(stranger, merged), 3)
  assert.equal(await number(stranger), null)
  assert.equal(await number(), null)
  assert.equal(await number({}, { number: 'x' }), null)
})

test('a problem is told', async () => {
  const call: GitHubCall = () => Promise.resolve({ kind: 'forbidden', permission: 'x', message: 'm' })
  assert.deepEqual(await findPullRequest(call, hints), {
    kind: 'forbidden',
    permission: 'pull-requests: read',
    message: 'm',
  })
})
