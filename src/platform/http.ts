import { getProxyUrl } from '@actions/http-client'
import type { Readable } from 'node:stream'
import { Agent, Pool, ProxyAgent, request, type Dispatcher } from 'undici'
import { oneLine } from './untrusted.ts'

/** What a server answers, its body unread. */
export interface HttpAnswer {
  readonly status: number
  /** A header by its lower-case name. */
  readonly header: (name: string) => string | null
  readonly body: Readable
  /** Gives up the body, when it is not wanted. */
  readonly discard: () => void
}

export type HttpGet = (url: string, signal: AbortSignal) => Promise<HttpAnswer>

/** A server that sends nothing for so long is given up. */
export const stallMs = 15_000
const connectMs = 10_000
const mostRedirects = 5
/** Bytes of a redirect's body that are read, to use its connection again. */
const mostDumped = 16 * 1024

/**
 * GET with the proxies of the environment (by the runner's own rules) and the credentials of the URL, which are sent to its own
 * origin only. Follows redirects, but never from https to http. Throws when there is no answer.
 */
export function createHttp(): { readonly get: HttpGet; readonly close: () => void } {
  const { dispatcherFor, close } = createDispatchers()

  async function get(first: string, signal: AbortSignal): Promise<HttpAnswer> {
    const { url: start, authorization } = withoutCredentials(first)
    let url = start
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const isOwn = new URL(url).origin === new URL(start).origin
      const asked = request(url, {
        dispatcher: dispatcherFor(url),
        headers: { 'user-agent': 'atomic-helm-action', ...(isOwn && authorization ? { authorization } : {}) },
        headersTimeout: stallMs,
        bodyTimeout: stallMs,
        signal,
      })
      const answer = await orAborted(asked, signal).catch((error: unknown) => {
        throw proxyError(error, getProxyUrl(url)) ?? error
      })
      const header = (name: string): string | null => [answer.headers[name]].flat()[0] ?? null
      const location = header('location')
      if (answer.statusCode < 300 || answer.statusCode >= 400 || !location)
        return { status: answer.statusCode, header, body: answer.body, discard: () => discard(answer.body) }
      await answer.body.dump({ limit: mostDumped, signal })
      const next = URL.parse(location, url)
      if (!next || !/^https?:$/.test(next.protocol))
        throw finalError(`it redirects to "${oneLine(location, 120)}", which is not an http or https URL`)
      if (new URL(url).protocol === 'https:' && next.protocol !== 'https:')
        throw finalError(`it redirects to ${next.origin}, which is not https`)
      url = next.href
    }
    throw finalError(`it redirects more than ${mostRedirects} times`)
  }

  return { get, close }
}

/** What carries requests: a connection of our own, or one through the proxy that the environment names for a URL. */
export interface Dispatchers {
  /** Throws where the proxy for the URL is none of the web. */
  readonly dispatcherFor: (url: string) => Dispatcher
  readonly close: () => void
}

/** Opens nothing before it is used. */
export function createDispatchers(): Dispatchers {
  const dispatchers = new Map<string, Dispatcher>()
  return {
    dispatcherFor: (url) => {
      const proxy = getProxyUrl(url)
      if (proxy && !/^https?:\/\//.test(proxy))
        throw finalError(`the proxy for it is ${new URL(proxy).protocol}//…, which is not an http or https URL`)
      const known = dispatchers.get(proxy)
      if (known) return known
      const made = proxy ? viaProxy(proxy) : new Agent({ connect: { timeout: connectMs } })
      dispatchers.set(proxy, made)
      return made
    },
    close: () => void Promise.all([...dispatchers.values()].map((one) => one.destroy())),
  }
}

/** Undici ends a request by its signal only once it has a connection, which a proxy may never give it. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** Gives up a body; one that is ended before its end says so by an error, which nobody needs to hear. */
export function discard(body: Readable): void {
  body.on('error', () => undefined).destroy()
}

const finalCode = 'ERR_ATOMIC_HELM_FINAL'
const certificateCodes =
  /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF))/

/** Whether the same request would only fail again: a certificate that is not trusted, a redirect that is not followed. */
export function isFinal(error: unknown): boolean {
  return errorCodes(error).includes(finalCode) || isUntrusted(error)
}

/** Whether the certificate of the server is not trusted: by its issuer, its dates or its names. */
export function isUntrusted(error: unknown): boolean {
  return errorCodes(error).some((code) => certificateCodes.test(code))
}

/** The codes of an error and its causes, outermost first. */
export function errorCodes(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  return [(error as NodeJS.ErrnoException).code ?? '', ...errorCodes(error.cause)]
}

function finalError(message: string): Error {
  return Object.assign(new Error(message), { code: finalCode })
}

/** What a proxy answers in place of the server, or does not; undici throws it, without the proxy's name. Null for any other error. */
export function proxyError(error: unknown, proxy: string): Error | null {
  if (!proxy) return null
  const { host } = new URL(proxy)
  if ((error as NodeJS.ErrnoException).code === 'UND_ERR_HEADERS_TIMEOUT')
    return new Error(`timeout: nothing came by way of the proxy ${host} in ${stallMs / 1000} s`, { cause: error })
  const texts = [error, (error as Error).cause].map((one) => (one instanceof Error ? one.message : ''))
  const told = /Proxy response \((\d+)\)|Proxy Authentication Required \((\d+)\)/.exec(texts.join('\n'))
  const status = Number(told?.[1] ?? told?.[2] ?? 0)
  if (status === 0) return null
  const login = status === 407 ? '; it wants a login, or another one, in the URL of the proxy' : ''
  const message = `the proxy ${host} answers HTTP ${status}${login}`
  const mayPass = status === 408 || status === 429 || status >= 500
  return mayPass ? new Error(message, { cause: error }) : finalError(message)
}

function viaProxy(proxy: string): Dispatcher {
  const { url, authorization } = withoutCredentials(proxy)
  return new ProxyAgent({
    uri: url,
    // It replaces `connect` by its own, and leaves the answer to CONNECT without a limit.
    connectTimeout: connectMs,
    clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: stallMs }),
    ...(authorization ? { token: authorization } : {}),
  })
}

/** A URL with its user and password as the header that they stand for. */
export function withoutCredentials(text: string): { readonly url: string; readonly authorization: string | null } {
  const url = new URL(text)
  const { username, password } = url
  url.username = ''
  url.password = ''
  const pair = `${decoded(username)}:${decoded(password)}`
  return {
    url: url.href,
    authorization: username || password ? `Basic ${Buffer.from(pair).toString('base64')}` : null,
  }
}

/** A part of a URL as it is meant; a percent sign that begins no escape stands for itself, as browsers and curl take it. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
