// The stand-in is only worth something if it catches wrong requests and fails on demand.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGitHub } from '../../helpers/github/server.ts'
import type { GitHub } from '../../helpers/github/server.ts'
import { installation } from '../../helpers/github/world.ts'

const comments = '/repos/org/shop/issues/7/comments'

async function withGitHub(use: (github: GitHub, send: Send) => Promise<void>): Promise<void> {
  const github = await startGitHub({
    repo: 'org/shop',
    pulls: [{ number: 7, head: { ref: 'faster', sha: 'a'.repeat(40) } }],
    tokens: { bot: installation() },
  })
  const send: Send = (method, path, body) =>
    fetch(github.url + path, {
      method,
      headers: { authorization: 'Bearer bot', 'content-type': 'application/json', 'user-agent': 'tests' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  try {
    await use(github, send)
  } finally {
    await github.close()
  }
}
type Send = (method: string, path: string, body?: unknown) => Promise<Response>

for (const [what, method, path, body, problem] of [
  ['a path that GitHub does not have', 'GET', '/repos/org/shop/coments', undefined, /not in the description/],
  ['a method that the path does not have', 'PUT', comments, {}, /not in the description/],
  ['a body without its field', 'POST', comments, {}, /required property 'body'/],
  ['a body of another type', 'POST', comments, { body: 5 }, /must be string/],
  ['a field that GitHub does not know', 'POST', comments, { body: 'x', text: 'y' }, /additional properties/],
  ['a missing body', 'POST', comments, undefined, /body: missing/],
  ['a query that GitHub does not know', 'GET', `${comments}?perPage=100`, undefined, /additional properties/],
  ['a query of another type', 'GET', `${comments}?page=two`, undefined, /must be integer/],
  ['a path parameter of another type', 'GET', '/repos/org/shop/pulls/main', undefined, /must be integer/],
  ['an operation that is not played', 'GET', '/repos/org/shop/forks', undefined, /not served/],
] as const) {
  test(`reports ${what}`, () =>
    withGitHub(async (github, send) => {
      assert.equal((await send(method, path, body)).status, 500)
      const [violation] = github.violations()
      assert.equal(violation?.side, 'request')
      assert.match(violation.problems.join('\n'), problem)
      assert.deepEqual(github.comments(), [])
    }))
}

test('limits and server errors come as often as asked, then the truth', () =>
  withGitHub(async (github, send) => {
    github.fail({ as: 'rate-limit', retryAfter: 3 })
    github.fail({ as: 'secondary-limit', on: { method: 'POST' }, retryAfter: 2 })
    github.fail({ as: 502, on: { path: /comments$/ }, times: 2 })
    const limited = await send('GET', '/repos/org/shop')
    assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '3'])
    const answers = [
      await send('POST', comments, { body: 'x' }),
      await send('GET', comments),
      await send('GET', comments),
    ]
    assert.deepEqual(
      answers.map(({ status }) => status),
      [403, 502, 502],
    )
    assert.match(await (answers[0] as Response).text(), /You have exceeded a secondary rate limit/)
    assert.equal((await send('POST', comments, { body: 'x' })).status, 201)
  }))

test('a cut connection may hide that the request took effect', () =>
  withGitHub(async (github, send) => {
    github.fail({ as: 'reset' })
    await assert.rejects(send('POST', comments, { body: 'lost' }))
    github.fail({ as: 'reset', afterEffect: true })
    await assert.rejects(send('POST', comments, { body: 'kept' }))
    assert.deepEqual(
      github.comments(7).map(({ body }) => body),
      ['kept'],
    )
    assert.deepEqual(
      github.requests().map(({ method, status }) => [method, status]),
      [
        ['POST', 0],
        ['POST', 0],
      ],
    )
  }))

test('a stall ends when it was asked to, or never', () =>
  withGitHub(async (github, send) => {
    github.fail({ as: 'stall', ms: 100 })
    const start = Date.now()
    assert.equal((await send('GET', '/repos/org/shop')).status, 200)
    assert.ok(Date.now() - start >= 95)
    github.fail({ as: 'stall' })
    const winner = await Promise.race([
      send('GET', '/repos/org/shop').then(
        () => 'answered',
        () => 'cut',
      ),
      new Promise((resolve) => setTimeout(resolve, 300, 'silence')),
    ])
    assert.equal(winner, 'silence')
  }))

test('what it holds can be read while it runs', () =>
  withGitHub(async (github, send) => {
    await send('POST', comments, { body: 'hello' })
    const state = (await (await fetch(`${github.url}/_state`)).json()) as { comments: { body: string }[] }
    assert.equal(state.comments[0]?.body, 'hello')
  }))
