import { readFileSync } from 'node:fs'
import https from 'node:https'
import http from 'node:http'
import type { KubeConfig } from '@kubernetes/client-node'
import { systemClock } from '../platform/clock.ts'
import { secretsOfRequest } from './request-secrets.ts'
import { createServerClock } from './server-clock.ts'

/** An answer of the API server that is not a success; `reason` and `message` are those of its Status object. */
export class ApiError extends Error {
  readonly status: number
  readonly reason: string
  readonly path: string

  constructor(status: number, reason: string, message: string, path: string) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.reason = reason
    this.path = path
  }
}

export interface RequestOptions {
  readonly body?: unknown
  readonly contentType?: string
  readonly accept?: string
  readonly signal?: AbortSignal
  /** Milliseconds until the answer must be complete; 15,000 unless told. */
  readonly timeoutMs?: number
}

/**
 * The API server as unstructured JSON. Reads are retried on 429 and 5xx for 2 s, and on connections that break, are refused or
 * stay silent for 10 s, in which a load balancer or a server comes back; writes never are.
 */
export interface ClusterClient {
  get<T>(path: string, options?: RequestOptions): Promise<T>
  send<T>(method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, options?: RequestOptions): Promise<T>
  text(path: string, options?: RequestOptions): Promise<string>
  /**
   * Yields the lines of a streamed answer until it ends; throws ApiError, or the connection's error. `silenceMs` ends a stream
   * that says nothing for so long, or does not begin within 15 s: a connection can be dead without anybody telling. Without it the
   * first line may take as long as it likes, as that of a container which logs nothing.
   */
  lines(path: string, signal: AbortSignal, silenceMs?: number): AsyncGenerator<string>
  /** The API server's time now, in ms since 1970: event and container times are compared with this, not with the runner's clock. */
  now(): number
  /**
   * Until then (ms since 1970, this machine's clock) nothing that can be asked again is given up because the server cannot be reached or
   * is overloaded: an undo must not end with an outage that is shorter than its budget.
   */
  persist(untilMs: number): void
  /** Closes idle connections, so that the process can end. */
  close(): void
}

/** A list is complete by then, and a watch has begun: the API server sends its headers before there is an event. */
const answerMs = 15_000
const retryDelaysMs = [200, 600, 1500]
const persistDelayMs = 2000
const brokenForMs = 10_000
const credentialsMaxAgeMs = 20_000
const maxAnswerBytes = 256 * 1024 * 1024

interface Credentials {
  readonly options: https.RequestOptions
  readonly at: number
}

/**
 * Connects lazily to the current context of a kubeconfig; credentials (token files, exec plugins) are read again as they age.
 * `tokenFile` is that of the current user, which the kubeconfig library does not know. `learn` is told what the server is shown before it
 * is: what a plugin gives stands in no kubeconfig.
 */
export function createClient(
  kubeConfig: KubeConfig,
  tokenFile: string | null = null,
  learn: (secrets: readonly string[]) => void = () => {},
): ClusterClient {
  const cluster = kubeConfig.getCurrentCluster()
  if (!cluster) throw new Error('the kubeconfig has no current cluster')
  const server = new URL(cluster.server)
  const transport = server.protocol === 'http:' ? http : https
  const clock = createServerClock()
  let credentials: Credentials | undefined
  let asking: Promise<Credentials> | undefined
  let persistUntil = 0
  const agents = new Map<string, https.Agent>()

  /** Requests that start together ask once: an exec plugin may take seconds, or open a browser. */
  async function authenticated(fresh: boolean): Promise<https.RequestOptions> {
    const isYoung = credentials && systemClock.now() - credentials.at < credentialsMaxAgeMs
    if (!fresh && credentials && isYoung) return credentials.options
    asking ??= ask().finally(() => (asking = undefined))
    credentials = await asking
    return credentials.options
  }

  async function ask(): Promise<Credentials> {
    const options: https.RequestOptions = { headers: {} }
    await kubeConfig.applyToHTTPSOptions(options)
    if (tokenFile)
      options.headers = {
        ...(options.headers as Record<string, string>),
        Authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}`,
      }
    learn(secretsOfRequest(options))
    const given = options.agent
    const isPlain = given === undefined || given === false || Object.getPrototypeOf(given) === https.Agent.prototype
    if (isPlain && transport === https) options.agent = agentFor(options)
    return { options, at: systemClock.now() }
  }

  /** One agent for as long as certificates stay the same. An older one is left to its running requests. */
  function agentFor({
    ca,
    cert,
    key,
    pfx,
    passphrase,
    servername,
    rejectUnauthorized,
  }: https.RequestOptions): https.Agent {
    const given = Object.entries({ ca, cert, key, pfx, passphrase, servername, rejectUnauthorized })
    const tls = Object.fromEntries(given.filter(([, value]) => value !== undefined))
    const name = JSON.stringify(tls)
    const known = agents.get(name)
    if (known) return known
    // Helm honours HTTPS_PROXY and NO_PROXY, and never sends loopback addresses through a proxy; so do we.
    const proxy = isLoopback(server.hostname) ? {} : { proxyEnv: process.env }
    const agent = new https.Agent({ keepAlive: true, maxSockets: 32, ...proxy, ...tls })
    agents.set(name, agent)
    return agent
  }

  async function open(
    method: string,
    path: string,
    options: RequestOptions,
    fresh = false,
  ): Promise<http.IncomingMessage> {
    const auth = await authenticated(fresh)
    const body = options.body === undefined ? undefined : JSON.stringify(options.body)
    const headers: Record<string, string | string[]> = {
      ...(auth.headers as Record<string, string>),
      accept: options.accept ?? 'application/json',
      'user-agent': 'atomic-helm-action',
    }
    if (body !== undefined) {
      headers['content-type'] = options.contentType ?? 'application/json'
      // Node tells no length for a DELETE by itself: the server would miss the body, and take it for the next request.
      headers['content-length'] = String(Buffer.byteLength(body))
    }
    const prefix = server.pathname.replace(/\/$/, '')
    const started = systemClock.now()
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const request = transport.request(
        {
          ...auth,
          method,
          host: server.hostname,
          port: server.port || (transport === https ? 443 : 80),
          path: prefix + path,
          headers,
          ...(options.signal ? { signal: options.signal } : {}),
        },
        resolve,
      )
      request.on('error', reject)
      request.end(body)
    })
    if (response.statusCode === 401 && !fresh) {
      response.resume()
      return open(method, path, options, true)
    }
    const date = Date.parse(response.headers.date ?? '')
    if (date) clock.learn(date, started, systemClock.now())
    return response
  }

  async function once(
    method: string,
    path: string,
    options: RequestOptions,
  ): Promise<{ text: string; retryAfterMs: number | null; error?: ApiError }> {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? answerMs)
    const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout
    const response = await open(method, path, { ...options, signal })
    const text = await readAll(response)
    const status = response.statusCode ?? 0
    if (status >= 200 && status < 300) return { text, retryAfterMs: null }
    const retryAfterS = Number(response.headers['retry-after'])
    return { text, retryAfterMs: retryAfterS > 0 ? retryAfterS * 1000 : null, error: toApiError(status, text, path) }
  }

  /** For requests that do the same however often they arrive. */
  async function repeatedly(method: string, path: string, options: RequestOptions = {}): Promise<string> {
    let brokenSince: number | null = null
    for (let attempt = 0; ; attempt++) {
      // Asked when it has failed: persistence may begin while an answer is waited for.
      const isPersistent = (): boolean => systemClock.now() < persistUntil
      const delay = (): number | undefined => retryDelaysMs[attempt] ?? (isPersistent() ? persistDelayMs : undefined)
      try {
        const { text, error, retryAfterMs } = await once(method, path, options)
        if (!error) return text
        const transient = error.status === 429 || error.status >= 500
        const ms = delay()
        if (!transient || ms === undefined) throw error
        await systemClock.sleep(Math.min(retryAfterMs ?? ms * (0.5 + Math.random()), 5000), options.signal)
      } catch (error) {
        if (error instanceof ApiError || options.signal?.aborted) throw error
        if (!isPersistent() && !isBroken(error, options)) throw error
        brokenSince ??= systemClock.now()
        if (!isPersistent() && systemClock.now() - brokenSince >= brokenForMs) throw error
        await systemClock.sleep((delay() ?? persistDelayMs) * (0.5 + Math.random()), options.signal)
      }
    }
  }

  async function* lines(path: string, signal: AbortSignal, silenceMs?: number): AsyncGenerator<string> {
    const unanswered = new AbortController()
    const timer = silenceMs ? setTimeout(() => unanswered.abort(), answerMs) : undefined
    // A signal of its own for each stream: many listeners on one look like a leak to Node.
    const both = AbortSignal.any([signal, unanswered.signal])
    const response = await open('GET', path, { signal: both }).finally(() => clearTimeout(timer))
    if (silenceMs)
      response.setTimeout(silenceMs, () => response.destroy(new Error(`nothing was heard for ${silenceMs} ms`)))
    if ((response.statusCode ?? 0) >= 300) throw toApiError(response.statusCode ?? 0, await readAll(response), path)
    response.setEncoding('utf8')
    let rest = ''
    for await (const chunk of response as AsyncIterable<string>) {
      const parts = (rest + chunk).split('\n')
      rest = parts.pop() ?? ''
      yield* parts
    }
    if (rest) yield rest
  }

  return {
    get: async <T>(path: string, options?: RequestOptions) => JSON.parse(await repeatedly('GET', path, options)) as T,
    send: async <T>(method: string, path: string, options: RequestOptions = {}) => {
      // A deletion names its uid, and a patch its fields: done twice they do no more.
      const isSame = method === 'DELETE' || method === 'PATCH'
      if (isSame && systemClock.now() < persistUntil) return JSON.parse(await repeatedly(method, path, options)) as T
      const { text, error } = await once(method, path, options)
      if (error) throw error
      return JSON.parse(text) as T
    },
    text: (path, options) => repeatedly('GET', path, options),
    lines,
    now: () => clock.now(systemClock.now()),
    persist: (untilMs) => void (persistUntil = untilMs),
    close: () => agents.forEach((agent) => agent.destroy()),
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

async function readAll(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxAnswerBytes) throw new Error(`the API server's answer is over ${maxAnswerBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function toApiError(status: number, text: string, path: string): ApiError {
  try {
    const body = JSON.parse(text) as { reason?: string; message?: string }
    return new ApiError(status, body.reason ?? '', body.message || `HTTP ${status}`, path)
  } catch {
    return new ApiError(status, '', `HTTP ${status} ${text.slice(0, 200)}`.trim(), path)
  }
}

const brokenCodes = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'UND_ERR_SOCKET'])

/** Connections that may be back in a moment, as against refused certificates or an unknown host (ENOTFOUND). */
function isBroken(error: unknown, { timeoutMs }: RequestOptions): boolean {
  const code = (error as { code?: string }).code ?? ''
  // Our own timeout; who sets one has no more time than that.
  return brokenCodes.has(code) || (code === 'ABORT_ERR' && timeoutMs === undefined)
}
