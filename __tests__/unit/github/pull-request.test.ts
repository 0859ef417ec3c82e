import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer, GitHubCall } from '../../../src/github/call.ts'
import { findPullRequest, headCommit, type PullRequestHints } from '../../../src/github/pull-request.ts'

const sha = 'b81e77d0c0ffee'
const hints: PullRequestHints = {
  input: null,
  event: null,
  eventName: 'push',
  sha,
  fork: null,
  repository: { owner: 'acme', name: 'shop' },
  isGitea: false,
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
  for (const eventName of ['schedule', 'merge_group', 'issue_comment', 'workflow_call', '']) {
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

/** A conversation with GitHub of one answer, and what it was asked. */
function asked(value: Answer<unknown>) {
  const calls: [string, Readonly<Record<string, unknown>>][] = []
  const call: GitHubCall = (route, parameters) => {
    calls.push([route, parameters])
    return Promise.resolve(value)
  }
  return { call, calls }
}

test('the pull request of a fork is the one with this very commit of this very fork, the open one first', async () => {
  const fork = { repository: 'eve/shop', branch: 'topic', sha }
  const head = (full_name: string, commit = sha) => ({ sha: commit, repo: { full_name } })
  const list = [
    { number: 1, state: 'open', head: head('eve/shop', 'older') },
    { number: 2, state: 'open', head: head('mallory/shop') },
    { number: 3, state: 'closed', head: head('eve/shop') },
    { number: 4, state: 'open', head: head('eve/shop') },
    { number: 5, state: 'open', head: { sha, repo: null } },
  ]
  for (const [pulls, result] of [
    [list, { kind: 'found', number: 4 }],
    [list.slice(0, 3), { kind: 'found', number: 3 }],
    [list.slice(0, 2), { kind: 'none' }],
    [list.slice(4), { kind: 'none' }],
  ] as const) {
    const { call, calls } = asked({ kind: 'ok', value: pulls })
    assert.deepEqual(await findPullRequest(call, { ...hints, eventName: 'workflow_run', fork }), result)
    const where = { owner: 'acme', repo: 'shop', state: 'all', head: 'eve:topic', per_page: 100 }
    assert.deepEqual(calls, [['GET /repos/{owner}/{repo}/pulls', where]])
  }
})

test('Gitea knows the pull request that a commit has merged, and no other', async () => {
  const gitea = { ...hints, isGitea: true }
  const merged = asked({ kind: 'ok', value: { number: 9, state: 'closed', merge_commit_sha: sha } })
  assert.deepEqual(await findPullRequest(merged.call, gitea), { kind: 'found', number: 9 })
  assert.equal(merged.calls[0]?.[0], 'GET /repos/{owner}/{repo}/commits/{sha}/pull')
  const none = asked({ kind: 'not-found', message: 'Not Found' })
  assert.deepEqual(await findPullRequest(none.call, gitea), { kind: 'none' })
})

test('the head of a pull request is its commit, when GitHub tells it', async () => {
  for (const [answer, commit] of [
    [{ kind: 'ok', value: { head: { sha } } }, sha],
    [{ kind: 'ok', value: {} }, null],
    [{ kind: 'unavailable', message: 'down' }, null],
  ] as const)
    assert.equal(await headCommit(asked(answer).call, hints.repository, 7), commit)
})
