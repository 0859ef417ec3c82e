import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GitHubCall } from '../../../src/github/call.ts'
import { findComment, type Look } from '../../../src/github/comments.ts'
import {
  decideComment,
  publishComment as publishFound,
  publishNotice,
  type PublishOptions,
} from '../../../src/github/publish.ts'
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
  return publishFound(call, where, await found(call, told), told, options)
}

async function found(call: GitHubCall, { release, namespace }: Report): Promise<Look> {
  const look = await findComment(call, at, commentMarker(release, namespace))
  assert.ok(look.kind === 'ok', look.kind)
  return look.value
}

function deploy(status: Status): Pick<Report, 'status' | 'mode' | 'changed'> {
  return { status, mode: 'deploy', changed: null }
}

function state(status: Status): CommentState {
  const unknown = { revision: null, number: null, commit: null, startedAt: '', cause: '' }
  return { ...unknown, status, verdict: status, run: '1', attempt: '1', earlier: [] }
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
  assert.equal(decideComment('on-failure', { ...deploy('rolled-back'), mode: 'rollback' }, state('kept')).kind, 'skip')
})

test('previews tell where they are, and that they are gone; what never was there is not told', () => {
  const decide = (status: Status, changed: boolean, previous: Status | null) =>
    decideComment('on-failure', { status, mode: 'preview', changed }, previous === null ? null : state(previous)).kind
  assert.equal(decide('deployed', true, null), 'write')
  assert.equal(decide('deployed', false, 'deployed'), 'write')
  assert.equal(decide('deployed', true, 'rolled-back'), 'recover')
  assert.equal(decide('removed', true, 'deployed'), 'write')
  assert.equal(decide('removed', false, 'deployed'), 'write')
  assert.equal(decide('removed', false, 'removed'), 'skip')
  assert.equal(decide('removed', false, null), 'skip')
  assert.equal(decide('removed', true, null), 'write')
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

/** Another run of the same release, which began so many minutes after the usual one. */
function another(base: Report, id: number, minutes: number): Report {
  const url = `https://github.example/acme/shop/actions/runs/${String(id)}`
  const startedAt = new Date(Date.parse(base.startedAt) + minutes * 60_000).toISOString()
  const facts = { ...base.run, url, attempt: '1', number: String(id) }
  return { ...base, run: facts, startedAt, durationMs: 600_000, attemptedRevision: null }
}

test('an older run that ends later leaves the verdict of the newer one, and is listed before it', async () => {
  const github = fakeGitHub()
  const [older, newer] = [another(failed, 1, 0), another(states['rejected'] ?? report(), 2, 1)]
  const before = await found(github.call, failed)
  await publishComment(github.call, at, newer, onFailure)
  const alone = github.comments.at(-1)?.body ?? ''
  assert.equal((await publishFound(github.call, at, before, older, onFailure)).kind, 'older')
  assert.equal(github.comments.length, 1)
  const body = github.comments.at(-1)?.body ?? ''
  assert.equal(body.split('\n')[3], alone.split('\n')[3])
  assert.match(body, /Earlier deploys: ❌</)
  await publishComment(github.call, at, another(failed, 3, 2), onFailure)
  assert.match(github.comments.at(-1)?.body ?? '', /### ❌[\s\S]*Earlier deploys: ⛔ · ❌</)
})

test('what GitHub does not tell again is as it was found', async () => {
  const github = fakeGitHub()
  await publishComment(github.call, at, failed, onFailure)
  const before = await found(github.call, failed)
  github.fail('GET /repos/{owner}/{repo}/issues/comments/', { kind: 'unavailable', message: 'down' })
  assert.equal((await publishFound(github.call, at, before, report(), onFailure)).kind, 'updated')
  assert.match(github.comments.at(-1)?.body ?? '', /again/)
})

test('never asks GitHub nothing', async () => {
  const github = fakeGitHub()
  assert.equal(
    (await publishFound(github.call, at, { comment: null, since: '' }, failed, { policy: 'never', evidence: 'full' }))
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
  github.fail('POST', { kind: 'not-found', message: 'Not Found' })
  const result = await publishComment(github.call, at, failed, onFailure)
  assert.ok(result.kind === 'unwritten')
  assert.equal(result.problem.kind, 'not-found')
  assert.match(result.body, /### ❌/)
})

const beginning = {
  ...failed,
  undo: null,
  revision: failed.attemptedRevision,
  rollback: 'none',
  notUndone: [],
} as const

test('the notice of a failure is replaced by its end, and is no deploy of its own', async () => {
  const github = fakeGitHub()
  const body = () => github.comments.at(-1)?.body ?? ''
  const told = await publishNotice(github.call, at, await found(github.call, failed), beginning, onFailure)
  assert.equal(told.kind, 'created')
  assert.match(body(), /### ⏳ .*is being rolled back: container app exited/)
  assert.equal((await publishComment(github.call, at, failed, onFailure)).kind, 'updated')
  assert.match(body(), /### ❌/)
  assert.doesNotMatch(body(), /Earlier deploys/)
  const outside = { ...failed.run, url: null, number: null }
  const local = fakeGitHub()
  await publishNotice(local.call, at, { comment: null, since: '' }, { ...beginning, run: outside }, onFailure)
  await publishComment(local.call, at, { ...failed, run: outside }, onFailure)
  assert.doesNotMatch(local.comments.at(-1)?.body ?? '', /Earlier deploys/)
})

test('a notice whose end never came is history for the next run', async () => {
  for (const next of [another(failed, 2, 1), another(report(), 2, 1)]) {
    const github = fakeGitHub()
    await publishNotice(github.call, at, { comment: null, since: '' }, another(beginning, 1, 0), onFailure)
    await publishComment(github.call, at, next, onFailure)
    const body = github.comments.at(-1)?.body ?? ''
    assert.match(body, /Earlier deploys: ⏳</)
    assert.match(body, /⏳ failed, and did not tell how its undo ended: container app exited/)
    assert.doesNotMatch(body, /rolled back: container/)
  }
})

test('a notice never stands where a newer run has told its verdict, nor where nothing is to be commented', async () => {
  const github = fakeGitHub()
  await publishComment(github.call, at, another(states['rejected'] ?? report(), 2, 1), onFailure)
  const before = github.comments.at(-1)?.body
  const older = another(beginning, 1, 0)
  assert.equal(
    (await publishNotice(github.call, at, await found(github.call, failed), older, onFailure)).kind,
    'skipped',
  )
  const never = { policy: 'never', evidence: 'full' } as const
  assert.equal((await publishNotice(github.call, at, { comment: null, since: '' }, beginning, never)).kind, 'skipped')
  assert.deepEqual(
    github.comments.map(({ body }) => body),
    [before],
  )
})

test('a notice shows no more evidence than is allowed', async () => {
  const github = fakeGitHub()
  const options = { policy: 'on-failure', evidence: 'no-logs' } as const
  await publishNotice(github.call, at, { comment: null, since: '' }, beginning, options)
  assert.doesNotMatch(github.comments.at(-1)?.body ?? '', /FATAL|Traceback/)
})
