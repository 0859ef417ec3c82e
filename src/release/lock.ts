import type { ClusterClient } from '../cluster/client.ts'
import type { Clock, SteadyClock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import type { LeaseFacts } from './lease.ts'

/** What a lock needs of the outside. */
export interface LockPorts {
  readonly client: ClusterClient
  readonly clock: Clock
  readonly steady: SteadyClock
  readonly log: Log
  readonly isAttemptCompleted: IsAttemptCompleted
}

/** Whether GitHub says that the attempt which owns a Lease is over; false whenever that cannot be known. Never rejects. */
export type IsAttemptCompleted = (
  facts: Pick<LeaseFacts, 'repository' | 'runUrl' | 'runId' | 'attempt'>,
) => Promise<boolean>

/** The lock of a release while this run has it. */
export interface Lock {
  /** With it `resumeLock` takes the same lock up again in the post step; empty when there is no lock. */
  readonly identity: string
  /**
   * Aborts with a LockLost when the lock is no longer ours, or may not be. After a `confirm` that got back what had merely expired there
   * is a new signal here.
   */
  readonly lost: AbortSignal
  /** Makes sure that the lock is ours, and renews it; to be called before everything that changes something. Throws LockLost. */
  confirm(): Promise<void>
  /** Tells other runs how far this one is, with the next renewal. */
  note(phase: string, baseRevision?: number): void
  /** Gives the lock back. Never rejects: what remains expires by itself. */
  release(): Promise<void>
  /** Stops renewing and leaves the lock as it is, for the post step. */
  suspend(): void
}

/** How a lock got lost: somebody else has it, the Lease was deleted, or it could not be renewed in time. */
export type LossKind = 'taken' | 'gone' | 'expired'

/** The lock is not ours any more, so nothing may be changed; the message names who has it now. */
export class LockLost extends Error {
  readonly kind: LossKind
  /** Who has it now, when it was taken. */
  readonly owner: LeaseFacts | null

  constructor(
    kind: LossKind,
    message: string,
    options: { readonly owner?: LeaseFacts; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'LockLost'
    this.kind = kind
    this.owner = options.owner ?? null
  }
}

/** A lock that locks nothing: for `lock: false`, and where leases are forbidden. */
export function disabledLock(): Lock {
  return {
    identity: '',
    lost: new AbortController().signal,
    confirm: () => Promise.resolve(),
    note: () => undefined,
    release: () => Promise.resolve(),
    suspend: () => undefined,
  }
}
