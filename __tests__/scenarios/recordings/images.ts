// Registries that answer, but give no image: the answer is all that they are.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { imageOf, programLayer, type Image } from '../../testbed/image.ts'
import { pushImage } from '../../testbed/testbed.ts'
import { web } from '../objects.ts'
import type { Recorded } from './all.ts'

const hosts = new Map<string, string>()

function answered(fixture: string, about: string, status: number, code: string, message: string): Recorded {
  return {
    fixture,
    about,
    change: async ({ namespace }, context) => {
      const body = JSON.stringify({ errors: [{ code, message }] })
      const server = createServer((_, answer) =>
        answer.writeHead(status, { 'content-type': 'application/json' }).end(body),
      )
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      hosts.set(namespace, `127.0.0.1:${(server.address() as AddressInfo).port}`)
      context.after(() => server.closeAllConnections())
      context.after(() => void server.close())
    },
    bad: ({ namespace }) => ({ web: web({ container: { image: `${hosts.get(namespace)}/shop/web:2.4.0` } }) }),
  }
}

export const images: Recorded[] = [
  answered(
    'image-registry-denies',
    'The registry wants other credentials',
    401,
    'UNAUTHORIZED',
    'authentication required',
  ),
  answered(
    'image-registry-fails',
    'A registry that answers 503 for longer than a hiccup',
    503,
    'UNAVAILABLE',
    'try later',
  ),
  answered('image-rate-limit', 'A registry that limits the rate', 429, 'TOOMANYREQUESTS', 'pull rate limit reached'),
  {
    fixture: 'image-platform',
    about: 'An image without a variant for the platform of the node',
    bad: async ({ namespace, testbed }) => {
      const { manifest } = await pushed(testbed.registry, `foreign-${namespace}`)
      const { mediaType, digest, size } = manifest
      const type = 'application/vnd.oci.image.index.v1+json'
      const index = {
        schemaVersion: 2,
        mediaType: type,
        manifests: [{ mediaType, digest, size, platform: { architecture: 's390x', os: 'linux' } }],
      }
      const answer = await fetch(`http://${testbed.registry}/v2/foreign-${namespace}/manifests/1`, {
        method: 'PUT',
        headers: { 'content-type': type },
        body: JSON.stringify(index),
      })
      assert.ok(answer.ok, String(answer.status))
      return { web: web({ container: { image: `${testbed.registry}/foreign-${namespace}:1` } }) }
    },
  },
]

async function pushed(registry: string, repository: string): Promise<Image> {
  const image = imageOf(programLayer(Buffer.from('nothing')), { command: [] })
  await pushImage(registry, repository, 'only', image)
  return image
}
