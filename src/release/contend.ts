import type { LeaseApi } from './lease-api.ts'
import { decideLease, type LeaseDecision, type Sighting } from './lease-decision.ts'
import { viewLease, type LeaseView } from './lease-view.ts'
import { createOwn, patiently, replaceOwn, type OwnLease } from './lease-write.ts'
import {
  describeHolder,
  newLease,
  readLease,
  renewedLease,
  takenLease,
  type LeaseFacts,
  type LockedRelease,
  type LockOwner,
} from './lease.ts'
import type { LockPorts } from './lock.ts'

export interface AcquireOptions extends LockedRelease {
  /** Takes the lock at once, from a living owner too. */
  readonly takeOver: boolean
  /** Ends the waiting: its reason is thrown. */
  readonly signal: AbortSignal
}

export type Contest =
  /** `stale`: the dead or fenced owner that was replaced. */
  | { readonly kind: 'won'; readonly own: OwnLease; readonly stale: LeaseFacts | null }
  | { readonly kind: 'gave-up'; readonly owner: string }

const longestWaitMs = 15 * 60_000
const askGitHubEveryMs = 15_000
/** How often the log may be reminded of what is waited for. */
const tickMs = 5000
const longestPauseMs = 2000

/** Somebody has the Lease: waits for it and takes it, in competition with all who wait. The view ends with the signal. */
export async function contend(
  ports: LockPorts,
  api: LeaseApi,
  owner: LockOwner,
  options: AcquireOptions,
  signal: AbortSignal,
): Promise<Contest> {
  const { steady, clock } = ports
  const view = viewLease(ports, api, signal)
  const isCompleted = completionOf(ports, view)
  const wait = waiting(ports, view)
  const take = taking(ports, api, owner, options)
  const endMs = steady.now() + longestWaitMs
  let conflicts = 0
  let seen = await patiently(ports, options.signal, view.look)
  for (;;) {
    options.signal.throwIfAborted()
    const facts = seen.lease && readLease(seen.lease)
    const decision = decideLease(seen, owner.identity, steady.now(), facts !== null && isCompleted(facts))
    const leftMs = endMs - steady.now()
    if (leftMs <= 0 && (decision.kind === 'held' || conflicts > 0))
      return { kind: 'gave-up', owner: facts ? describeHolder(facts) : 'other runs, one after another' }
    if (facts && decision.kind === 'held' && !options.takeOver) {
      conflicts = 0
      seen = await wait(facts, Math.min(tickMs, decision.staleInMs, leftMs))
      continue
    }
    const won = await take(seen, decision)
    if (won) return won
    // Somebody was faster.
    await clock.sleep(Math.min(longestPauseMs, 25 * conflicts ** 2), options.signal)
    conflicts++
    seen = await patiently(ports, options.signal, view.look)
  }
}

/** Waits for a change, and tells once for each owner whom it waits for. */
function waiting({ log }: LockPorts, view: LeaseView): (facts: LeaseFacts, ms: number) => Promise<Sighting> {
  let told = ''
  return (facts, ms) => {
    const whom = describeHolder(facts)
    if (facts.holder !== told)
      log.line(`another run has the lock of this release, and is waited for: ${whom}`, 'caution')
    else log.reminder(() => `waiting: the lock of this release belongs to ${whom}`)
    told = facts.holder
    return view.change(ms)
  }
}

/** Takes what was seen, unless it has changed since. */
function taking(
  ports: LockPorts,
  api: LeaseApi,
  owner: LockOwner,
  options: AcquireOptions,
): (seen: Sighting, decision: LeaseDecision) => Promise<Contest | null> {
  const { client, log } = ports
  /** Whom we tried to replace last: when the answer is lost, we learn later that we did. */
  let replaced: LeaseFacts | null = null
  return async ({ lease }, decision) => {
    if (lease === null) {
      const own = await createOwn(ports, options.signal, () => api.create(newLease(owner, options, client.now())))
      return own && { kind: 'won', own, stale: null }
    }
    const isNew = decision.kind !== 'ours'
    if (isNew) replaced = decision.kind === 'free' ? null : readLease(lease)
    const change = (): ReturnType<LeaseApi['replace']> =>
      api.replace(isNew ? takenLease(lease, owner, client.now()) : renewedLease(lease, {}, client.now()))
    const own = await replaceOwn(ports, options.signal, change)
    if (!own) return null
    const stale = readLease(own.lease).takenOverFrom === null ? null : replaced
    if (stale && options.takeOver && decision.kind !== 'stale')
      log.warning(`took the lock from a run that may be alive, which now has to stop: ${describeHolder(stale)}`)
    else if (stale)
      log.line(
        `took the stale lock of ${describeHolder(stale)}${decision.kind === 'stale' ? `: ${decision.why}` : ''}`,
        'caution',
      )
    return { kind: 'won', own, stale }
  }
}

/** Answers at once with what GitHub is known to have said of an owner, asks it again when that is long ago, and then wakes the view. */
function completionOf({ steady, isAttemptCompleted }: LockPorts, view: LeaseView): (facts: LeaseFacts) => boolean {
  const completed = new Set<string>()
  let askedMs = Number.NEGATIVE_INFINITY

  async function ask(facts: LeaseFacts): Promise<void> {
    if (!(await isAttemptCompleted(facts))) return
    completed.add(facts.holder)
    view.wake()
  }

  return ({ holder, ...rest }) => {
    if (holder !== '' && !completed.has(holder) && steady.now() - askedMs >= askGitHubEveryMs) {
      askedMs = steady.now()
      void ask({ holder, ...rest }).catch(() => undefined)
    }
    return completed.has(holder)
  }
}
