// Bad days of GitHub, on demand: each fault meets the next matching requests, in the order in which they were asked for.
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerResponse } from 'node:http'
import { problem } from './pages.ts'
import type { Answer } from './pages.ts'

/** Which requests a fault meets; everything when left out. */
export type Where = { method?: string; path?: RegExp }

export type Fault = {
  /**
   * `rate-limit` 429, `secondary-limit` 403, a 403 that names no permission, a 422, a 5xx, no answer for a while (or ever), a cut
   * connection, or a barrier: nobody goes on before all `times` have come.
   */
  as: 'rate-limit' | 'secondary-limit' | 'forbidden' | 422 | 500 | 502 | 503 | 'stall' | 'reset' | 'barrier'
  on?: Where
  times?: number
  /** Seconds in the Retry-After header of the limits; no such header when left out. */
  retryAfter?: number
  /** Seconds until the rate limit is renewed, 1 when left out; null for a proxy's answer that does not say. */
  resetIn?: number | null
  /** How long a stall lasts in ms; for ever when left out. */
  ms?: number
  /** The request takes effect before it fails: what a client that retries a POST must survive. */
  afterEffect?: boolean
}
type Queued = Fault & { left: number; allCame: PromiseWithResolvers<void> }
export type Faults = {
  add: (fault: Fault) => void
  take: (method: string, path: string) => Queued | undefined
}

/** A queue of faults. */
export function createFaults(): Faults {
  const queue: Queued[] = []
  return {
    add: (fault) => void queue.push({ ...fault, left: fault.times ?? 1, allCame: Promise.withResolvers() }),
    take(method, path) {
      const next = queue.find(
        ({ left, on }) =>
          left > 0 &&
          (on?.method === undefined || on.method === method) &&
          (on?.path === undefined || on.path.test(path)),
      )
      if (next !== undefined) next.left -= 1
      if (next?.left === 0) next.allCame.resolve()
      return next
    },
  }
}

/** Plays a fault; the answer to send instead of the true one, `'pass'` after a stall that ends or a barrier, `'gone'` without answer. */
export async function play(fault: Queued, response: ServerResponse): Promise<Answer | 'pass' | 'gone'> {
  const headers = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }
  const page = 'using-the-rest-api/rate-limits-for-the-rest-api'
  if (fault.as === 'reset') {
    response.socket?.resetAndDestroy()
    return 'gone'
  }
  if (fault.as === 'barrier') {
    await fault.allCame.promise
    return 'pass'
  }
  if (fault.as === 'forbidden') return problem(403, 'Resource not accessible by integration', page)
  if (fault.as === 'stall') {
    if (fault.ms === undefined) return 'gone'
    await sleep(fault.ms, undefined, { ref: false })
    return 'pass'
  }
  if (fault.as === 'rate-limit') {
    const answer = problem(429, 'API rate limit exceeded for installation ID 4711.', page)
    return { ...answer, headers: { ...headers, ...usedUp(fault.resetIn) } }
  }
  if (fault.as === 422) {
    const errors = [{ resource: 'IssueComment', code: 'unprocessable', field: 'data', message: 'Body is not wanted' }]
    return problem(422, 'Validation Failed', page, { errors })
  }
  if (fault.as === 'secondary-limit') {
    const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
    return { ...problem(403, message, `${page}#about-secondary-rate-limits`), headers }
  }
  const messages = { 422: 'Validation Failed', 500: 'Server Error', 502: 'Server Error', 503: 'Service unavailable' }
  return problem(fault.as, messages[fault.as], '')
}

/** The headers of a limit that is used up. */
function usedUp(resetIn: number | null = 1): Answer['headers'] {
  const reset = resetIn === null ? undefined : String(Math.ceil(Date.now() / 1000) + resetIn)
  return { 'x-ratelimit-limit': '1000', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }
}
