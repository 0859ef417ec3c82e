import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, type ClusterClient } from '../../../src/cluster/client.ts'
import { createFollower } from '../../../src/deploy/follower.ts'

const path = '/api/v1/namespaces/shop/pods'
const handler = { replace: () => undefined, changed: () => undefined, deleted: () => undefined }

/** A follower whose lists end as the test says, and which then watches without hearing anything. */
function followerOf(get: () => Promise<unknown>) {
  const stop = new AbortController()
  async function* lines(_: string, signal: AbortSignal): AsyncGenerator<string> {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    yield ''
  }
  const clock = { now: () => 0, sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) }
  const client = { get, lines } as unknown as ClusterClient
  return { follower: createFollower(client, clock, stop.signal, () => undefined), stop }
}

test('a first list that cannot be had is told to whoever waits, and asked for until it is there', async () => {
  let answers = 0
  const { follower, stop } = followerOf(() => {
    answers += 1
    if (answers < 3) return Promise.reject(new Error(`no answer ${answers}`))
    return Promise.resolve({ metadata: { resourceVersion: '7' }, items: [] })
  })
  await assert.rejects(follower.follow(path, handler), /no answer 1/)
  await assert.rejects(follower.follow(path, handler), /no answer 2/)
  await follower.follow(path, handler)
  await follower.follow(path, handler)
  assert.equal(answers, 3, 'each collection is followed once')
  stop.abort()
})

test('a list that is refused is waited for by nobody, and told', async () => {
  const { follower, stop } = followerOf(() => Promise.reject(new ApiError(403, 'Forbidden', 'pods is forbidden', path)))
  await follower.follow(path, handler, { isNeeded: true })
  assert.deepEqual(follower.refusals(), {
    needed: ['cannot watch v1/namespaces/shop/pods: pods is forbidden'],
    helpful: [],
  })
  stop.abort()
})
