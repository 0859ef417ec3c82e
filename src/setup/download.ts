import type { Clock } from '../platform/clock.ts'
import { describeError } from '../platform/errors.ts'
import { isFinal, type HttpAnswer, type HttpGet } from '../platform/http.ts'
import { backOffMs, meaningOf, retryAfterMs } from './retry.ts'

/** What a download works with; all downloads of a run share the moment at which their time is up. */
export interface Downloads {
  readonly get: HttpGet
  readonly clock: Clock
  /** Base URLs in order of preference. */
  readonly bases: readonly string[]
  /** By the clock, in ms. */
  readonly endsAtMs: number
  readonly random: () => number
  /** Told while a file arrives: bytes so far, and in all when the server says so. */
  readonly onProgress: (url: string, received: number, total: number | null) => void
  /** Told when everything is tried again after a while. */
  readonly onRetry: (reason: string, waitMs: number) => void
}

/** How the search for a file ended; `url` can be shown, `base` may hold a login, `tried` tells what each place answered. */
export type Download =
  | { readonly kind: 'found'; readonly base: string; readonly url: string; readonly content: Buffer }
  | { readonly kind: 'absent'; readonly tried: readonly string[] }
  | { readonly kind: 'failed'; readonly tried: readonly string[] }

type Attempt =
  | { readonly kind: 'found'; readonly content: Buffer }
  | { readonly kind: 'absent' | 'refused'; readonly why: string }
  | { readonly kind: 'later'; readonly why: string; readonly afterMs: number | null }

/** A URL that is still to be asked, not before a moment by the clock in ms. */
interface Place {
  readonly base: string
  readonly url: string
  readonly notBeforeMs: number
  /** Why it is asked again. */
  readonly why: string
}

/**
 * Downloads a file from the first base that has it. A base that does not have it is out; one that fails for now is passed over, and
 * when none is left, those that failed are asked again after a while, each not before it wants to be, as long as there is time. At most
 * `mostBytes` are read.
 */
export async function download(downloads: Downloads, name: string, mostBytes: number): Promise<Download> {
  const { bases, clock, endsAtMs, random, onRetry } = downloads
  const answers = new Map<string, string>()
  let places: Place[] = bases.map((base) => ({
    base,
    url: `${base.replace(/\/+$/, '')}/${name}`,
    notBeforeMs: 0,
    why: '',
  }))
  let isFailed = false
  for (let round = 1; ; round++) {
    const again: Place[] = []
    for (const place of places) {
      const { base, url, notBeforeMs } = place
      if (notBeforeMs > clock.now()) {
        again.push(place)
        continue
      }
      const attempt = await tryOnce(downloads, url, mostBytes)
      if (attempt.kind === 'found') return { ...attempt, base, url: shownUrl(url) }
      answers.set(url, `${shownUrl(url)}: ${attempt.why}`)
      if (attempt.kind === 'refused') isFailed = true
      if (attempt.kind === 'later')
        again.push({ base, url, notBeforeMs: clock.now() + (attempt.afterMs ?? 0), why: attempt.why })
    }
    places = again
    const soonest = places.toSorted((one, other) => one.notBeforeMs - other.notBeforeMs)[0]
    if (!soonest) break
    const waitMs = Math.max(backOffMs(round, random()), soonest.notBeforeMs - clock.now())
    if (clock.now() + waitMs >= endsAtMs) return { kind: 'failed', tried: [...answers.values()] }
    onRetry(`${shownUrl(soonest.url)}: ${soonest.why}`, waitMs)
    await clock.sleep(waitMs)
  }
  return { kind: isFailed ? 'failed' : 'absent', tried: [...answers.values()] }
}

async function tryOnce({ get, clock, endsAtMs, onProgress }: Downloads, url: string, most: number): Promise<Attempt> {
  const left = endsAtMs - clock.now()
  if (left <= 0) return { kind: 'later', why: 'no time was left to ask', afterMs: null }
  const signal = AbortSignal.timeout(left)
  try {
    const answer = await get(url, signal)
    const meaning = meaningOf(answer.status)
    if (meaning === 'here') return await readBody(answer, most, (got, all) => onProgress(url, got, all))
    answer.discard()
    const why = `HTTP ${answer.status}`
    if (meaning !== 'later') return { kind: meaning, why }
    return { kind: 'later', why, afterMs: retryAfterMs(answer.header('retry-after'), clock.now()) }
  } catch (error) {
    const why = signal.aborted ? 'the time for downloads is up' : describeError(error)
    if (isFinal(error)) return { kind: 'refused', why }
    return { kind: 'later', why, afterMs: null }
  }
}

async function readBody(
  answer: HttpAnswer,
  most: number,
  onProgress: (received: number, total: number | null) => void,
): Promise<Attempt> {
  const length = Number(answer.header('content-length') ?? Number.NaN)
  const total = Number.isNaN(length) ? null : length
  const chunks: Buffer[] = []
  let received = 0
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    received += chunk.length
    // Leaving the loop ends the transfer; `discard` keeps that from being an error.
    if (received > most) {
      answer.discard()
      return { kind: 'refused', why: `the answer is larger than ${Math.round(most / 1024)} KiB` }
    }
    onProgress(received, total)
  }
  return { kind: 'found', content: Buffer.concat(chunks) }
}

/** A URL that can be shown: without credentials and query. */
export function shownUrl(text: string): string {
  const url = new URL(text)
  return `${url.origin}${url.pathname}`
}

/** A size for people. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
