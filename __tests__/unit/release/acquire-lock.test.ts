import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LockResult } from '../../../src/release/acquire-lock.ts'
import { readLease } from '../../../src/release/lease.ts'
import { apiError } from './fake-leases.ts'
import { held, lockRuns, rejection } from './lock-runs.ts'

test('the way of a run that meets nobody costs four requests, one of them a watch', async () => {
  const { leases, run } = lockRuns()
  const one = run(1)
  const { lock, stale } = await one.take()
  assert.equal(stale, null)
  lock.note('deploy', 7)
  await lock.confirm()
  const facts = readLease(leases.lease() ?? assert.fail('there is no Lease'))
  assert.deepEqual([facts.holder, facts.phase, facts.baseRevision], [one.owner.identity, 'deploy', 7])
  await lock.release()
  assert.equal(leases.lease(), undefined)
  const watch = one.requests.filter((request) => request.startsWith('GET'))
  assert.equal(watch.length, 1)
  const writes = one.requests.filter((request) => !request.startsWith('GET'))
  assert.deepEqual(writes, ['POST leases', 'PUT atomic-helm.shop', 'DELETE atomic-helm.shop'])
  assert.deepEqual(one.said, [])
})

test('of two runs one gets the lock, and the other one when it is given back', async () => {
  const { time, run } = lockRuns()
  const runs = [run(1), run(2)]
  const asking = runs.map((one) => one.acquire())
  await time.pass(100)
  const first = asking.findIndex(({ result }) => result !== null)
  const second = 1 - first
  await time.pass(200_000)
  assert.equal(asking[second]?.result, null)
  const { lock } = held(asking[first] ?? assert.fail())
  await lock.release()
  await time.pass(100)
  assert.equal(held(asking[second] ?? assert.fail()).stale, null, 'nobody died')
  const said = runs[second]?.said ?? []
  const told = said.filter((text) => text.startsWith('another run has the lock'))
  assert.equal(told.length, 1, said.join('\n'))
  assert.match(told[0] ?? '', /actions\/runs\/\d\/attempts\/1 \(phase lock, since 2026-11-22T10:00:0\dZ\)/)
  assert.ok(said.length > 10, 'reminders')
  const requests = runs[second]?.requests ?? []
  assert.ok(requests.length <= 6, `a waiting run watches: ${requests.join(', ')}`)
})

test('eight runs at once have it one after the other', async () => {
  const { time, run } = lockRuns()
  const waiting = new Set(Array.from({ length: 8 }, (_, id) => run(id).acquire()))
  for (let round = 0; round < 8; round++) {
    await time.pass(3000)
    const winners = [...waiting].filter(({ result }) => result !== null)
    assert.equal(winners.length, 1, `round ${round}`)
    for (const winner of winners) {
      waiting.delete(winner)
      await held(winner).lock.release()
    }
  }
})

test('a dead owner is replaced after 30 s of our own clock, though the clocks differ by an hour', async () => {
  for (const offset of [-3_600_000, 0, 3_600_000]) {
    const { time, leases, run } = lockRuns()
    const dead = run(1, offset)
    dead.die((await dead.take()).lock)
    const waiting = run(2)
    const asking = waiting.acquire()
    await time.pass(29_900)
    assert.equal(asking.result, null)
    await time.pass(200)
    const { lock, stale } = held(asking)
    assert.equal(stale?.holder, dead.owner.identity)
    assert.equal(lock.identity, waiting.owner.identity)
    const facts = readLease(leases.lease() ?? assert.fail())
    assert.equal(facts.takenOverFrom, dead.owner.runUrl)
    assert.match(facts.takenOverBy ?? '', /^actor-2, https:.*runs\/2/)
    assert.match(waiting.said.at(-1) ?? '', /^took the stale lock of .*runs\/1.*not renewed for 30 s/)
  }
})

test('of many that wait for a dead owner one replaces him', async () => {
  const { time, run } = lockRuns()
  const dead = run(0)
  dead.die((await dead.take()).lock)
  const waiting = [1, 2, 3, 4, 5, 6].map((id) => run(id).acquire())
  await time.pass(120_000)
  const winners = waiting.filter(({ result }) => result !== null)
  assert.equal(winners.length, 1)
  assert.equal(held(winners[0] ?? assert.fail()).stale?.holder, dead.owner.identity)
})

test('an owner who is slow but alive keeps the lock', async () => {
  const { time, run } = lockRuns()
  const slow = run(1)
  const { lock } = await slow.take()
  const asking = run(2).acquire()
  for (let round = 0; round < 20; round++) {
    slow.cut()
    await time.pass(14_000)
    slow.mend()
    await time.pass(7000)
  }
  assert.equal(asking.result, null)
  assert.equal(lock.lost.aborted, false)
  await lock.confirm()
})

test('an owner whose clock jumps or stands still keeps the lock', async () => {
  const { time, run } = lockRuns()
  const owner = run(1)
  const { lock } = await owner.take()
  const asking = run(2).acquire()
  for (const offset of [3_600_000, -3_600_000, 0]) {
    owner.state.offsetMs = offset
    await time.pass(40_000)
  }
  owner.state.frozenMs = Date.parse('2026-11-22T10:00:00Z')
  await time.pass(100_000)
  assert.equal(asking.result, null)
  assert.equal(lock.lost.aborted, false)
})

test('a waiter whose own watch is dead takes nothing from a living owner', async () => {
  const { time, run } = lockRuns()
  await run(1).take()
  const waiting = run(2)
  const asking = waiting.acquire()
  await time.pass(100)
  waiting.fail('GET', new Error('broken'), { times: 1000, path: 'watch=1' })
  waiting.cut()
  waiting.mend()
  await time.pass(300_000)
  assert.equal(asking.result, null)
})

test('where watching is refused the Lease is read again and again', async () => {
  const { time, run } = lockRuns()
  const { lock } = await run(1).take()
  const waiting = run(2)
  waiting.fail('GET', apiError(403), { times: 1000, path: 'watch=1' })
  const asking = waiting.acquire()
  await time.pass(100_000)
  assert.equal(asking.result, null)
  await lock.release()
  await time.pass(2100)
  held(asking)
})

test('a Lease that is deleted while we wait is free, and so is one without a holder', async () => {
  const { time, leases, run } = lockRuns()
  await run(1).take()
  const waiting = run(2)
  const asking = waiting.acquire()
  await time.pass(1000)
  leases.drop()
  await time.pass(100)
  assert.equal(held(asking).stale, null)

  const next = run(3).acquire()
  await time.pass(1000)
  const lease = leases.lease() ?? assert.fail()
  leases.set({ ...lease, spec: { ...lease.spec, holderIdentity: '' } })
  await time.pass(100)
  assert.equal(held(next).stale, null)
})

test('when GitHub says that the attempt is over nobody waits, and it is asked only now and then', async () => {
  const { time, run } = lockRuns()
  const dead = run(1)
  const { lock } = await dead.take()
  const waiting = run(2)
  const asking = waiting.acquire()
  await time.pass(100_000)
  assert.ok(waiting.asked.length >= 6 && waiting.asked.length <= 8, `asked ${waiting.asked.length} times`)
  waiting.completed.add('1')
  await time.pass(15_100)
  assert.equal(held(asking).stale?.runId, '1')
  assert.match(waiting.said.at(-1) ?? '', /GitHub says/)
  await assert.rejects(lock.confirm(), { name: 'LockLost', kind: 'taken' })

  const third = run(3)
  third.completed.add('2')
  assert.equal((await third.take()).stale?.runId, '2')
})

test('conflicts again and again end with the lock', async () => {
  const { time, run } = lockRuns()
  const one = run(1)
  one.fail('POST', apiError(409), { times: 6 })
  const asking = one.acquire()
  await time.pass(10_000)
  held(asking)

  const dead = one
  dead.die(held(asking).lock)
  const two = run(2)
  two.fail('PUT', apiError(409), { times: 5 })
  const next = two.acquire()
  await time.pass(60_000)
  assert.equal(held(next).stale?.runId, '1')
})

test('an answer that is lost is understood at the next look, with whom we replaced', async () => {
  const { time, run } = lockRuns()
  const one = run(1)
  one.fail('POST', new Error('socket hang up'), { afterEffect: true })
  const asking = one.acquire()
  await time.pass(5000)
  const { lock, stale } = held(asking)
  assert.equal(stale, null)
  await lock.confirm()
  one.die(lock)
  const two = run(2)
  two.completed.add('1')
  two.fail('PUT', new Error('socket hang up'), { afterEffect: true })
  const next = two.acquire()
  await time.pass(5000)
  assert.equal(held(next).stale?.runId, '1')
})

test('where leases are forbidden or unknown the caller goes on without', async () => {
  const { time, leases, run } = lockRuns()
  const cases = [
    [apiError(403, '', 'Forbidden', 'leases is forbidden'), { kind: 'forbidden', why: 'leases is forbidden' }],
    [apiError(404, '', '', 'HTTP 404 404 page not found'), { kind: 'forbidden', why: 'HTTP 404 404 page not found' }],
    [apiError(404, '', 'NotFound', 'namespaces "web" not found'), { kind: 'no-namespace' }],
  ] as const
  for (const [error, expected] of cases) {
    const one = run(1)
    one.fail('POST', error)
    const asking = one.acquire()
    await time.pass(0)
    assert.deepEqual(asking.result, expected)
    assert.equal(one.requests.length, 1)
  }
  await run(1).take()
  for (const method of ['GET', 'PUT']) {
    const blind = run(2)
    blind.completed.add('1')
    blind.fail(method, apiError(403))
    const asking = blind.acquire()
    await time.pass(0)
    assert.equal(asking.result?.kind, 'forbidden', method)
  }
  assert.equal(leases.lease()?.spec?.holderIdentity?.endsWith('nonce-1'), true)
})

test('an API server that is away for half a minute is waited for, one that is away for longer is told', async () => {
  const { time, run } = lockRuns()
  const one = run(1)
  one.cut()
  const asking = one.acquire()
  await time.pass(30_000)
  one.mend()
  await time.pass(7000)
  await held(asking).lock.release()

  one.cut()
  const again = one.acquire()
  await time.pass(70_000)
  assert.match(String(again.error), /timed out/)

  const other = run(2)
  other.fail('POST', apiError(401))
  const nobody = other.acquire()
  await time.pass(0)
  assert.match(String(nobody.error), /HTTP 401/)
})

test('a cancelled run stops waiting, and leaves nothing behind', async () => {
  const { time, leases, run } = lockRuns()
  const { lock } = await run(1).take()
  const waiting = run(2)
  const asking = waiting.acquire()
  await time.pass(10_000)
  waiting.cancel.abort(new Error('cancelled by SIGINT'))
  await time.pass(0)
  assert.match(String(asking.error), /cancelled by SIGINT/)
  const requests = waiting.requests.length
  await lock.release()
  await time.pass(60_000)
  assert.equal(waiting.requests.length, requests, 'it watches no more')
  assert.equal(leases.lease(), undefined)

  const hasty = run(3)
  const late = hasty.acquire()
  hasty.cancel.abort(new Error('cancelled by SIGINT'))
  await time.pass(0)
  assert.match(String(late.error), /cancelled by SIGINT/)
  assert.equal(leases.lease(), undefined, 'what it got in the meantime is given back')
})

test('a Lease that was made, although nobody told us, goes with the run that gives up', async () => {
  const { time, leases, run } = lockRuns()
  const one = run(1)
  one.fail('POST', new Error('socket hang up'), { afterEffect: true })
  const asking = one.acquire()
  await time.pass(500)
  assert.ok(leases.lease())
  one.cancel.abort(new Error('cancelled by SIGINT'))
  await time.pass(100)
  assert.match(String(asking.error), /cancelled by SIGINT/)
  assert.equal(leases.lease(), undefined)
})

test('after 15 minutes it gives up, and tells whom it waited for', async () => {
  const { time, run } = lockRuns()
  await run(1).take()
  const asking = run(2).acquire()
  const result = (): LockResult | null => asking.result
  await time.pass(15 * 60_000 - 1000)
  assert.equal(result(), null)
  await time.pass(2000)
  const end = result()
  assert.match(end?.kind === 'gave-up' ? end.owner : '', /runs\/1\/attempts\/1 \(phase lock/)
})

test('a take-over fences a living owner at once, and says so everywhere', async () => {
  const { time, leases, run } = lockRuns()
  const { lock } = await run(1).take()
  const bold = run(2)
  const taken = await bold.take({ takeOver: true })
  assert.equal(taken.stale?.runId, '1')
  assert.match(bold.said.at(-1) ?? '', /took the lock from a run that may be alive.*runs\/1/)
  assert.match(readLease(leases.lease() ?? assert.fail()).takenOverBy ?? '', /actor-2/)

  const confirmed = rejection(lock.confirm())
  await time.pass(0)
  assert.match(String(confirmed.error), /LockLost: .* now belongs to .*runs\/2.*taken over by actor-2/)
  assert.equal(lock.lost.aborted, true)
  await lock.release()
  assert.ok(leases.lease(), 'the lock of another is not given back')
  await taken.lock.confirm()
})

test('a fenced owner who asks nothing learns it within 10 s', async () => {
  const { time, run } = lockRuns()
  const { lock } = await run(1).take()
  await run(2).take({ takeOver: true })
  await time.pass(10_100)
  assert.equal(lock.lost.aborted, true)
  assert.match(String(lock.lost.reason), /LockLost: .*runs\/2/)
})
