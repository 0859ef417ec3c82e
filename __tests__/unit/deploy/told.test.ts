import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTold } from '../../../src/deploy/told.ts'

/** Tells one object's states, one every `everyMs`; gives what is written, with its second. */
function story(states: readonly string[], everyMs: number): string[] {
  const told = createTold()
  return states.flatMap((state, index) => {
    const text = told.tell('web', state, index * everyMs)
    return text === null ? [] : [`${String((index * everyMs) / 1000)}: ${text}`]
  })
}

const repeat = (length: number, ...states: string[]): string[] =>
  Array.from({ length }, (_, index) => states[index % states.length] ?? '')

test('a change is told once', () => {
  assert.deepEqual(story(['a', 'a', 'b', 'b', 'c'], 100), ['0: a', '0.2: b', '0.4: c'])
  assert.deepEqual(story(['a', 'b', 'a'], 20_000), ['0: a', '20: b', '40: a'])
})

test('what flips is told again after 15 s, with how often it has changed', () => {
  assert.deepEqual(story(repeat(20, 'a', 'b'), 1000), ['0: a', '1: b', '16: a (changed 14 times since)', '17: b'])
})

test('what stays is told in the end, also when it was held back', () => {
  assert.deepEqual(story(['a', 'b', ...repeat(20, 'a')], 1000), ['0: a', '1: b', '15: a'])
})

test('what counts up is told five times in 15 s, and its end at once', () => {
  const told = createTold()
  const lines = Array.from({ length: 200 }, (_, index) => told.tell('web', `${String(index)} of 200`, index * 100))
  assert.equal(lines.filter((line) => line !== null).length, 10)
  assert.equal(told.tell('web', 'ready', 20_000, true), 'ready (changed 45 times since)')
})

test('of many that say the same one is told, and each again when it says something new', () => {
  const told = createTold()
  const one = (kind: string, key: string, now: number) => told.tellOne(kind, key, `${key} ${kind}`, now)
  assert.equal(one('absent', 'x', 0), 'x absent')
  assert.equal(one('absent', 'y', 100), null)
  assert.equal(one('refused', 'y', 200), 'y refused')
  assert.equal(one('refused', 'x', 300), null)
  assert.equal(one('absent', 'z', 16_000), 'z absent')
})
