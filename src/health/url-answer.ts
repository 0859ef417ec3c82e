import { oneLine } from '../platform/untrusted.ts'
import type { ResourceRef } from './finding.ts'

/** What a server shows of itself, verified or not. Untrusted. */
export interface Certificate {
  /** `CN=shop.example.com`. */
  readonly subject: string
  readonly issuer: string
  /** As the certificate has it: `Nov 30 11:00:00 2026 GMT`. */
  readonly validTo: string
  /** `DNS:shop.example.com, DNS:www.example.com`. */
  readonly names: string
}

/** What came of asking a URL once. Texts are untrusted. */
export type UrlAnswer =
  | {
      readonly kind: 'status'
      readonly status: number
      /** `Service Unavailable`; may be empty. */
      readonly text: string
      readonly tookMs: number
      /** Where a redirect leads, without its query; null when the answer is none. */
      readonly leadsTo: string | null
      /** The first lines of the body of a bad answer. */
      readonly body: readonly string[]
    }
  | {
      readonly kind: 'silent'
      readonly why: 'name' | 'refused' | 'timeout' | 'certificate' | 'broken'
      readonly message: string
      readonly certificate: Certificate | null
    }
  /** Nobody knows a URL to ask. */
  | { readonly kind: 'no-url'; readonly why: string }

/** An environment that answers as it should. */
export interface AnsweredUrl {
  readonly url: string
  readonly status: number
  /** How long the answer took, not how long it was waited for. */
  readonly tookMs: number
  readonly leadsTo: string | null
}

/** An environment that did not answer as it should until the time was up; plain data, which a recording keeps. */
export interface UnansweredUrl {
  readonly url: string | null
  /** The object of the release that has the URL; null when no object is known. */
  readonly resource: ResourceRef | null
  readonly last: UrlAnswer
  readonly tries: number
  readonly waitedMs: number
}

/** The answer when it is a good one: 2xx, or 3xx, which is not followed. Null for any other. */
export function goodAnswer(url: string, answer: UrlAnswer): AnsweredUrl | null {
  if (answer.kind !== 'status' || answer.status < 200 || answer.status >= 400) return null
  const { status, tookMs, leadsTo } = answer
  return { url, status, tookMs, leadsTo }
}

/** Whether a redirect leads from https to http. */
export function isDowngrade({ url, leadsTo }: Pick<AnsweredUrl, 'url' | 'leadsTo'>): boolean {
  return url.startsWith('https:') && leadsTo?.startsWith('http:') === true
}

/** One answer in words that go on after the URL, in one line: `answers HTTP 503 Service Unavailable`; the same answer has the same words. */
export function answerText(answer: UrlAnswer): string {
  switch (answer.kind) {
    case 'status': {
      const line = oneLine(`${answer.status} ${answer.text}`, 100)
      return `answers HTTP ${line}${answer.leadsTo === null ? '' : `, which leads to ${oneLine(answer.leadsTo, 300)}`}`
    }
    case 'silent':
      return silences[answer.why](oneLine(answer.message, 300))
    case 'no-url':
      return answer.why
  }
}

const silences: Readonly<Record<(UrlAnswer & { readonly kind: 'silent' })['why'], (message: string) => string>> = {
  name: () => 'has a name that does not resolve',
  refused: () => 'refuses connections',
  timeout: () => 'does not answer in time',
  certificate: (message) => `has a certificate that is not trusted: ${message}`,
  broken: (message) => `does not answer: ${message}`,
}
