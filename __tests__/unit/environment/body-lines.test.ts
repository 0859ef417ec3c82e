// What of an answer's body is read by people.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bodyLines } from '../../../src/environment/body-lines.ts'

const lines = (text: string, type = 'text/plain'): string[] => bodyLines(Buffer.from(text), type)

test('text is told by its lines, without the empty ones', () => {
  assert.deepEqual(lines('one\r\n\n  two  \n'), ['one', 'two'])
  assert.deepEqual(lines('{"error":"no"}', 'application/problem+json; charset=utf-8'), ['{"error":"no"}'])
  assert.deepEqual(lines('plain', ''), ['plain'])
})

test('of HTML the words are told', () => {
  const html =
    '<!doctype html><html><head><style>a{}</style><title>Down</title></head><body onload="x()"><h1>503 <b>no</b></h1><script>go('
  assert.deepEqual(lines(html, 'text/html'), ['Down', '503', 'no'])
})

test('what is no text is not told', () => {
  assert.deepEqual(lines('words', 'image/png'), [])
  assert.deepEqual(lines('words', 'application/octet-stream'), [])
  assert.deepEqual(lines('a\0b'), [])
})

test('ten lines are told, and none is long or moves the cursor', () => {
  assert.equal(lines('x\n'.repeat(50)).length, 10)
  assert.equal(lines('y'.repeat(4000))[0]?.length, 300)
  assert.deepEqual(lines('\u001B[2Jgone\u202Eenog'), ['goneenog'])
})
