// Runs that want the lock of one release, each on a machine of its own.
import { acquireLock, resumeLock, type LockResult } from '../../../src/release/acquire-lock.ts'
import type { AcquireOptions } from '../../../src/release/contend.ts'
import type { LeaseFacts, LockOwner } from '../../../src/release/lease.ts'
import type { Lock, LockPorts } from '../../../src/release/lock.ts'
import { heardLog } from '../../helpers/heard-log.ts'
import { fakeLeases } from './fake-leases.ts'
import { fakeTime } from './fake-time.ts'

const place = { namespace: 'web', release: 'shop' }

/** A cluster without Leases, and as many runs as a test asks for. */
export function lockRuns() {
  const time = fakeTime()
  const leases = fakeLeases(time)

  /** Run `id`, whose clock goes wrong by `offsetMs`. */
  function run(id: number, offsetMs = 0) {
    const machine = leases.machine(offsetMs)
    const said: string[] = []
    const asked: Parameters<LockPorts['isAttemptCompleted']>[0][] = []
    const completed = new Set<string>()
    const runUrl = `https://github.example/acme/shop/actions/runs/${id}/attempts/1`
    const owner: LockOwner = {
      identity: `${runUrl}#nonce-${id}`,
      runUrl,
      repository: 'acme/shop',
      runId: String(id),
      attempt: '1',
      actor: `actor-${id}`,
      timeoutSeconds: 900,
    }
    const ports: LockPorts = {
      client: machine.client,
      clock: time.clock,
      steady: time.steady,
      log: heardLog(said),
      isAttemptCompleted: async (facts) => {
        asked.push(facts)
        return Promise.resolve(completed.has(facts.runId ?? ''))
      },
    }
    const cancel = new AbortController()

    /** Begins to ask for the lock; `result` stays null while the run waits. */
    function acquire(options: Partial<AcquireOptions> = {}) {
      const asking = { result: null as LockResult | null, error: null as unknown }
      void acquireLock(ports, owner, { ...place, takeOver: false, signal: cancel.signal, ...options }).then(
        (result) => (asking.result = result),
        (error: unknown) => (asking.error = error),
      )
      return asking
    }

    return {
      ...machine,
      owner,
      said,
      asked,
      /** Runs of which GitHub says that they are over. */
      completed,
      cancel,
      acquire,
      /** Asks for the lock and expects to get it without waiting. */
      take: async (options: Partial<AcquireOptions> = {}): Promise<{ lock: Lock; stale: LeaseFacts | null }> => {
        const asking = acquire(options)
        await time.pass(0)
        return held(asking)
      },
      resume: (identity = owner.identity) => resumeLock(ports, identity, place),
      /** Dies: nothing of it is heard any more. */
      die: (lock: Lock) => {
        lock.suspend()
        machine.cut()
      },
    }
  }

  return { time, leases, run }
}

/** The lock that was asked for; throws when it is not there. */
export function held({ result, error }: { result: LockResult | null; error: unknown }): {
  lock: Lock
  stale: LeaseFacts | null
} {
  if (error) throw error
  if (result?.kind !== 'held') throw new Error(`no lock but ${JSON.stringify(result)}`)
  return result
}

/** What a promise was rejected with; null while it is pending or when it is fulfilled. */
export function rejection(promise: Promise<unknown>): { error: unknown; isDone: boolean } {
  const watched = { error: null as unknown, isDone: false }
  void promise.then(
    () => (watched.isDone = true),
    (error: unknown) => Object.assign(watched, { error, isDone: true }),
  )
  return watched
}
