import { getProxyUrl } from '@actions/http-client'
import { request, type Dispatcher } from 'undici'
import type { UrlAnswer } from '../health/url-answer.ts'
import { systemClock } from '../platform/clock.ts'
import { describeError } from '../platform/errors.ts'
import { createDispatchers, discard, errorCodes, isUntrusted, orAborted, proxyError } from '../platform/http.ts'
import { bodyLines } from './body-lines.ts'
import { readCertificate } from './certificate.ts'

/** Asks a URL once, within `limitMs`; never throws. */
export type AskUrl = (url: string, limitMs: number, stop: AbortSignal) => Promise<UrlAnswer>

const mostBytes = 4 * 1024
const certificateMs = 2000

/** GET without credentials, by the proxies of the environment. Redirects are told and not followed. Each request has a connection of its own. */
export function createAskUrl(): { readonly ask: AskUrl; readonly close: () => void } {
  const { dispatcherFor, close } = createDispatchers()

  async function ask(url: string, limitMs: number, stop: AbortSignal): Promise<UrlAnswer> {
    const late = AbortSignal.timeout(limitMs)
    const signal = AbortSignal.any([late, stop])
    const began = systemClock.now()
    try {
      const asked = request(url, {
        dispatcher: dispatcherFor(url),
        headers: { 'user-agent': 'atomic-helm-action', accept: '*/*' },
        // What was answered over an old connection says nothing of a new one.
        reset: true,
        headersTimeout: limitMs,
        bodyTimeout: limitMs,
        signal,
      })
      const answer = await orAborted(asked, signal)
      return await read(url, answer, systemClock.now() - began)
    } catch (error) {
      return silence(url, error, late.aborted)
    }
  }

  return { ask, close }
}

async function read(url: string, answer: Dispatcher.ResponseData, tookMs: number): Promise<UrlAnswer> {
  const { statusCode: status, statusText: text, headers, body } = answer
  const header = (name: string): string => [headers[name]].flat()[0] ?? ''
  const facts = { kind: 'status', status, text, tookMs } as const
  if (status < 400) {
    discard(body)
    return { ...facts, leadsTo: status >= 300 ? target(header('location'), url) : null, body: [] }
  }
  const bytes = header('content-encoding') ? Buffer.alloc(0) : await beginning(body)
  return { ...facts, leadsTo: null, body: bodyLines(bytes, header('content-type')) }
}

/** Without its query, which may be a secret. */
function target(location: string, base: string): string | null {
  const url = location ? URL.parse(location, base) : null
  if (!url) return null
  return /^https?:$/.test(url.protocol) ? `${url.origin}${url.pathname}` : `${url.protocol}…`
}

/** A body that breaks off or is late is as good as what came of it. */
async function beginning(body: Dispatcher.ResponseData['body']): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      length += chunk.length
      if (length >= mostBytes) break
    }
  } catch {
    // Enough is there, or nothing.
  }
  discard(body)
  return Buffer.concat(chunks).subarray(0, mostBytes)
}

async function silence(url: string, error: unknown, isLate: boolean): Promise<UrlAnswer> {
  const proxy = getProxyUrl(url)
  const codes = errorCodes(error)
  const is = (...some: string[]): boolean => codes.some((code) => some.includes(code))
  const message = describeError(proxyError(error, proxy) ?? error)
  const silent = { kind: 'silent', message, certificate: null } as const
  if (isUntrusted(error)) {
    // Through a proxy there is no connection of our own to look at it.
    const certificate = proxy ? null : await readCertificate(new URL(url), certificateMs)
    return { ...silent, why: 'certificate', certificate }
  }
  const isOfProxy = proxy !== '' && !isLate
  if (isLate || is('UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'ETIMEDOUT'))
    return { ...silent, why: 'timeout' }
  if (!isOfProxy && is('ENOTFOUND', 'EAI_AGAIN')) return { ...silent, why: 'name' }
  if (!isOfProxy && is('ECONNREFUSED')) return { ...silent, why: 'refused' }
  return { ...silent, why: 'broken' }
}
