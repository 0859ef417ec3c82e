import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDuration, parseDuration } from '../../../src/inputs/duration.ts'

test('Go durations, with all their units', () => {
  const known = {
    '90s': 90_000,
    '5m': 300_000,
    '1h30m': 5_400_000,
    '1.5h': 5_400_000,
    '.5s': 500,
    '1.s': 1000,
    '250ms': 250,
    '1h2m3s4ms': 3_723_004,
    '1000us': 1,
    '1000µs': 1,
    '1000μs': 1,
    '2000000ns': 2,
    '+3s': 3000,
    '0': 0,
    '0s': 0,
    '1m1m': 120_000,
  }
  for (const [text, ms] of Object.entries(known)) assert.equal(parseDuration(text), ms, text)
})

test('what is none: no unit, spaces, signs, words, exponents', () => {
  for (const text of [
    '',
    '5',
    '5 m',
    's',
    '.s',
    '1d',
    '-5m',
    '5m ',
    '1e3s',
    '5M',
    '5m5',
    '1..5s',
    'Infinitys',
    '٣s',
    '5m\n',
  ]) {
    assert.equal(parseDuration(text), null, JSON.stringify(text))
  }
})

test('a duration beyond what Helm can hold is none', () => {
  assert.equal(parseDuration(`${'9'.repeat(400)}h`), null)
  assert.equal(parseDuration('9999999h'), null)
  assert.equal(parseDuration('2562047h'), 2_562_047 * 3_600_000)
})

test('written as Helm reads it, and read back the same', () => {
  const written = {
    0: '0ms',
    250: '250ms',
    999: '999ms',
    1000: '1s',
    60_000: '1m',
    90_000: '1m30s',
    3_600_000: '1h',
    3_660_000: '1h1m',
    3_601_000: '1h1s',
  }
  for (const [ms, text] of Object.entries(written)) {
    assert.equal(formatDuration(Number(ms)), text)
    assert.equal(parseDuration(text), Number(ms))
  }
  assert.equal(formatDuration(999.6), '1s')
  assert.equal(formatDuration(59_999), '1m')
})
