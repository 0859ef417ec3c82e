// The first change that CONTRIBUTING.md describes can still be made: what it begins from is there, and nobody has made it yet.
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
const [, code = ''] = /^exitRow\((\d+), /.exec(row) ?? []

test('the row goes before one that is there, and is not there itself', () => {
  assert.match(code, /^\d+$/)
  const before = /above `exitRow\((\d+), …\)`/.exec(part)?.[1] ?? ''
  assert.ok(crashRows.some(({ sign }) => sign.startsWith(`terminated with exit code ${before}:`)))
  assert.ok(
    !crashRows.some(({ sign }) => sign.includes(`exit code ${code}`)),
    'somebody has made it: describe another one',
  )
})

test('the fixture is made from one that is there, word for word', () => {
  const [, from = '', to = ''] = /(crash-[\w-]+\.yaml) > (crash-[\w-]+\.yaml)/.exec(part) ?? []
  const fixture = read(`__tests__/fixtures/health/${from}`)
  assert.ok(!filesBelow('__tests__/fixtures/health', to).length)
  const replaced = [...part.matchAll(/-e 's\/(.+?)\/(.+?)\/'/g)].map(([, words = '']) => words)
  assert.ok(replaced.length >= 5)
  for (const words of replaced) assert.match(fixture, new RegExp(words, 'm'))
})
