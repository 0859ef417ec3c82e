import { describeHolder, readLease, type Lease } from './lease.ts'

/** A Lease, and since when it is seen unchanged, by a clock of our own that only goes forward. */
export interface Sighting {
  readonly lease: Lease | null
  readonly sinceMs: number
}

/** What a Lease means for a run that waits for it. */
export type LeaseDecision =
  /** There is none, or nobody has it. */
  | { readonly kind: 'free' }
  /** We have it already: an answer that was lost had told us. */
  | { readonly kind: 'ours' }
  /** Somebody has it, in words; if nothing changes it is stale after so many ms. */
  | { readonly kind: 'held'; readonly by: string; readonly staleInMs: number }
  /** Its owner is dead, and how that is known. */
  | { readonly kind: 'stale'; readonly why: string }

/** The new sighting after another look. Any change counts, a renewal or not; the times in it do not: they are of other clocks. */
export function sight(before: Sighting | null, lease: Lease | null, nowMs: number): Sighting {
  return before && versionOf(before.lease) === versionOf(lease) ? before : { lease, sinceMs: nowMs }
}

/** Decides what a waiter does about a Lease; `isCompleted` means that GitHub says so of the attempt that owns it. */
export function decideLease(
  { lease, sinceMs }: Sighting,
  identity: string,
  nowMs: number,
  isCompleted: boolean,
): LeaseDecision {
  const facts = lease && readLease(lease)
  if (!facts || facts.holder === '') return { kind: 'free' }
  if (facts.holder === identity) return { kind: 'ours' }
  if (isCompleted) return { kind: 'stale', why: 'GitHub says that its attempt has completed' }
  const staleInMs = sinceMs + facts.durationSeconds * 1000 - nowMs
  if (staleInMs <= 0) return { kind: 'stale', why: `it was not renewed for ${facts.durationSeconds} s` }
  return { kind: 'held', by: describeHolder(facts), staleInMs }
}

function versionOf(lease: Lease | null): string {
  return lease ? `${lease.metadata.uid ?? ''} ${lease.metadata.resourceVersion ?? ''}` : ''
}
