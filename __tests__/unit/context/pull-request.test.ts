import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readContext } from '../../../src/context/context.ts'

const repository = { id: 1, full_name: 'org/shop' }
const head = 'a'.repeat(40)
const pull = (number: number, sha: string, id: unknown = 1) => ({ number, head: { sha }, base: { repo: { id } } })
const run = (pull_requests: unknown, full_name = 'org/shop') => ({
  repository,
  workflow_run: { head_sha: head, head_branch: 'topic', head_repository: { full_name }, pull_requests },
})
const queue = (head_ref: unknown) => ({ repository, merge_group: { head_ref, head_sha: head } })

/** Event, payload, and what it is about: the pull request, and the commit where that is not `GITHUB_SHA`. */
const events: [name: string, event: string, payload: unknown, number: number | null, sha: string | null][] = [
  ['a pull request', 'pull_request', { pull_request: { number: 7, head: { sha: head } } }, 7, head],
  ['a target of one', 'pull_request_target', { pull_request: { number: 7, head: { sha: head } } }, 7, head],
  ['a review', 'pull_request_review', { pull_request: { number: 7, head: { sha: head } } }, 7, head],
  ['a push', 'push', { ref: 'refs/heads/main', after: head }, null, 'tip'],
  ['a dispatch', 'workflow_dispatch', { inputs: { number: 7 } }, null, 'tip'],
  ['a comment on a pull request', 'issue_comment', { issue: { number: 7, pull_request: { url: 'x' } } }, 7, null],
  ['a comment on an issue', 'issue_comment', { issue: { number: 7 } }, null, 'tip'],
  ['a run', 'workflow_run', run([pull(7, head)]), 7, head],
  ['a run of several', 'workflow_run', run([pull(8, 'older'), pull(7, head)]), 7, head],
  ['a run of an older commit', 'workflow_run', run([pull(8, 'newer')]), 8, head],
  ['a run for a pull request elsewhere', 'workflow_run', run([pull(8, head, 2)]), null, head],
  ['a run for one here and one elsewhere', 'workflow_run', run([pull(8, head, 2), pull(7, 'older')]), 7, head],
  ['a run of a push', 'workflow_run', run([]), null, head],
  ['a run with odd pulls', 'workflow_run', run([null, 3, { number: '7' }]), null, head],
  ['a run with none', 'workflow_run', run(undefined), null, head],
  ['a queue', 'merge_group', queue(`refs/heads/gh-readonly-queue/main/pr-123-${head}`), 123, 'tip'],
  ['a queue of a branch', 'merge_group', queue(`refs/heads/gh-readonly-queue/release/1.x/pr-9-${head}`), 9, 'tip'],
  ['a branch that only looks so', 'push', queue(`refs/heads/gh-readonly-queue/main/pr-123-${head}`), null, 'tip'],
  ['a queue of another form', 'merge_group', queue('refs/heads/main'), null, 'tip'],
  ['a queue without a ref', 'merge_group', queue(undefined), null, 'tip'],
  ['a hostile queue', 'merge_group', queue(`refs/heads/gh-readonly-queue/main/pr-1e9-${head}`), null, 'tip'],
]

for (const [name, event, payload, number, sha] of events) {
  test(`${name} is about ${number === null ? 'no pull request' : `#${String(number)}`}`, () => {
    const context = readContext({ GITHUB_EVENT_NAME: event, GITHUB_SHA: 'tip' }, payload)
    assert.deepEqual([context.pullRequest, context.sha, context.fork], [number, sha, null])
  })
}

test('a run in a fork has a branch there, for which GitHub lists no pull requests', () => {
  const { pullRequest, sha, fork } = readContext({ GITHUB_EVENT_NAME: 'workflow_run' }, run([], 'eve/shop'))
  assert.deepEqual([pullRequest, sha], [null, head])
  assert.deepEqual(fork, { repository: 'eve/shop', branch: 'topic', sha: head })
  for (const odd of [null, {}, { head_repository: null }, { head_repository: { full_name: 3 } }])
    assert.equal(readContext({}, { repository, workflow_run: odd }).fork, null)
})
