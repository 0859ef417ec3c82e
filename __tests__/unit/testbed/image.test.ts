import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'

import { archiveOf, imageOf, programLayer } from '../../testbed/image.ts'

const layer = programLayer(Buffer.from('a program'))
const sha256 = (content: Buffer) => `sha256:${createHash('sha256').update(content).digest('hex')}`

test('a manifest names its config and layer by digest and size', () => {
  const { manifest, config } = imageOf(layer, { command: ['serve'], env: { APP_VERSION: '1' } })
  const parsed = JSON.parse(manifest.content.toString()) as { config: object; layers: object[] }
  const described = ({ mediaType, content }: typeof config) => ({
    mediaType,
    digest: sha256(content),
    size: content.length,
  })
  assert.deepEqual(parsed.config, described(config))
  assert.deepEqual(parsed.layers, [described(layer)])
  const { rootfs } = JSON.parse(config.content.toString()) as { rootfs: { diff_ids: string[] } }
  assert.deepEqual(rootfs.diff_ids, [sha256(layer.content)])
})

test('images that differ only in a label or a variable have different digests', () => {
  const settings = [
    { command: ['serve'] },
    { command: ['serve'], labels: { a: 'b' } },
    { command: ['serve'], env: { A: 'b' } },
  ]
  const images = settings.map((each) => imageOf(layer, each))
  assert.equal(new Set(images.map(({ config }) => config.digest)).size, 3)
  assert.equal(new Set(images.map(({ manifest }) => manifest.digest)).size, 3)
})

test('an archive holds a layer that several images share only once', () => {
  const images = { 'a:1': imageOf(layer, { command: ['a'] }), 'b:1': imageOf(layer, { command: ['b'] }) }
  const text = archiveOf(images).toString('latin1')
  assert.equal(text.split(`blobs/${layer.digest.replace(':', '/')}`).length - 1, 1)
  assert.match(text, /"io.containerd.image.name":"b:1"/)
})
