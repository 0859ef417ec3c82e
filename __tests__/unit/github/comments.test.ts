import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeGitHubProblem, type GitHubCall, problemOf } from '../../../src/github/call.ts'
import { deleteComment, findComment, listComments, lookAgain, upsertComment } from '../../../src/github/comments.ts'
import { by, fakeGitHub } from './fake.ts'

const at = { repository: { owner: 'acme', name: 'shop' }, number: 7 }
const marker = '<!-- atomic-helm-action: 0123456789abcdef -->'
const nothingFound = { comment: null, since: '' }
const unavailable = { kind: 'unavailable', message: 'HTTP 502' } as const

test('our comment is found behind 250 others', async () => {
  const others = Array.from({ length: 250 }, (_, index) => by('dev', 'hello', index))
  const github = fakeGitHub([...others, by('github-actions[bot]', `${marker}\nx`, 999)])
  const found = await findComment(github.call, at, marker)
  assert.equal(found.kind === 'ok' ? found.value.comment?.id : 0, 999)
  assert.equal(github.calls.filter((route) => route.endsWith('/comments')).length, 3)
})

test('reading stops at the first match and at the last page', async () => {
  const github = fakeGitHub([
    by('github-actions[bot]', marker, 1),
    ...Array.from({ length: 200 }, (_, index) => by('dev', '', index + 2)),
  ])
  await findComment(github.call, at, marker)
  assert.equal(github.calls.filter((route) => route.endsWith('/comments')).length, 1)
  const none = fakeGitHub()
  assert.deepEqual(await findComment(none.call, at, marker), { kind: 'ok', value: nothingFound })
  assert.equal(none.calls.length, 1)
})

test('a marker that somebody copied, quoted or hid in a log is not ours', async () => {
  const github = fakeGitHub([
    by('mallory', `${marker}\nfake`, 1),
    by('github-actions[bot]', `> ${marker}`, 2),
    by('github-actions[bot]', `log:\n${marker}`, 3),
    by('github-actions[bot]', marker.replace('0123', '9999'), 4),
  ])
  assert.deepEqual(await findComment(github.call, at, marker), { kind: 'ok', value: nothingFound })
})

test('a personal token finds the comment of its user, and asks who that is only when it must', async () => {
  const github = fakeGitHub([by('mallory', marker, 1), by('deployer', marker, 2)], 'deployer')
  const found = await findComment(github.call, at, marker)
  assert.equal(found.kind === 'ok' ? found.value.comment?.id : 0, 2)
  assert.equal(github.calls.filter((route) => route === 'GET /user').length, 1)
})

test('a bot finds its own comment and not that of another bot, whichever came first', async () => {
  const comments = [
    by('echo[bot]', marker, 4),
    by('acme-deployer[bot]', marker, 5),
    by('github-actions[bot]', marker, 6),
  ]
  for (const [app, id] of [
    ['acme-deployer[bot]', 5],
    ['github-actions[bot]', 6],
    ['new[bot]', undefined],
  ] as const) {
    const github = fakeGitHub(comments, null, app)
    const found = await findComment(github.call, at, marker)
    assert.equal(found.kind === 'ok' ? found.value.comment?.id : 0, id, app)
    assert.deepEqual(github.calls.slice(1), ['GET /user', 'POST /graphql'])
  }
})

test('a workflow that cannot learn its name is taken for that of workflows, on whatever server', async () => {
  for (const login of ['gitea-actions', 'forgejo-actions']) {
    const github = fakeGitHub([by('echo', marker, 4), by(login, marker, 6)])
    github.fail('POST /graphql', problemOf(404, 'Not Found'))
    const found = await findComment(github.call, at, marker)
    assert.equal(found.kind === 'ok' ? found.value.comment?.id : 0, 6)
  }
})

test('a bot that cannot learn its name is taken for that of workflows', async () => {
  const github = fakeGitHub([by('echo[bot]', marker, 4), by('github-actions[bot]', marker, 6)])
  github.fail('POST /graphql', unavailable)
  const found = await findComment(github.call, at, marker)
  assert.equal(found.kind === 'ok' ? found.value.comment?.id : 0, 6)
})

test('the comment is updated in place, and made anew when it was deleted meanwhile', async () => {
  const github = fakeGitHub([by('github-actions[bot]', marker, 1)])
  const existing = { id: 1, body: marker, url: 'u', login: 'github-actions[bot]' }
  assert.deepEqual(await upsertComment(github.call, at, existing, 'new'), {
    kind: 'updated',
    comment: { ...existing, body: 'new', url: 'https://github.example/c/1' },
  })
  assert.equal(github.comments[0]?.body, 'new')
  github.comments.length = 0
  assert.equal((await upsertComment(github.call, at, existing, 'newer')).kind, 'created')
  assert.deepEqual(
    github.comments.map(({ body }) => body),
    ['newer'],
  )
})

test('a server that knows no pages gives all comments again and again, and is asked twice', async () => {
  const comments = Array.from({ length: 130 }, (_, index) => ({ ...by('dev', 'hello', index), html_url: '' }))
  let asked = 0
  const call: GitHubCall = (route) => {
    if (route.startsWith('GET /repos')) asked += 1
    return Promise.resolve({ kind: 'ok', value: comments })
  }
  assert.deepEqual(await findComment(call, at, marker), { kind: 'ok', value: nothingFound })
  assert.equal(asked, 2)
})

test('what was seen is not read again, but what has changed in the same second is', async () => {
  const seen = [
    { ...by('dev', 'hello', 1), updated_at: '2026-11-22T10:00:07Z' },
    { ...by('dev', 'edited', 2), updated_at: '2026-11-22T12:00:09+02:00' },
    { ...by('dev', 'odd', 3), updated_at: 'yesterday' },
  ]
  const asked: unknown[] = []
  const call: GitHubCall = (_route, { since }) => {
    asked.push(since)
    return Promise.resolve({ kind: 'ok', value: asked.length === 1 ? seen : [by('github-actions[bot]', marker, 9)] })
  }
  const found = await findComment(call, at, marker)
  assert.deepEqual(found, { kind: 'ok', value: { comment: null, since: '2026-11-22T10:00:08Z' } })
  assert.ok(found.kind === 'ok')
  assert.equal((await lookAgain(call, at, found.value, marker)).comment?.id, 9)
  assert.deepEqual(asked.slice(0, 2), [undefined, '2026-11-22T10:00:08Z'])
})

test('a comment that was deleted and made anew is found, however old the conversation is', async () => {
  const github = fakeGitHub([by('github-actions[bot]', marker, 5)])
  const gone = { id: 3, body: marker, url: '', login: 'github-actions[bot]' }
  const now = await lookAgain(github.call, at, { comment: gone, since: '2026-11-22T10:00:08Z' }, marker)
  assert.equal(now.comment?.id, 5)
})

test('all of ours are listed, the oldest first, and none of anybody else', async () => {
  const github = fakeGitHub([
    by('github-actions[bot]', `${marker}\nb`, 7),
    by('mallory', marker, 1),
    by('github-actions[bot]', `${marker}\na`, 3),
  ])
  const listed = await listComments(github.call, at, { marker, since: '', login: 'github-actions[bot]' })
  assert.deepEqual(listed.kind === 'ok' ? listed.value.map(({ id }) => id) : [], [3, 7])
})

test('to delete what is gone is well, and to be refused is told', async () => {
  const github = fakeGitHub([by('github-actions[bot]', marker, 5)])
  const mine = { id: 5, body: marker, url: '', login: 'github-actions[bot]' }
  github.fail('DELETE', problemOf(403, 'Resource not accessible by integration'))
  assert.equal((await deleteComment(github.call, at, mine)).kind, 'forbidden')
  for (const _time of [1, 2]) assert.deepEqual(await deleteComment(github.call, at, mine), { kind: 'ok', value: null })
  assert.deepEqual(github.comments, [])
})

test('a create whose answer was lost does not make a second comment', async () => {
  const github = fakeGitHub()
  github.fail('POST /repos', unavailable, true)
  assert.equal((await upsertComment(github.call, at, null, `${marker}\nx`)).kind, 'updated')
  assert.equal(github.comments.length, 1)
})

test('a create that did not work is tried once more', async () => {
  const github = fakeGitHub()
  github.fail('POST /repos', unavailable)
  assert.equal((await upsertComment(github.call, at, null, `${marker}\nx`)).kind, 'created')
  github.fail('POST /repos', unavailable)
  github.fail('GET', unavailable)
  assert.equal((await upsertComment(github.call, at, null, `${marker}\nx`)).kind, 'unavailable')
})

test('a read-only token is told which permission is missing', async () => {
  const github = fakeGitHub()
  github.fail(
    'POST',
    problemOf(403, 'Resource not accessible by integration', {
      'x-accepted-github-permissions': 'issues=write; pull_requests=write',
    }),
  )
  const result = await upsertComment(github.call, at, null, 'x')
  assert.deepEqual(result, {
    kind: 'forbidden',
    permission: 'pull-requests: write',
    message: 'Resource not accessible by integration',
  })
  assert.match(describeGitHubProblem(result), /`pull-requests: write`/)
})

test('every answer has a meaning', () => {
  const kinds = (
    [
      [401, 'Bad credentials'],
      [404, 'Not Found'],
      [410, 'Issues are disabled'],
      [422, 'body is too long'],
      [403, 'Unable to create comment because issue is locked.'],
      [403, 'You have exceeded a secondary rate limit'],
      [429, 'slow down'],
      [502, 'Bad Gateway'],
      [500, 'fetch failed'],
    ] as const
  ).map(([status, message]) => problemOf(status, message).kind)
  assert.deepEqual(kinds, [
    'unauthorized',
    'not-found',
    'not-found',
    'refused',
    'refused',
    'rate-limited',
    'rate-limited',
    'unavailable',
    'unavailable',
  ])
  assert.equal(problemOf(403, 'API', { 'x-ratelimit-remaining': '0' }).kind, 'rate-limited')
})
