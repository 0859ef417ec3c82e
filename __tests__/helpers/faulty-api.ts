// The API server behind a bad line: a proxy that drops, delays, resets, refuses and answers in its stead, on demand, and counts.
import { readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Agent, createServer, request as callServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { kubeconfigFor } from '../testbed/testbed.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { makeCertificate } from './certificate.ts'
import { temporaryDirectory } from './temporary.ts'

/** Which requests a fault meets; everything when left out. The path has its query. */
export type ApiWhere = { method?: string | readonly string[]; path?: RegExp }
export type ApiFault = {
  /** An answer of the proxy's own, a late answer, none at all (the connection stays open), or a connection that is reset. */
  as: 429 | 500 | 503 | 'delay' | 'hang' | 'reset'
  on?: ApiWhere
  /** How many requests it meets; all of them when `Infinity`. */
  times?: number
  /** Milliseconds of a delay. */
  ms?: number
  /** Seconds in the Retry-After header of a 429 or 503. */
  retryAfter?: number
  /** Resets after so many bytes of the true answer, so that the request has taken effect; before it is sent when left out. */
  afterBytes?: number
}
export type ApiRequest = {
  method: string
  path: string
  isWatch: boolean
  /** Who asks, as it calls itself. */
  agent: string
  /** What was answered; 0 while it is open, or when the connection was cut. */
  status: number
  at: number
}
export type FaultyApi = {
  url: string
  /** The testbed's, but for the address. */
  kubeconfig: string
  /** Every request since the start or the last `forget`. */
  requests: () => ApiRequest[]
  forget: () => void
  fail: (fault: ApiFault) => void
  /** Takes back all faults that have not happened yet. */
  heal: () => void
  /** Cuts all connections and refuses new ones for so long; for good when left out. */
  refuse: (ms?: number) => Promise<void>
  /** Ends all open watches as the API server does when their version is too old, and tells how many there were. */
  endWatches: () => number
  /** Makes the server's clock wrong by so much, as its answers tell it. */
  skew: (ms: number) => void
  close: () => Promise<void>
}
type Queued = ApiFault & { left: number }

const gone = {
  type: 'ERROR',
  object: {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message: 'too old resource version: 1 (2)',
    reason: 'Expired',
    code: 410,
  },
}

export type FaultyApiOptions = {
  /** The text of its kubeconfig; an administrator's with a token when left out. */
  kubeconfigOf?: (cluster: { server: string; caFile: string }) => string
  /** Takes a bearer token for another; a request without one to take it for is answered with 401. */
  exchange?: (token: string) => string | undefined
}

/** Starts the proxy on a loopback port. */
export async function startFaultyApi(testbed: Testbed, options: FaultyApiOptions = {}): Promise<FaultyApi> {
  const { kubeconfigOf = (cluster) => kubeconfigFor(cluster, { token: testbed.adminToken }), exchange } = options
  const certificate = await makeCertificate()
  const agent = new Agent({ ca: readFileSync(testbed.caFile), keepAlive: true })
  const queue: Queued[] = []
  const requests: ApiRequest[] = []
  const sockets = new Set<Socket>()
  const watches = new Set<ServerResponse>()
  const clock = { skewMs: 0 }
  const server = createServer({ cert: certificate.cert, key: certificate.key }, (request, response) => {
    handle(request, response).catch(() => response.destroy())
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket))
  })
  server.on('tlsClientError', () => undefined)

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [method, path] = [request.method ?? 'GET', request.url ?? '/']
    const isWatch = /[?&]watch=(true|1)/.test(path)
    const agent = request.headers['user-agent'] ?? ''
    const seen: ApiRequest = { method, path, isWatch, agent, status: 0, at: Date.now() }
    requests.push(seen)
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    const fault = take(method, path)
    if (fault?.as === 'hang') return
    if (fault?.as === 'delay') await sleep(fault.ms ?? 1000, undefined, { ref: false })
    if (fault?.as === 'reset' && fault.afterBytes === undefined) return reset(request)
    if (typeof fault?.as === 'number') {
      seen.status = fault.as
      return refuseWith(request, response, { ...fault, as: fault.as })
    }
    if (exchange) {
      const token = exchange(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '')
      if (token === undefined) {
        seen.status = 401
        return refuseWith(request, response, { as: 401 })
      }
      request.headers.authorization = `Bearer ${token}`
    }
    forward(request, response, seen, fault?.afterBytes)
  }

  function take(method: string, path: string): Queued | undefined {
    const next = queue.find(
      ({ left, on }) =>
        left > 0 &&
        (on?.method === undefined || [on.method].flat().includes(method)) &&
        (on?.path === undefined || on.path.test(path)),
    )
    if (next) next.left -= 1
    return next
  }

  function forward(
    request: IncomingMessage,
    response: ServerResponse,
    seen: ApiRequest,
    resetAfter: number | undefined,
  ): void {
    const { host: _, ...headers } = request.headers
    const call = callServer(new URL(seen.path, testbed.server), { method: seen.method, headers, agent }, (answer) => {
      seen.status = answer.statusCode ?? 0
      const date = answer.headers.date === undefined ? {} : { date: skewed(answer.headers.date, clock.skewMs) }
      response.writeHead(seen.status, { ...answer.headers, ...date })
      response.flushHeaders()
      if (seen.isWatch) watches.add(response)
      let sent = 0
      answer.on('data', (chunk: Buffer) => {
        if (resetAfter !== undefined && sent + chunk.length > resetAfter) {
          response.write(chunk.subarray(0, resetAfter - sent), () => reset(request))
          answer.destroy()
          return
        }
        sent += chunk.length
        response.write(chunk)
      })
      answer.on('end', () => (resetAfter === undefined ? response.end() : reset(request)))
      answer.on('error', () => response.destroy())
    })
    call.on('error', () => response.destroy())
    response.once('close', () => {
      watches.delete(response)
      call.destroy()
    })
    request.pipe(call)
  }

  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
  const cut = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of sockets) socket.resetAndDestroy()
    await closed
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  const url = `https://127.0.0.1:${port}`
  const kubeconfig = join(temporaryDirectory('faulty-api'), 'kubeconfig')
  writeFileSync(kubeconfig, kubeconfigOf({ server: url, caFile: certificate.file }), { mode: 0o600 })
  return {
    url,
    kubeconfig,
    requests: () => structuredClone(requests),
    forget: () => void requests.splice(0),
    fail: (fault) => void queue.push({ ...fault, left: fault.times ?? 1 }),
    heal: () => void queue.splice(0),
    async refuse(ms) {
      if (server.listening) await cut()
      if (ms === undefined) return
      await sleep(ms)
      await listen(port)
    },
    endWatches() {
      const open = [...watches]
      for (const response of open) response.end(`${JSON.stringify(gone)}\n`)
      return open.length
    },
    skew: (ms) => {
      clock.skewMs = ms
    },
    async close() {
      if (server.listening) await cut()
      agent.destroy()
    },
  }
}

function reset(request: IncomingMessage): void {
  // The raw connection below TLS, whose end must not look like a proper one.
  const { socket } = request
  socket.destroy()
}

const refusals = {
  401: { reason: 'Unauthorized', message: 'Unauthorized' },
  429: { reason: 'TooManyRequests', message: 'Too many requests, please try again later.' },
  500: { reason: 'InternalError', message: 'etcdserver: leader changed' },
  503: { reason: 'ServiceUnavailable', message: 'etcdserver: request timed out' },
}

function refuseWith(
  request: IncomingMessage,
  response: ServerResponse,
  { as, retryAfter }: { as: keyof typeof refusals; retryAfter?: number },
): void {
  request.resume()
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', ...refusals[as], code: as }
  const headers = as === 429 || as === 503 ? { 'retry-after': String(retryAfter ?? 1) } : {}
  response.writeHead(as, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

function skewed(date: string, ms: number): string {
  return new Date(Date.parse(date) + ms).toUTCString()
}
