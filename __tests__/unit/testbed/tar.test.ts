import assert from 'node:assert/strict'
import { test } from 'node:test'

import { tar } from '../../testbed/tar.ts'

// A reader written from the format's description, not from our writer.
function entriesOf(archive: Buffer) {
  const found: { name: string; mode: string; type: string; content: string }[] = []
  for (let at = 0; archive[at] !== 0;) {
    const header = archive.subarray(at, at + 512)
    const field = (from: number, to: number) => header.toString('latin1', from, to).replace(/[\0 ].*$/s, '')
    const size = Number.parseInt(field(124, 136), 8)
    const unsigned = Buffer.from(header).fill(' ', 148, 156)
    assert.equal(
      Number.parseInt(field(148, 156), 8),
      unsigned.reduce((sum, byte) => sum + byte, 0),
      'checksum',
    )
    assert.equal(header.toString('latin1', 257, 265), 'ustar\u000000')
    const content = archive.toString('utf8', at + 512, at + 512 + size)
    found.push({ name: field(0, 100), mode: field(100, 108), type: field(156, 157), content })
    at += 512 + Math.ceil(size / 512) * 512
  }
  return found
}

test('an archive holds its files and directories with their modes', () => {
  const archive = tar([
    { name: 'tmp/', mode: 0o1777 },
    { name: 'app', mode: 0o755, content: 'x'.repeat(513) },
    { name: 'empty', mode: 0o644 },
  ])
  assert.deepEqual(entriesOf(archive), [
    { name: 'tmp/', mode: '0001777', type: '5', content: '' },
    { name: 'app', mode: '0000755', type: '0', content: 'x'.repeat(513) },
    { name: 'empty', mode: '0000644', type: '0', content: '' },
  ])
})

test('an archive ends with two empty blocks and is a whole number of blocks', () => {
  const archive = tar([{ name: 'a', mode: 0o644, content: 'a' }])
  assert.equal(archive.length, 4 * 512)
  assert.ok(archive.subarray(2 * 512).every((byte) => byte === 0))
})

test('a name that the simple format cannot hold is refused', () => {
  assert.throws(() => tar([{ name: 'n'.repeat(101), mode: 0o644 }]), /too long/)
})
