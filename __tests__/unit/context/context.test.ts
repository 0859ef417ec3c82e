import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readContext } from '../../../src/context/context.ts'

test('a run without anything set is poorer, not broken', () => {
  const context = readContext({}, null)
  assert.deepEqual(
    [context.repository, context.runUrl, context.pullRequest, context.isPublic, context.sha],
    [null, null, null, null, null],
  )
  assert.deepEqual([context.apiUrl, context.serverUrl], ['https://api.github.com', 'https://github.com'])
})

test('odd payloads only make it poorer', () => {
  for (const payload of [
    undefined,
    3,
    'x',
    [],
    { pull_request: null },
    { pull_request: { number: '7' } },
    { repository: 'x' },
    { issue: { number: 3 } },
    { pull_request: { number: 1.5, head: { sha: 7 } } },
  ]) {
    const { pullRequest, isPublic, sha } = readContext({ GITHUB_SHA: 'merge' }, payload)
    assert.deepEqual([pullRequest, isPublic, sha], [null, null, 'merge'])
  }
})

test('of a pull request people know the head, not the merge commit', () => {
  const payload = { pull_request: { number: 12, head: { sha: 'head' } }, repository: { private: true } }
  const context = readContext({ GITHUB_SHA: 'merge', GITHUB_HEAD_REF: 'topic', GITHUB_REF_NAME: '12/merge' }, payload)
  assert.deepEqual([context.pullRequest, context.sha, context.ref, context.isPublic], [12, 'head', 'topic', false])
})

test('a comment on a pull request is about it, one on an issue about none', () => {
  assert.equal(readContext({}, { issue: { number: 5, pull_request: { url: 'x' } } }).pullRequest, 5)
  assert.equal(readContext({}, { issue: { number: 5 } }).pullRequest, null)
})

test('only what is public is public: an internal repository is not', () => {
  const isPublic = (repository: unknown) => readContext({}, { repository }).isPublic
  assert.equal(isPublic({ visibility: 'public', private: false }), true)
  assert.equal(isPublic({ visibility: 'internal', private: true }), false)
  assert.equal(isPublic({ private: false }), true)
  assert.equal(isPublic({}), null)
})

test('the URL of a run names its attempt, on any server', () => {
  const env = {
    GITHUB_REPOSITORY: 'o/r',
    GITHUB_RUN_ID: '7',
    GITHUB_RUN_ATTEMPT: '2',
    GITHUB_SERVER_URL: 'https://git.example',
  }
  assert.equal(readContext(env, null).runUrl, 'https://git.example/o/r/actions/runs/7/attempts/2')
  assert.equal(readContext({ ...env, GITHUB_REPOSITORY: 'broken' }, null).runUrl, null)
})

test('a pull request event tells its action, state and head; what is odd is not there', () => {
  const sha = 'c'.repeat(40)
  const payload = {
    action: 'labeled',
    label: { name: 'preview' },
    sender: { login: 'ann' },
    pull_request: {
      number: 7,
      state: 'open',
      updated_at: '2026-11-20T10:00:00Z',
      head: { sha, ref: '$(rm -rf)', repo: { full_name: 'fork/shop' } },
    },
  }
  assert.deepEqual(readContext({}, payload).pull, {
    number: 7,
    action: 'labeled',
    isOpen: true,
    headSha: sha,
    headRef: '$(rm -rf)',
    headRepository: 'fork/shop',
    updatedAtMs: Date.parse('2026-11-20T10:00:00Z'),
    sender: 'ann',
    label: 'preview',
  })
  const odd = { action: 7, pull_request: { number: 7, head: { sha: 'main', ref: null, repo: null } } }
  assert.deepEqual(readContext({}, odd).pull, {
    number: 7,
    action: '',
    isOpen: false,
    headSha: null,
    headRef: null,
    headRepository: null,
    updatedAtMs: null,
    sender: null,
    label: null,
  })
  for (const number of ['7', 0, -1, 1.5, null])
    assert.equal(readContext({}, { pull_request: { ...payload.pull_request, number } }).pull, null)
})
