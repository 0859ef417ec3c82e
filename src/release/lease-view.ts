import { watchCollection } from '../cluster/watch.ts'
import type { LeaseApi } from './lease-api.ts'
import { sight, type Sighting } from './lease-decision.ts'
import type { Lease } from './lease.ts'
import type { LockPorts } from './lock.ts'

/** The Lease as a waiter sees it. */
export interface LeaseView {
  /** Looks now. */
  readonly look: () => Promise<Sighting>
  /** Waits until the Lease changes, `wake` is called or the time is over, and gives what is seen then. */
  readonly change: (ms: number) => Promise<Sighting>
  readonly wake: () => void
}

const rereadMs = 2000

/** Opens a view that lasts until the signal aborts; it watches from the first wait on, and reads again and again where it may not watch. */
export function viewLease({ client, clock, steady }: LockPorts, api: LeaseApi, signal: AbortSignal): LeaseView {
  let seen: Sighting = { lease: null, sinceMs: steady.now() }
  let alarm = new AbortController()
  let isFollowed = false

  function see(lease: Lease | null): Sighting {
    const now = sight(seen, lease, steady.now())
    if (now !== seen) wake()
    seen = now
    return seen
  }

  function wake(): void {
    alarm.abort()
    alarm = new AbortController()
  }

  async function follow(): Promise<void> {
    isFollowed = true
    const refusal = new AbortController()
    const handler = {
      replace: (items: readonly Lease[]) => void see(items[0] ?? null),
      changed: (lease: Lease) => void see(lease),
      deleted: () => void see(null),
      refused: () => refusal.abort(),
    }
    const query = { fieldSelector: `metadata.name=${api.name}` }
    const from = seen.lease?.metadata.resourceVersion
    await watchCollection<Lease>(client, clock, api.path, query, handler, signal, from)
    while (refusal.signal.aborted && !signal.aborted) {
      await clock.sleep(rereadMs, signal)
      // What cannot be read is not seen to change: the write that follows has the last word.
      await api.read(signal).then(see, () => undefined)
    }
  }

  return {
    look: async () => see(await api.read(signal)),
    change: async (ms) => {
      const waited = clock.sleep(ms, AbortSignal.any([alarm.signal, signal]))
      if (!isFollowed) void follow().catch(() => undefined)
      await waited
      return seen
    },
    wake,
  }
}
