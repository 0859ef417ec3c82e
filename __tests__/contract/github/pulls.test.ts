// The lists and permissions that previews ask for, against GitHub's own description.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGitHub } from '../../../src/github/octokit.ts'
import { mayWrite } from '../../../src/github/permission.ts'
import { listOpenPulls } from '../../../src/github/pulls.ts'
import { startGitHub, type GitHub } from '../../helpers/github/server.ts'
import { installation, type Pull } from '../../helpers/github/world.ts'

const at = { owner: 'org', name: 'shop' }
const head = { ref: 'x', sha: 'c'.repeat(40) }
const pulls: Pull[] = Array.from({ length: 230 }, (_, index) => ({
  number: index + 1,
  state: index % 100 === 0 ? 'closed' : 'open',
  head,
}))

async function withGitHub(use: (github: GitHub) => Promise<void>): Promise<void> {
  const roles = { boss: 'admin', keeper: 'maintain', dev: 'write', helper: 'triage', guest: 'read' } as const
  const tokens = { bot: installation(), blind: installation('none') }
  const github = await startGitHub({ repo: 'org/shop', private: true, pulls, tokens, roles })
  try {
    await use(github)
    assert.deepEqual(github.violations(), [])
  } finally {
    await github.close()
  }
}

test('a list of open pull requests goes on beyond its first page', () =>
  withGitHub(async (github) => {
    const listed = await listOpenPulls(createGitHub('bot', github.url), at, 10)
    assert.equal(listed.kind === 'ok' && listed.value.size, 227)
    assert.equal(github.requests().length, 3)
  }))

test('it costs no more requests than it may', () =>
  withGitHub(async (github) => {
    const listed = await listOpenPulls(createGitHub('bot', github.url), at, 1)
    assert.equal(listed.kind === 'ok' && listed.value.size, 100)
    assert.equal(github.requests().length, 1)
  }))

test('a list that fails half way is no list', () =>
  withGitHub(async (github) => {
    const call = createGitHub('bot', github.url)
    let requests = 0
    const failing: typeof call = (route, parameters) =>
      ++requests === 2 ? Promise.resolve({ kind: 'unavailable', message: 'gone' }) : call(route, parameters)
    assert.equal((await listOpenPulls(failing, at, 10)).kind, 'unavailable')
  }))

test('a token without the permission is told which', () =>
  withGitHub(async (github) => {
    const listed = await listOpenPulls(createGitHub('blind', github.url), at, 10)
    assert.equal(listed.kind === 'forbidden' && listed.permission, 'pull-requests: read')
  }))

for (const [login, may] of [
  ['boss', true],
  ['keeper', true],
  ['dev', true],
  ['helper', false],
  ['guest', false],
  ['stranger', false],
] as const)
  test(`${login} ${may ? 'may' : 'may not'} write`, () =>
    withGitHub(async (github) => {
      assert.deepEqual(await mayWrite(createGitHub('bot', github.url), at, login), { kind: 'ok', value: may })
    }))

test('of whom GitHub does not know nothing is assumed', () =>
  withGitHub(async (github) => {
    assert.equal((await mayWrite(createGitHub('bot', github.url), at, 'robot[bot]')).kind, 'not-found')
  }))
