import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readContext } from '../../../src/context/context.ts'
import { previewWish } from '../../../src/preview/event.ts'

const pull = (action: string, state = 'open', number: unknown = 7) => ({
  action,
  pull_request: { number, state, head: { sha: 'c'.repeat(40), ref: 'x' } },
})
const wish = (eventName: string, payload: unknown, given: number | null = null) =>
  previewWish(readContext({ GITHUB_EVENT_NAME: eventName }, payload), given)

for (const event of ['pull_request', 'pull_request_target']) {
  for (const action of ['opened', 'synchronize', 'reopened', 'ready_for_review', 'labeled', 'edited', 'unlabeled'])
    test(`${event} ${action} deploys`, () => {
      assert.deepEqual(wish(event, pull(action)), { kind: 'deploy', pull: 7 })
    })
  for (const action of ['closed', 'labeled', 'edited'])
    test(`${event} ${action} of a closed pull request removes`, () => {
      assert.deepEqual(wish(event, pull(action, 'closed')), { kind: 'remove', pull: 7 })
    })
}

test('a schedule sweeps, and so does a dispatch that names nothing', () => {
  assert.deepEqual(wish('schedule', {}), { kind: 'sweep' })
  assert.deepEqual(wish('workflow_dispatch', { inputs: {} }), { kind: 'sweep' })
})

test('a dispatch that names a pull request is about that one, by its state', () => {
  assert.deepEqual(wish('workflow_dispatch', {}, 9), { kind: 'by-state', pull: 9 })
})

test('a number beside the one of the event is a mistake, the same one is not', () => {
  assert.deepEqual(wish('pull_request', pull('opened'), 7), { kind: 'deploy', pull: 7 })
  assert.equal(wish('pull_request', pull('opened'), 8).kind, 'rejected')
})

for (const number of ['7', '7; rm -rf /', -1, 0, 1.5, null, 1e12, { toString: () => '7' }])
  test(`a pull request whose number is ${JSON.stringify(number)} is rejected`, () => {
    assert.equal(wish('pull_request', pull('opened', 'open', number)).kind, 'rejected')
  })

for (const event of ['push', 'merge_group', 'issue_comment', 'workflow_run', 'pull_request_review', '', 'release'])
  test(`"${event}" is rejected with a remedy`, () => {
    const found = wish(event, pull('opened'))
    assert.equal(found.kind, 'rejected')
    if (found.kind !== 'rejected') return
    assert.match(found.problem.problem, new RegExp(`"${event}"$`))
    assert.match(found.problem.remedy, /pull_request .* schedule/)
  })
