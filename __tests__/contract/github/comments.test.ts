// The stand-in for GitHub behaves as GitHub does, seen through the client that the action uses.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { getOctokit } from '@actions/github'
import { startGitHub } from '../../helpers/github/server.ts'
import type { GitHub } from '../../helpers/github/server.ts'
import { installation, person } from '../../helpers/github/world.ts'

const repo = { owner: 'org', repo: 'shop' }
const issue = { ...repo, issue_number: 7 }
const sha = 'a'.repeat(40)
let github: GitHub
const client = (token: string): ReturnType<typeof getOctokit> => getOctokit(token, { baseUrl: github.url })

before(async () => {
  github = await startGitHub({
    repo: 'org/shop',
    pulls: [{ number: 7, head: { ref: 'faster', sha } }],
    commits: ['b'.repeat(40)],
    comments: Array.from({ length: 230 }, (_, i) => ({ issue: 7, body: `comment ${i}` })),
    tokens: { bot: installation(), reader: installation('read'), blind: installation('none'), pat: person('ada') },
  })
})
after(() => github.close())

test('a comment is created, read, updated and deleted under the identity of its token', async () => {
  const { rest } = client('bot')
  const { data } = await rest.issues.createComment({ ...issue, body: 'first' })
  assert.equal(data.user?.login, 'github-actions[bot]')
  assert.equal(data.user.type, 'Bot')
  await rest.issues.updateComment({ ...repo, comment_id: data.id, body: 'second' })
  assert.equal((await rest.issues.getComment({ ...repo, comment_id: data.id })).data.body, 'second')
  assert.equal(github.comments(7).at(-1)?.body, 'second')
  await rest.issues.deleteComment({ ...repo, comment_id: data.id })
  await assert.rejects(rest.issues.getComment({ ...repo, comment_id: data.id }), { status: 404 })
})

test('pages hold 30 by default and 100 at most, and the Link header leads through all of them', async () => {
  const { rest, paginate } = client('bot')
  const first = await rest.issues.listComments(issue)
  assert.equal(first.data.length, 30)
  assert.match(first.headers.link ?? '', /page=2>; rel="next", <.*page=8>; rel="last"$/)
  const second = await rest.issues.listComments({ ...issue, per_page: 100, page: 3 })
  assert.equal(second.data.length, 30)
  assert.match(second.headers.link ?? '', /page=2>; rel="prev", <.*page=1>; rel="first"$/)
  const all = await paginate(rest.issues.listComments, { ...issue, per_page: 100 })
  assert.deepEqual(
    all.map(({ body }) => body),
    Array.from({ length: 230 }, (_, i) => `comment ${i}`),
  )
})

test('a body of 65,536 characters is taken and one more is refused, in words and in shape as GitHub does', async () => {
  const { rest } = client('bot')
  const long = '🙂'.repeat(65_536)
  const { data } = await rest.issues.createComment({ ...issue, body: long })
  await assert.rejects(rest.issues.updateComment({ ...repo, comment_id: data.id, body: `${long}.` }), {
    status: 422,
    message: /Body is too long \(maximum is 65536 characters\)/,
  })
  await rest.issues.deleteComment({ ...repo, comment_id: data.id })
})

test('a token without write permission reads but does not write, one without any does neither', async () => {
  const refused = {
    status: 403,
    message: /Resource not accessible by integration/,
  }
  assert.equal((await client('reader').rest.issues.listComments(issue)).status, 200)
  const error: unknown = await client('reader')
    .rest.issues.createComment({ ...issue, body: 'x' })
    .catch((caught: unknown) => caught)
  const { headers } = (error as { response: { headers: Record<string, string> } }).response
  assert.equal(headers['x-accepted-github-permissions'], 'issues=write; pull_requests=write')
  await assert.rejects(client('reader').rest.issues.createComment({ ...issue, body: 'x' }), refused)
  await assert.rejects(client('blind').rest.issues.listComments(issue), refused)
  await assert.rejects(client('stranger').rest.issues.listComments(issue), { status: 401, message: /Bad credentials/ })
})

test('a person can ask who they are, an installation cannot', async () => {
  assert.equal((await client('pat').rest.users.getAuthenticated()).data.login, 'ada')
  await assert.rejects(client('bot').rest.users.getAuthenticated(), { status: 403 })
})

test('pull requests are found by number and by commit', async () => {
  const { rest } = client('bot')
  assert.equal((await rest.pulls.get({ ...repo, pull_number: 7 })).data.head.sha, sha)
  await assert.rejects(rest.pulls.get({ ...repo, pull_number: 8 }), { status: 404 })
  const find = rest.repos.listPullRequestsAssociatedWithCommit
  assert.deepEqual(
    (await find({ ...repo, commit_sha: sha })).data.map(({ number }) => number),
    [7],
  )
  assert.deepEqual((await find({ ...repo, commit_sha: 'b'.repeat(40) })).data, [])
  await assert.rejects(find({ ...repo, commit_sha: 'c'.repeat(40) }), { status: 422, message: /No commit found/ })
  assert.equal((await rest.repos.get(repo)).data.visibility, 'public')
})

test('nothing so far broke the description', () => {
  assert.deepEqual(github.violations(), [])
})
