import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { systemClock } from '../../../src/platform/clock.ts'

test('the clock tells the time, and goes on as before when the machine’s is set', () => {
  const before = systemClock.now()
  assert.ok(Math.abs(before - Date.now()) < 1000)
  const set = mock.method(Date, 'now', () => before + 3_600_000)
  const after = systemClock.now()
  set.mock.restore()
  assert.ok(after >= before && after < before + 1000, `${after - before} ms later`)
})
