import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderWaiting } from '../../../src/deploy/waiting-table.ts'

const row = (name: string, seconds: number, waitsFor = '1 of 2 pods ready') => ({
  name,
  ready: 1,
  wanted: 2,
  waitsFor,
  seconds,
})

test('columns are aligned, and the longest wait comes first', () => {
  assert.deepEqual(renderWaiting([row('Deployment/web', 9), row('StatefulSet/database', 101)], 7).split('\n'), [
    'waiting for 2 of 7',
    '  resource              ready  waits for          since',
    '  StatefulSet/database  1/2    1 of 2 pods ready  101 s',
    '  Deployment/web        1/2    1 of 2 pods ready    9 s',
  ])
  assert.equal(renderWaiting([], 7), '')
})

test('fifteen rows are shown, on lines that a log can show', () => {
  const rows = Array.from({ length: 200 }, (_, index) =>
    row(`Deployment/${'x'.repeat(250)}${String(index)}`, index, 'a\nb '.repeat(300)),
  )
  const lines = renderWaiting(rows, 200).split('\n')
  assert.equal(lines.length, 18)
  assert.equal(lines.at(-1), '  and 185 more')
  for (const line of lines) assert.ok(line.length < 170, line)
})
