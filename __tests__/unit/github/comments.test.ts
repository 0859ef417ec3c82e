import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeGitHubProblem, problemOf } from '../../../src/github/call.ts'
import { findComment, upsertComment } from '../../../src/github/comments.ts'
import { by, fakeGitHub } from './fake.ts'

const at = { repository: { owner: 'acme', name: 'shop' }, number: 7 }
const marker = '<!-- atomic-helm-action: 0123456789abcdef -->'
const unavailable = { kind: 'unavailable', message: 'HTTP 502' } as const

test('our comment is found behind 250 others', async () => {
  const others = Array.from({ length: 250 }, (_, index) => by('dev', 'hello', index))
  const github = fakeGitHub([...others, by('github-actions[bot]', `${marker}\nx`, 999)])
  const found = await findComment(github.call, at, marker)
  assert.equal(found.kind === 'ok' ? found.value?.id : 0, 999)
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
  assert.deepEqual(await findComment(none.call, at, marker), { kind: 'ok', value: null })
  assert.equal(none.calls.length, 1)
})

test('a marker that somebody copied, quoted or hid in a log is not ours', async () => {
  const github = fakeGitHub([
    by('mallory', `${marker}\nfake`, 1),
    by('github-actions[bot]', `> ${marker}`, 2),
    by('github-actions[bot]', `log:\n${marker}`, 3),
    by('github-actions[bot]', marker.replace('0123', '9999'), 4),
  ])
  assert.deepEqual(await findComment(github.call, at, marker), { kind: 'ok', value: null })
})

test('a personal token finds the comment of its user, and asks who that is only when it must', async () => {
  const github = fakeGitHub([by('mallory', marker, 1), by('deployer', marker, 2)], 'deployer')
  const found = await findComment(github.call, at, marker)
  assert.equal(found.kind === 'ok' ? found.value?.id : 0, 2)
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
    assert.equal(found.kind === 'ok' ? found.value?.id : 0, id, app)
    assert.deepEqual(github.calls.slice(1), ['GET /user', 'POST /graphql'])
  }
})

test('a bot that cannot learn its name is taken for that of workflows', async () => {
  const github = fakeGitHub([by('echo[bot]', marker, 4), by('github-actions[bot]', marker, 6)])
  github.fail('POST /graphql', unavailable)
  const found = await findComment(github.call, at, marker)
  assert.equal(found.kind === 'ok' ? found.value?.id : 0, 6)
})

test('the comment is updated in place, and made anew when it was deleted meanwhile', async () => {
  const github = fakeGitHub([by('github-actions[bot]', marker, 1)])
  const existing = { id: 1, body: marker, url: 'u' }
  assert.deepEqual(await upsertComment(github.call, at, existing, 'new'), {
    kind: 'updated',
    url: 'https://github.example/c/1',
  })
  assert.equal(github.comments[0]?.body, 'new')
  github.comments.length = 0
  assert.equal((await upsertComment(github.call, at, existing, 'newer')).kind, 'created')
  assert.deepEqual(
    github.comments.map(({ body }) => body),
    ['newer'],
  )
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
