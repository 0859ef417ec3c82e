import { ApiError } from '../cluster/client.ts'
import { contend, type AcquireOptions, type Contest } from './contend.ts'
import { foreign, keepLock } from './keep-lock.ts'
import { isRefusal, openLease } from './lease-api.ts'
import { createOwn, patiently, replaceOwn } from './lease-write.ts'
import { newLease, readLease, renewedLease, type LeaseFacts, type LockedRelease, type LockOwner } from './lease.ts'
import type { Lock, LockPorts } from './lock.ts'

/** A cancelled step has seven seconds for everything. */
const forgetMs = 2000

export type LockResult =
  /** `stale`: the dead or fenced owner that we replaced; null when nobody had the lock. */
  | { readonly kind: 'held'; readonly lock: Lock; readonly stale: LeaseFacts | null }
  | { readonly kind: 'gave-up'; readonly owner: string }
  /** Leases may not be used here: the caller goes on without a lock. */
  | { readonly kind: 'forbidden'; readonly why: string }
  /** The namespace does not exist yet, or not any more, so a lock has no place to be. */
  | { readonly kind: 'no-namespace' }

/** Takes the lock of a release, after others that have it; one request when nobody has. Throws the signal's reason when it aborts. */
export async function acquireLock(ports: LockPorts, owner: LockOwner, options: AcquireOptions): Promise<LockResult> {
  const { signal } = options
  try {
    const contest = await compete(ports, owner, options)
    if (contest.kind === 'gave-up') {
      signal.throwIfAborted()
      return contest
    }
    const lock = keepLock(ports, openLease(ports.client, options), contest.own)
    // A write is not cut off by the signal, for then nobody would know whether it took effect.
    if (signal.aborted) await lock.release()
    signal.throwIfAborted()
    return { kind: 'held', lock, stale: contest.stale }
  } catch (error) {
    if (!isRefusal(error)) await forget(ports, owner, options)
    if (signal.aborted) throw signal.reason
    if (isNamespaceMissing(error)) return { kind: 'no-namespace' }
    if (isRefusal(error)) return { kind: 'forbidden', why: error.message }
    throw error
  }
}

/** It does not exist, or is on its way out and takes nothing new (apiserver plugin namespace/lifecycle). */
function isNamespaceMissing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false
  if (error.status === 403) return error.message.includes('because it is being terminated')
  return error.status === 404 && error.message.startsWith('namespaces "')
}

async function compete(ports: LockPorts, owner: LockOwner, options: AcquireOptions): Promise<Contest> {
  const api = openLease(ports.client, options)
  const fresh = (): ReturnType<typeof api.create> => api.create(newLease(owner, options, ports.client.now()))
  const own = await createOwn(ports, options.signal, fresh)
  if (own) return { kind: 'won', own, stale: null }
  const done = new AbortController()
  try {
    return await contend(ports, api, owner, options, AbortSignal.any([options.signal, done.signal]))
  } finally {
    done.abort()
  }
}

/** Removes the Lease that an earlier try has made and whose answer was lost: nobody else knows that it is nobody's. Never rejects. */
async function forget({ client, steady }: LockPorts, { identity }: LockOwner, options: AcquireOptions): Promise<void> {
  const api = openLease(client, options)
  const late = new AbortController()
  const stop = steady.alarm(forgetMs, () => late.abort())
  const found = await api.read(late.signal).catch(() => null)
  stop()
  if (found && readLease(found).holder === identity) await api.remove(found).catch(() => undefined)
}

/** Takes up the lock that another process of this run has suspended. Throws LockLost when it is not ours any more. */
export async function resumeLock(
  ports: LockPorts,
  identity: string,
  options: LockedRelease & { readonly signal?: AbortSignal },
): Promise<Lock> {
  const api = openLease(ports.client, options)
  for (;;) {
    const found = await patiently(ports, options.signal, () => api.read(options.signal))
    if (!found || readLease(found).holder !== identity) throw foreign(api.name, found)
    const renew = (): ReturnType<typeof api.replace> => api.replace(renewedLease(found, {}, ports.client.now()))
    const own = await replaceOwn(ports, options.signal, renew)
    if (own) return keepLock(ports, api, own)
  }
}
