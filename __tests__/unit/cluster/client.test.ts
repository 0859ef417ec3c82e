import assert from 'node:assert/strict'
import { createServer, type RequestListener, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { KubeConfig } from '@kubernetes/client-node'
import { createClient, type ClusterClient } from '../../../src/cluster/client.ts'

const path = '/api/v1/pods'

async function listen(context: TestContext, answer: RequestListener, port = 0): Promise<Server> {
  const server = createServer(answer).listen(port, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return server
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

function clientOf(context: TestContext, server: string): ClusterClient {
  const config = new KubeConfig()
  config.loadFromClusterAndUser({ name: 'c', server, skipTLSVerify: true }, { name: 'u' })
  const client = createClient(config)
  context.after(() => client.close())
  return client
}

test('a read is asked again when the connection breaks or is refused, a write never', async (context) => {
  let asked = 0
  const server = await listen(context, (request, response) => {
    asked += 1
    if (asked > 4 && request.method === 'GET') return response.end('{"kind":"PodList"}')
    return request.socket.destroy()
  })
  const client = clientOf(context, `http://127.0.0.1:${portOf(server)}`)
  assert.deepEqual(await client.get(path), { kind: 'PodList' })
  assert.equal(asked, 5, 'more often than a 5xx is')
  await assert.rejects(client.send('POST', path, { body: {} }), { code: 'ECONNRESET' })
  assert.equal(asked, 6)
})

test('a server that comes back is found', async (context) => {
  const gone = createServer().listen(0, '127.0.0.1')
  await once(gone, 'listening')
  const port = portOf(gone)
  gone.close()
  await once(gone, 'close')
  const answer = clientOf(context, `http://127.0.0.1:${port}`).get(path)
  await sleep(500)
  await listen(context, (_, response) => void response.end('{}'), port)
  assert.deepEqual(await answer, {})
})

test('what will not mend in a moment is told at once: an unknown host, and a time that the caller has set', async (context) => {
  let asked = 0
  const server = await listen(context, () => void (asked += 1))
  const client = clientOf(context, `http://127.0.0.1:${portOf(server)}`)
  await assert.rejects(client.get(path, { timeoutMs: 1000 }), { code: 'ABORT_ERR' })
  assert.equal(asked, 1)
  const began = Date.now()
  await assert.rejects(clientOf(context, 'http://no-such-host.invalid').get(path), /ENOTFOUND|EAI_AGAIN/)
  assert.ok(Date.now() - began < 15_000)
})

test('persistence that begins while an answer is waited for counts for it', async (context) => {
  let asked = 0
  const server = await listen(context, (_, response) => {
    asked += 1
    if (asked > 1) response.end('{}')
  })
  const client = clientOf(context, `http://127.0.0.1:${portOf(server)}`)
  const answer = client.get(path, { timeoutMs: 300 })
  client.persist(Date.now() + 10_000)
  assert.deepEqual(await answer, {})
})
