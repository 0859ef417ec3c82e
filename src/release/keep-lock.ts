import { watchCollection } from '../cluster/watch.ts'
import { describeError } from '../platform/errors.ts'
import { isRefusal, type LeaseApi } from './lease-api.ts'
import { describeHolder, durationSeconds, readLease, renewedLease, type Lease, type LeaseNotes } from './lease.ts'
import { patiently, type OwnLease } from './lease-write.ts'
import { LockLost, type Lock, type LockPorts } from './lock.ts'

const durationMs = durationSeconds * 1000
const renewEveryMs = 10_000
const retryEveryMs = 1000
const tries = 5

/** Keeps a Lease that is ours: renews it every 10 s and watches it, so that it is known at once when somebody takes it over. */
export function keepLock({ client, clock, steady, log }: LockPorts, api: LeaseApi, own: OwnLease): Lock {
  const identity = readLease(own.lease).holder
  let { lease, sentMs, mayRenew } = own
  let notes: LeaseNotes = {}
  let lost = new AbortController()
  /** Set once it is somebody else's, or nobody's: nothing brings it back. */
  let end: LockLost | null = null
  let isKept = true
  /** We may not renew it, so nobody is kept away for long: the run goes on as if leases were forbidden. */
  let isWithout = false
  /** Why the last renewal failed. */
  let failure: unknown
  let lastTurn: Promise<unknown> = Promise.resolve()
  let stopRenewal = (): void => undefined
  let stopExpiry = (): void => undefined
  const watching = new AbortController()

  /** One after the other: each write has to know the version that the one before has made. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = lastTurn.then(work)
    lastTurn = turn.catch(() => undefined)
    return turn
  }

  async function renew(): Promise<void> {
    if (isWithout) return
    for (let attempt = 0; attempt < tries; attempt++) {
      if (end) throw end
      const now = steady.now()
      const renewed = await api.replace(renewedLease(lease, notes, client.now()))
      if (renewed) return accept(renewed, now)
      const found = await api.read()
      if (!ours(found)) throw lose(foreign(api.name, found))
      // Somebody has edited it, or the answer to our own last renewal was lost.
      lease = found
    }
    throw new Error(`Lease ${api.name} changes faster than it can be renewed`)
  }

  function ours(found: Lease | null): found is Lease {
    return found !== null && readLease(found).holder === identity
  }

  function accept(renewed: Lease, now: number): void {
    lease = renewed
    sentMs = now
    mayRenew = true
    if (lost.signal.aborted) lost = new AbortController()
    if (isKept) watchExpiry()
  }

  /** The age counts from when the last good renewal was sent, so that we give up before anybody else may think that we are dead. */
  function watchExpiry(): void {
    stopExpiry()
    stopExpiry = steady.alarm(Math.max(0, sentMs + durationMs - steady.now()), expire)
  }

  function expire(): LockLost {
    const message = `Lease ${api.name} could not be renewed for ${durationSeconds} s`
    const loss = new LockLost('expired', message, { cause: failure })
    lost.abort(loss)
    return loss
  }

  function lose(loss: LockLost): LockLost {
    end ??= loss
    stop()
    lost.abort(end)
    return end
  }

  function stop(): void {
    isKept = false
    stopRenewal()
    stopExpiry()
    watching.abort()
  }

  /** Where it may not be watched, the next renewal tells. */
  function watchOwner(): void {
    const look = (found: Lease | null): void => {
      if (!ours(found)) renewIn(0)
    }
    const handler = {
      replace: (items: readonly Lease[]) => look(items[0] ?? null),
      changed: look,
      deleted: () => look(null),
      refused: () => undefined,
    }
    const query = { fieldSelector: `metadata.name=${api.name}` }
    const from = lease.metadata.resourceVersion
    void watchCollection<Lease>(client, clock, api.path, query, handler, watching.signal, from).catch(() => undefined)
  }

  function goOnWithout(error: unknown): void {
    isWithout = true
    stop()
    log.warning(`the lock cannot be renewed, so this run goes on without one: ${describeError(error)}`)
  }

  function renewIn(ms: number): void {
    stopRenewal()
    if (isKept) stopRenewal = steady.alarm(ms, () => void inTurn(beat))
  }

  async function beat(): Promise<void> {
    if (!isKept) return
    try {
      await renew()
      renewIn(renewEveryMs)
    } catch (error) {
      failure = error
      if (!mayRenew && isRefusal(error)) goOnWithout(error)
      renewIn(retryEveryMs)
    }
  }

  async function confirm(): Promise<void> {
    try {
      await inTurn(renew)
      renewIn(renewEveryMs)
    } catch (error) {
      if (error instanceof LockLost) throw error
      failure = error
      if (!mayRenew && isRefusal(error)) return goOnWithout(error)
      // Nobody takes over a Lease that is younger than this, so it is ours even while the API server is away.
      if (steady.now() - sentMs >= durationMs) throw expire()
    }
  }

  async function remove(): Promise<void> {
    if (end) return
    for (let attempt = 0; attempt < tries; attempt++) {
      if (await api.remove(lease)) break
      const found = await api.read()
      if (!ours(found)) break
      lease = found
    }
    end = new LockLost('gone', `this run has given Lease ${api.name} back`)
  }

  watchExpiry()
  watchOwner()
  renewIn(renewEveryMs)
  return {
    identity,
    get lost() {
      return lost.signal
    },
    confirm,
    note: (phase, baseRevision) => {
      notes = { ...notes, phase, ...(baseRevision === undefined ? {} : { baseRevision }) }
    },
    release: async () => {
      stop()
      const failed = (error: unknown): void =>
        log.warning(`the lock stays until it expires in ${durationSeconds} s: ${describeError(error)}`)
      // One that has expired keeps nobody waiting.
      const longestMs = lost.signal.aborted ? 0 : durationMs
      await inTurn(() => patiently({ clock, steady }, undefined, remove, longestMs)).catch(failed)
    },
    suspend: stop,
  }
}

/** Why a Lease that was ours is not: it is gone, or who has it. */
export function foreign(name: string, found: Lease | null): LockLost {
  if (!found) return new LockLost('gone', `Lease ${name}, the lock of this run, was deleted`)
  const owner = readLease(found)
  return new LockLost('taken', `Lease ${name}, the lock of this run, now belongs to ${describeHolder(owner)}`, {
    owner,
  })
}
