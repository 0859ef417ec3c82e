import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attemptStatus } from '../../../src/github/attempt-status.ts'
import type { Answer, GitHubCall } from '../../../src/github/call.ts'
import { readLease, type LeaseFacts } from '../../../src/release/lease.ts'

const facts: LeaseFacts = {
  ...readLease({ metadata: { name: 'atomic-helm.shop' } }),
  runUrl: 'https://github.com/acme/shop/actions/runs/4711/attempts/2',
  repository: 'acme/shop',
  runId: '4711',
  attempt: '2',
}

function asking(answer: Answer<unknown>) {
  const calls: unknown[] = []
  const call: GitHubCall = async (route, parameters) => {
    calls.push([route, parameters])
    return Promise.resolve(answer)
  }
  return { calls, isCompleted: attemptStatus(call, { owner: 'acme', name: 'shop' }, 'https://github.com') }
}

test('asks for the attempt, and believes only `completed`', async () => {
  const { calls, isCompleted } = asking({ kind: 'ok', value: { status: 'completed' } })
  assert.equal(await isCompleted(facts), true)
  assert.deepEqual(calls, [
    [
      'GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}',
      { owner: 'acme', repo: 'shop', run_id: 4711, attempt_number: 2 },
    ],
  ])
  for (const value of [{ status: 'in_progress' }, { status: 'queued' }, {}, null, 'completed'])
    assert.equal(await asking({ kind: 'ok', value }).isCompleted(facts), false)
})

test('any problem means that the attempt may be alive', async () => {
  const problems: Answer<unknown>[] = [
    { kind: 'not-found', message: '' },
    { kind: 'forbidden', permission: 'actions: read', message: '' },
    { kind: 'unavailable', message: '' },
  ]
  for (const problem of problems) assert.equal(await asking(problem).isCompleted(facts), false)
})

test('a Lease of another repository, another GitHub or no run is not asked about', async () => {
  const { calls, isCompleted } = asking({ kind: 'ok', value: { status: 'completed' } })
  const others: Partial<LeaseFacts>[] = [
    { repository: 'acme/other' },
    { runUrl: 'https://ghe.example/acme/shop/actions/runs/4711/attempts/2' },
    { runUrl: null },
    { runId: null },
    { runId: '../../x' },
    { attempt: null },
  ]
  for (const other of others) assert.equal(await isCompleted({ ...facts, ...other }), false)
  assert.deepEqual(calls, [])
})
