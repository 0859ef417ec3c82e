// The first change that CONTRIBUTING.md describes is begun from what is there, and ends, once somebody has made it, as it is described.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeBlocks, document } from '../../helpers/documents.ts'
import { crashRows } from '../../../src/health/table/crashes.ts'
import { filesBelow, read } from './files.ts'

const part =
  document('CONTRIBUTING.md')
    .text.split(/^## /m)
    .find((one) => one.startsWith('A first good change')) ?? ''
const [row = ''] = codeBlocks({ path: '', text: part }, /^ts$/)
const [, code = '', meaning = ''] = /^exitRow\((\d+), '([^']+)'/.exec(row) ?? []
const [, from = '', to = ''] = /(crash-[\w-]+\.yaml) > (crash-[\w-]+\.yaml)/.exec(part) ?? []
const sign = `terminated with exit code ${code}: ${meaning}`
const isMade = crashRows.some((one) => one.sign === sign)

test('the row goes before one that is there, and no other tells of its exit code', () => {
  assert.match(code, /^\d+$/)
  const before = /above `exitRow\((\d+), …\)`/.exec(part)?.[1] ?? ''
  assert.ok(crashRows.some((one) => one.sign.startsWith(`terminated with exit code ${before}:`)))
  assert.ok(isMade || !crashRows.some((one) => one.sign.includes(`exit code ${code}:`)), 'describe another one')
})

test('the test that is to fail says what the text says', () => {
  assert.ok(part.includes(`\`G02 ${sign}\``))
})

test('the fixture is made from one that is there, word for word', () => {
  const fixture = read(`__tests__/fixtures/health/${from}`)
  assert.equal(filesBelow('__tests__/fixtures/health', to).length, isMade ? 1 : 0)
  const replaced = [...part.matchAll(/-e 's\/(.+?)\/(.+?)\/'/g)].map(([, words = '']) => words)
  assert.ok(replaced.length >= 5)
  for (const words of replaced) assert.match(fixture, new RegExp(words, 'm'))
})
