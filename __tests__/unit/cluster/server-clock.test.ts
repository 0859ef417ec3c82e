import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createServerClock } from '../../../src/cluster/server-clock.ts'

const start = Date.parse('2026-11-22T10:00:00Z')

/** A clock that has seen answers at these moments of ours, from a server that is so many ms ahead. */
function after(ahead: number, ...moments: number[]) {
  const clock = createServerClock()
  for (const at of moments) clock.learn(Math.floor((start + at + 5 + ahead) / 1000) * 1000, start + at, start + at + 10)
  return clock
}

test('without an answer the server has our own time', () => {
  assert.equal(createServerClock().now(start), start)
})

for (const ahead of [0, 3700, -61_234])
  test(`a server ${ahead} ms ahead is known within half a second at once, and better with each answer`, () => {
    assert.ok(Math.abs(after(ahead, 0).now(start + 50) - (start + 50 + ahead)) <= 510)
    const many = Array.from({ length: 40 }, (_, index) => index * 137)
    assert.ok(Math.abs(after(ahead, ...many).now(start + 9000) - (start + 9000 + ahead)) <= 60)
  })

test('it never goes back, however its estimate does', () => {
  const clock = after(0, 0)
  const first = clock.now(start + 100)
  clock.learn(start, start + 990, start + 1000)
  assert.ok(clock.now(start + 110) >= first)
})

test('it begins anew when a clock was set', () => {
  const clock = after(0, 0, 400, 900)
  clock.learn(start - 3_600_000, start + 1000, start + 1010)
  assert.ok(Math.abs(clock.now(start + 1010) - (start - 3_600_000 + 500)) <= 510)
})
