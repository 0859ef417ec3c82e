import type { ResourceRef } from '../health/finding.ts'
import type { OnStuck } from './stuck-policy.ts'
import type { ReleaseRecord, RevisionEntry } from './record.ts'
import type { Unreadable } from './records.ts'

/** What the Lease of the release says: a stale one means that its owner is dead, `ours` that nobody else holds it now. */
export type LeaseFact = 'stale' | 'ours' | 'none' | 'unknown'

/** An object of the last revision as it lies in the cluster; null is what cannot be known, and counts against an uninstall. */
export interface LiveFact {
  readonly object: ResourceRef
  readonly exists: boolean
  /** It was there before the release was installed. */
  readonly existedBefore: boolean | null
  /** Whether it was ready at any time; false for what cannot be. */
  readonly everReady: boolean | null
  /** Whether being ready means anything for it: it has pods, or conditions that tell. */
  readonly hasReadiness: boolean
  /** The claims with a volume that it is or owns, as `namespace/name`, or itself when it is a volume. */
  readonly boundClaims: readonly string[] | null
}

/** Everything that decides what becomes of a release; plain data. */
export interface RecoveryFacts {
  readonly release: string
  readonly namespace: string
  readonly purpose: 'deploy' | 'recover'
  readonly onStuck: OnStuck
  /** A preview: what was never good of it may go, whatever it has become. */
  readonly isDisposable: boolean
  /** What a revision is stored in, for the commands that people are given. */
  readonly storedIn: 'secret' | 'configmap'
  /** All revisions, oldest first. */
  readonly entries: readonly RevisionEntry[]
  /** The newest revision; null when there is none. */
  readonly last: ReleaseRecord | Unreadable | null
  readonly good: ReleaseRecord | null
  /** Revisions that might be good and could not be read. */
  readonly skipped: readonly RevisionEntry[]
  /** The server's time, ms since 1970. */
  readonly now: number
  readonly lease: LeaseFact
  /** When a stale lease was last renewed, by the server's clock: what began after its end was begun by somebody else. Null: not known. */
  readonly leaseRenewedAt: number | null
  /** What GitHub says of the run and attempt in the labels of the newest revision; null when it was not asked or does not know. */
  readonly attemptCompleted: boolean | null
  /** The objects of the newest revision; null when they were not looked at. */
  readonly live: readonly LiveFact[] | null
}
