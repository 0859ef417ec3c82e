import { setTimeout as sleep } from 'node:timers/promises'
import { getOctokit } from '@actions/github'
import { retry } from '@octokit/plugin-retry'
import { throttling } from '@octokit/plugin-throttling'
import { oneLine } from '../platform/untrusted.ts'
import { type Answer, type GitHubCall, problemOf } from './call.ts'

/** How long GitHub may hold up a run altogether, in ms: requests that end badly, and good ones that had to wait. It is used up. */
export interface Patience {
  leftMs: number
}

const patienceMs = 30_000
/** A good answer within so many ms costs nothing of it. */
const promptMs = 2000
const retries = 2
/** The wall clock is slewed a little all the time; by so many ms it was set. */
const clockStepMs = 1000
/** What the plugin for errors of the server leaves alone: refusals, and limits, which are waited for as they ask, or not at all. */
const doNotRetry = [400, 401, 403, 404, 410, 422, 429, 451]
/** A limit that does not say how long it lasts is taken for this many seconds, as GitHub asks for. */
const untoldLimit = 60
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore }

/**
 * GitHub's REST API with this token at this address (`https://api.github.com`, or that of a GitHub Enterprise Server), with retries
 * for errors of the server and for rate limits that end within its patience. Nothing is logged, and all that goes wrong costs no more than
 * the patience, 30 s when none is given; after `stop` nothing is waited for. Each client spaces its own writes as GitHub asks for.
 */
export function createGitHub(
  token: string,
  apiUrl: string,
  patience: Patience = fullPatience(),
  stop?: AbortSignal,
): GitHubCall {
  const current = connectionByClock((id) => connect(token, apiUrl, id, (seconds) => seconds * 1000 < patience.leftMs))
  return async (route, parameters) => {
    if (token === '') return { kind: 'unauthorized', message: 'there is no token' }
    if (patience.leftMs <= 0) return { kind: 'unavailable', message: 'it failed too often in this run' }
    const start = performance.now()
    const work = (signal: AbortSignal): Promise<Answer<unknown>> =>
      request(current(), route, { ...parameters, ...placeOf(route, apiUrl), request: requestOptions(route, signal) })
    const answer = await within(patience.leftMs, stop, work)
    const spent = performance.now() - start
    if (spent > promptMs || answer.kind === 'unavailable' || answer.kind === 'rate-limited') patience.leftMs -= spent
    return answer
  }
}

/** What a run has of it in the beginning. */
export function fullPatience(): Patience {
  return { leftMs: patienceMs }
}

type Octokit = ReturnType<typeof connect>

/** A clock that was set makes a new one: the throttle remembers by the wall clock when the next request may go, even an hour ahead. */
function connectionByClock(make: (id: string) => Octokit): () => Octokit {
  let made: { readonly octokit: Octokit; readonly offset: number } | undefined
  return () => {
    const offset = Date.now() - performance.now()
    if (made === undefined || Math.abs(offset - made.offset) > clockStepMs)
      made = { octokit: make(`clock ${String(offset)}`), offset }
    return made.octokit
  }
}

/** Requests with the same `id` share a throttle. */
function connect(token: string, apiUrl: string, id: string, isShort: (seconds: number) => boolean) {
  const once = (seconds: number, _options: unknown, _octokit: unknown, retryCount: number): boolean =>
    retryCount < 1 && isShort(seconds)
  const options = {
    baseUrl: apiUrl.replace(/\/+$/, ''),
    log: silent,
    retry: { retries, doNotRetry },
    throttle: { id, onRateLimit: once, onSecondaryRateLimit: once, fallbackSecondaryRateRetryAfter: untoldLimit },
  }
  return getOctokit(token, options, tellLimits, retry, throttling)
}

/** Brings each limit into the form that the plugin for limits reads: it knows the time of the reset only, and takes none for now. */
function tellLimits(octokit: { readonly hook: ReturnType<typeof getOctokit>['hook'] }): Record<string, never> {
  octokit.hook.error('request', (error) => {
    const { status, response } = error as RequestError
    const headers = response?.headers
    const asked = Number(headers?.['retry-after'])
    const isLimit = status === 429 || (status === 403 && headers?.['x-ratelimit-remaining'] === '0')
    if (
      headers &&
      isLimit &&
      (asked > 0 || !headers['x-ratelimit-reset'] || headers['x-ratelimit-remaining'] !== '0')
    ) {
      headers['x-ratelimit-remaining'] = '0'
      headers['x-ratelimit-reset'] = String(Math.ceil(Date.now() / 1000) + (asked > 0 ? asked : untoldLimit))
    }
    throw error
  })
  return {}
}

/** GraphQL lives beside REST: on GitHub Enterprise Server at `/api/graphql`, not at `/api/v3/graphql`. */
function placeOf(route: string, apiUrl: string): { readonly baseUrl?: string } {
  return route === 'POST /graphql' ? { baseUrl: apiUrl.replace(/(\/v3)?\/*$/, '') } : {}
}

/** A POST whose answer was lost may have worked: its caller looks before it tries again. */
function requestOptions(route: string, signal: AbortSignal): Record<string, unknown> {
  return route.startsWith('POST ') ? { signal, retries: 0 } : { signal }
}

async function request(octokit: Octokit, route: string, parameters: Record<string, unknown>): Promise<Answer<unknown>> {
  try {
    const { data } = await octokit.request(route, parameters)
    return { kind: 'ok', value: data as unknown }
  } catch (error) {
    return problemOfError(error)
  }
}

interface RequestError {
  readonly status?: number
  readonly response?: { readonly headers?: Record<string, unknown> }
}

function problemOfError(error: unknown): Answer<unknown> {
  const message = oneLine(error instanceof Error ? error.message : 'unknown error', 300)
  const { status = 500, response } = (error ?? {}) as RequestError
  return problemOf(status, message, response?.headers)
}

/** Ends the work when its time is up or the run has to stop, also while it waits between two tries. */
async function within(
  ms: number,
  stop: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Answer<unknown>>,
): Promise<Answer<unknown>> {
  const request = new AbortController()
  const timer = new AbortController()
  const signal = stop ? AbortSignal.any([timer.signal, stop]) : timer.signal
  const late = sleep(ms, undefined, { signal }).then(
    (): Answer<unknown> => ({ kind: 'unavailable', message: `no answer in ${String(Math.round(ms / 1000))} s` }),
    (): Answer<unknown> => ({ kind: 'unavailable', message: 'cancelled' }),
  )
  try {
    return await Promise.race([work(request.signal), late])
  } finally {
    timer.abort()
    request.abort()
  }
}

function ignore(): void {}
