import assert from 'node:assert/strict'
import { test } from 'node:test'

import { instanceOf } from '../../testbed/paths.ts'

test('two instances share neither directory, node name nor network interface', () => {
  const [a, b] = [instanceOf('a'), instanceOf('b')]
  assert.notEqual(a.dir, b.dir)
  assert.notEqual(a.nodeName, b.nodeName)
  assert.notEqual(a.bridge, b.bridge)
})

test('an interface name fits into the 15 bytes of the kernel, however long the instance is called', () => {
  assert.ok(instanceOf('a'.repeat(20)).bridge.length <= 15)
})

test('names that would leave the directory or break a node name are refused', () => {
  for (const name of ['', '..', 'a/b', 'A', '-a', 'a-', 'a'.repeat(21)]) {
    assert.throws(() => instanceOf(name), /cannot name a testbed/, name)
  }
})
