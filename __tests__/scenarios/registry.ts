// A registry that is slow, or down for a while: a proxy in front of the real one.
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestContext } from 'node:test'
import type { Stage } from '../helpers/stage.ts'
import { web } from './objects.ts'
import type { Scenario } from './scenario.ts'

type Trouble = { downMs?: number; delayMs?: number }
const hosts = new Map<string, string>()

export const registries: Scenario[] = [
  {
    name: 'that answers 503 for half a minute',
    prepare: (stage, context) => startProxy(stage, context, { downMs: 30_000 }),
    bad: pulledThere,
    expect: { succeeds: {} },
  },
  {
    name: 'that takes half a minute for an image',
    prepare: (stage, context) => startProxy(stage, context, { delayMs: 30_000 }),
    bad: pulledThere,
    expect: { succeeds: {} },
  },
]

function pulledThere({ namespace, testbed }: Stage): { web: object } {
  const image = testbed.images.pulled.replace(/^[^/]+/, hosts.get(namespace) ?? '')
  return { web: web({ container: { image, imagePullPolicy: 'Always' } }) }
}

/** Passes everything on to the testbed's registry, after a while. */
async function startProxy(stage: Stage, context: TestContext, { downMs = 0, delayMs = 0 }: Trouble): Promise<void> {
  let first = 0
  const server = createServer((asked, answer) => {
    void (async () => {
      first ||= Date.now()
      if (Date.now() - first < downMs) return answer.writeHead(503).end()
      if (/\/manifests\//.test(asked.url ?? '')) await sleep(delayMs)
      const target = new URL(asked.url ?? '/', `http://${stage.testbed.registry}`)
      const passed = request(
        target,
        { method: asked.method, headers: { ...asked.headers, host: target.host } },
        (got) => {
          answer.writeHead(got.statusCode ?? 502, got.headers)
          got.pipe(answer)
        },
      )
      passed.on('error', () => answer.destroy())
      return passed.end()
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  hosts.set(stage.namespace, `127.0.0.1:${(server.address() as AddressInfo).port}`)
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
}
