// Registries that answer, but give no image: the answer is all that they are.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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
]
