import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shouldIgnore } from '../../mutation/prose.ts'
import type { NodePath } from '../../mutation/stryker.ts'

const inNothing: NodePath = { node: { type: 'Program' }, parentPath: null, getFunctionParent: () => null }

/** A text as the value of a property of that name; in a function, or not. */
function text(value: string, name: string, inFunction = false): NodePath {
  const getFunctionParent = (): NodePath | null => (inFunction ? inNothing : null)
  const parentPath = { node: { type: 'ObjectProperty', key: { name } }, parentPath: null, getFunctionParent }
  return { node: { type: 'StringLiteral', value }, parentPath, getFunctionParent }
}

test('the prose of rows is left out, by the name of its property or since a row is made with it', () => {
  for (const name of ['sign', 'why', 'advice', 'source'])
    assert.match(shouldIgnore(text('krane', name, true)) ?? '', /^prose/)
  assert.match(shouldIgnore(text('no node is left', 'other')) ?? '', /^prose/)
})

test('words that decide, and causes, are mutated', () => {
  assert.equal(shouldIgnore(text('the Job failed', 'cause', true)), undefined)
  assert.equal(shouldIgnore(text('Deployment', 'kinds')), undefined)
  assert.equal(shouldIgnore({ ...text('a b', 'sign'), node: { type: 'TemplateLiteral' } }), undefined)
})
