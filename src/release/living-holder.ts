import { isRefusal, openLease } from './lease-api.ts'
import { viewLease } from './lease-view.ts'
import { describeHolder, readLease, type LockedRelease } from './lease.ts'
import type { LockPorts } from './lock.ts'

/**
 * Who has the lock of a release and lives, in words; null when nobody does. Waits for a sign of life, for as long as a Lease lasts that
 * nobody renews. Throws the signal's reason when it aborts.
 */
export async function livingHolder(
  ports: LockPorts,
  release: LockedRelease,
  signal: AbortSignal,
): Promise<string | null> {
  const done = new AbortController()
  const view = viewLease(ports, openLease(ports.client, release), AbortSignal.any([signal, done.signal]))
  try {
    const first = await view.look()
    const facts = first.lease && readLease(first.lease)
    if (!facts || facts.holder === '' || (await ports.isAttemptCompleted(facts))) return null
    const untilMs = ports.steady.now() + facts.durationSeconds * 1000
    let seen = first
    while (seen.sinceMs === first.sinceMs && ports.steady.now() < untilMs) {
      seen = await view.change(untilMs - ports.steady.now())
      signal.throwIfAborted()
    }
    const isAlive = seen.sinceMs !== first.sinceMs
    const now = isAlive && seen.lease ? readLease(seen.lease) : null
    return now && now.holder !== '' ? describeHolder(now) : null
  } catch (error) {
    // Without leases there is no lock that anybody could have.
    if (isRefusal(error)) return null
    throw error
  } finally {
    done.abort()
  }
}
