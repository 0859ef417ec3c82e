import { ApiError } from '../cluster/client.ts'
import type { Clock, SteadyClock } from '../platform/clock.ts'
import type { Lease } from './lease.ts'

/** A Lease of ours as the API server has it, and when we sent what made it so, by the steady clock. */
export interface OwnLease {
  readonly lease: Lease
  readonly sentMs: number
  /** Whether we have seen that we may renew it. */
  readonly mayRenew: boolean
}

interface Times {
  readonly clock: Clock
  readonly steady: SteadyClock
}

/** How long the API server may be away before we stop asking it, while nothing is changed yet: longer than it takes to start anew. */
export const outageMs = 60_000
const pauseMs = 1000

/** Does it again while the API server is away, for at most a minute or so long. Throws the signal's reason when it aborts. */
export async function patiently<T>(
  { clock, steady }: Times,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
  longestMs = outageMs,
): Promise<T> {
  const start = steady.now()
  for (;;) {
    signal?.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      signal?.throwIfAborted()
      const isAway = !(error instanceof ApiError) || error.status === 429 || error.status >= 500
      if (!isAway || steady.now() - start >= longestMs) throw error
      await clock.sleep(pauseMs, signal)
    }
  }
}

/** Creates a Lease as patiently; null when there is one already. */
export function createOwn(
  times: Times,
  signal: AbortSignal,
  create: () => Promise<Lease | null>,
): Promise<OwnLease | null> {
  return write(times, signal, create, false)
}

/** Replaces a Lease as patiently; null when somebody was faster, or an earlier try has done it and its answer was lost. */
export function replaceOwn(
  times: Times,
  signal: AbortSignal | undefined,
  replace: () => Promise<Lease | null>,
): Promise<OwnLease | null> {
  return write(times, signal, replace, true)
}

function write(
  times: Times,
  signal: AbortSignal | undefined,
  send: () => Promise<Lease | null>,
  mayRenew: boolean,
): Promise<OwnLease | null> {
  return patiently(times, signal, async () => {
    const sentMs = times.steady.now()
    const lease = await send()
    return lease && { lease, sentMs, mayRenew }
  })
}
