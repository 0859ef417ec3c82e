import { setTimeout as sleep } from 'node:timers/promises'
import { getOctokit } from '@actions/github'
import { retry } from '@octokit/plugin-retry'
import { throttling } from '@octokit/plugin-throttling'
import { oneLine } from '../platform/untrusted.ts'
import { type Answer, type GitHubCall, problemOf } from './call.ts'

/** How long GitHub may fail altogether, in ms: what a run spends on requests that end badly. Good answers cost nothing of it. */
const patienceMs = 30_000
const retries = 2
/** A limit that lasts longer than this many seconds is not waited for. */
const longestLimit = 10
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore }

/**
 * GitHub's REST API with this token at this address (`https://api.github.com`, or that of a GitHub Enterprise Server), with retries
 * for errors of the server and short rate limits. Nothing is logged, and all failures together cost at most about 30 s.
 */
export function createGitHub(token: string, apiUrl: string, waitMs = patienceMs): GitHubCall {
  const octokit = token === '' ? null : connect(token, apiUrl)
  let left = waitMs
  return async (route, parameters) => {
    if (octokit === null) return { kind: 'unauthorized', message: 'there is no token' }
    if (left <= 0) return { kind: 'unavailable', message: 'it failed too often in this run' }
    const start = performance.now()
    const answer = await within(left, (signal) =>
      request(octokit, route, { ...parameters, request: requestOptions(route, signal) }),
    )
    if (answer.kind === 'unavailable' || answer.kind === 'rate-limited') left -= performance.now() - start
    return answer
  }
}

type Octokit = ReturnType<typeof connect>

function connect(token: string, apiUrl: string) {
  const options = {
    baseUrl: apiUrl.replace(/\/+$/, ''),
    log: silent,
    retry: { retries },
    throttle: { onRateLimit: isShort, onSecondaryRateLimit: isShort },
  }
  return getOctokit(token, options, retry, throttling)
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

/** Ends the work when its time is up, also while it waits between two tries. */
async function within(ms: number, work: (signal: AbortSignal) => Promise<Answer<unknown>>): Promise<Answer<unknown>> {
  const request = new AbortController()
  const timer = new AbortController()
  const late = sleep(ms, undefined, { signal: timer.signal }).then(
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

function isShort(retryAfter: number, _options: unknown, _octokit: unknown, retryCount: number): boolean {
  return retryAfter <= longestLimit && retryCount < 1
}

function ignore(): void {}
