import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GitHubCall } from '../../../src/github/call.ts'
import { findComment } from '../../../src/github/comments.ts'
import { decideComment, publishComment as publishFound, type PublishOptions } from '../../../src/github/publish.ts'
import { type CommentState, commentMarker } from '../../../src/report/marker.ts'
import { type Report, type Status, statuses } from '../../../src/report/model.ts'
import { succeeded } from '../../../src/report/status.ts'
import { report, states } from '../report/fixtures.ts'
import { by, fakeGitHub } from './fake.ts'

const at = { repository: { owner: 'acme', name: 'shop' }, number: 7 }
const onFailure = { policy: 'on-failure', evidence: 'full' } as const
const failed = states['rolled-back'] ?? report()

/** As a run does it: looked up first, published later. */
async function publishComment(call: GitHubCall, where: typeof at, told: Report, options: PublishOptions) {
  const found = await findComment(call, where, commentMarker(told.release, told.namespace))
  return publishFound(call, where, found, told, options)
}

function deploy(status: Status): Pick<Report, 'status' | 'mode'> {
  return { status, mode: 'deploy' }
}

function state(status: Status): CommentState {
  return { status, run: '1', attempt: '1', startedAt: '', cause: '' }
}

test('the policy decides, by how it ended and what stands there', () => {
  const kinds = (policy: 'on-failure' | 'always' | 'never', previous: Status | null) =>
    statuses.filter(
      (status) => decideComment(policy, deploy(status), previous === null ? null : state(previous)).kind !== 'skip',
    )
  const failures = statuses.filter((status) => !succeeded(deploy(status)))
  assert.deepEqual(kinds('never', 'rolled-back'), [])
  assert.deepEqual(kinds('on-failure', null), [...failures, 'planned', 'removed'])
  assert.deepEqual(kinds('on-failure', 'deployed'), [...failures, 'planned', 'removed'])
  assert.deepEqual(
    kinds('always', null),
    statuses.filter((status) => status !== 'installed'),
  )
  assert.equal(decideComment('on-failure', deploy('deployed'), state('rejected')).kind, 'recover')
  assert.equal(decideComment('always', deploy('deployed'), state('kept')).kind, 'recover')
  assert.equal(decideComment('always', deploy('deployed'), state('deployed')).kind, 'write')
  assert.equal(decideComment('on-failure', deploy('recovered'), state('cancelled')).kind, 'write')
  assert.equal(decideComment('on-failure', { status: 'rolled-back', mode: 'rollback' }, state('kept')).kind, 'skip')
})

test('failure, success, success, failure: one comment all along', async () => {
  const github = fakeGitHub([by('dev', 'hello', 1)])
  const body = () => github.comments.at(-1)?.body ?? ''
  assert.equal((await publishComment(github.call, at, failed, onFailure)).kind, 'created')
  assert.match(body(), /### ❌/)
  assert.equal((await publishComment(github.call, at, report(), onFailure)).kind, 'updated')
  assert.match(
    body(),
    /is deployed to \*\*production\*\* again[\s\S]*failed and was rolled back: container app exited with 1/,
  )
  assert.equal((await publishComment(github.call, at, report(), onFailure)).kind, 'skipped')
  assert.match(body(), /again/)
  assert.equal((await publishComment(github.call, at, failed, onFailure)).kind, 'updated')
  assert.equal(github.comments.length, 2)
})

test('a success without a failure before it is silent, and comments when asked to', async () => {
  const github = fakeGitHub()
  assert.equal((await publishComment(github.call, at, report(), onFailure)).kind, 'skipped')
  assert.equal(
    (await publishComment(github.call, at, report(), { policy: 'always', evidence: 'full' })).kind,
    'created',
  )
})

test('never asks GitHub nothing', async () => {
  const github = fakeGitHub()
  assert.equal(
    (await publishFound(github.call, at, { kind: 'ok', value: null }, failed, { policy: 'never', evidence: 'full' }))
      .kind,
    'skipped',
  )
  assert.deepEqual(github.calls, [])
})

test('releases and namespaces have comments of their own', async () => {
  const github = fakeGitHub()
  for (const other of [{}, { release: 'shop2' }, { namespace: 'shop2' }])
    await publishComment(github.call, at, { ...failed, ...other }, onFailure)
  assert.equal(github.comments.length, 3)
})

test('a comment that says failure in a marker of somebody else is not turned green', async () => {
  const github = fakeGitHub([
    by('mallory', `${commentMarker('shop', 'shop')}\n<!-- state: {"status":"rolled-back"} -->`, 1),
  ])
  assert.equal((await publishComment(github.call, at, report(), onFailure)).kind, 'skipped')
})

test('what goes wrong is a result', async () => {
  const github = fakeGitHub()
  github.fail('GET', { kind: 'not-found', message: 'Not Found' })
  assert.equal((await publishComment(github.call, at, failed, onFailure)).kind, 'not-found')
})
