import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dnsLabel, labelValue } from '../../../src/preview/naming.ts'

const isLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

test('what is a DNS label already stays as it is', () => {
  for (const text of ['pr-7', 'a', '7', 'a--b', 'x'.repeat(53)]) assert.equal(dnsLabel(text, 53), text)
})

const readable = [
  ['feature/Login', /^feature-login-[\da-f]{8}$/],
  ['$(rm -rf)', /^rm-rf-[\da-f]{8}$/],
  ['-a_', /^a-[\da-f]{8}$/],
  ['Füße', /^f-e-[\da-f]{8}$/],
  ['功能', /^x[\da-f]{8}$/],
  ['', /^x[\da-f]{8}$/],
  ['../../etc', /^etc-[\da-f]{8}$/],
] as const
for (const [text, wanted] of readable)
  test(`"${text}" becomes a label that can be read`, () => assert.match(dnsLabel(text, 53), wanted))

test('what is cut keeps its length, has no dash at an end, and is stable', () => {
  for (const most of [20, 53, 63])
    for (const text of ['a'.repeat(200), 'a-'.repeat(100), `${'a'.repeat(most - 10)}---------tail`]) {
      const name = dnsLabel(text, most)
      assert.ok(name.length <= most, name)
      assert.match(name, isLabel)
      assert.doesNotMatch(name, /--[\da-f]{8}$/)
      assert.equal(dnsLabel(text, most), name)
    }
})

test('texts that look the same once they are safe become different names', () => {
  const alike = ['a/b', 'a-b', 'A-b', 'a_b', 'a--b', '-a-b', 'a.b', `a-b${'x'.repeat(60)}`, `a-b${'x'.repeat(61)}`]
  assert.equal(new Set(alike.map((text) => dnsLabel(text, 53))).size, alike.length)
})

test('a label value is valid, and always tells texts apart', () => {
  const values = ['acme/shop', 'acme-shop', 'other/shop', '///', 'x'.repeat(300)].map((text) => labelValue(text, text))
  for (const value of values) assert.match(value, /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/)
  assert.equal(new Set(values).size, values.length)
})
