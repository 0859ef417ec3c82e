import type { Metadata } from '../cluster/types.ts'
import { formatDuration } from '../inputs/duration.ts'
import { isConsistent, ownerOf } from './labels.ts'
import type { Preview } from './preview.ts'

const dayMs = 86_400_000

/** A preview as its namespace tells it. */
export interface Candidate {
  readonly preview: Preview
  readonly namespace: string
  readonly uid: string
  /** The release that was deployed last. */
  readonly release: string
  readonly environment: string
  /** Ms since 1970, by the API server; null: it lives until its pull request is closed. */
  readonly expiresAtMs: number | null
  readonly isEnding: boolean
}

/** A namespace that bears our labels, and is not ours to remove all the same. */
export interface Odd {
  readonly namespace: string
  readonly why: string
}

/**
 * Reads a namespace that the selector of our labels has found. Whoever may label namespaces can write those, so labels and annotations have
 * to tell the same, as a deploy writes them.
 */
export function readCandidate(metadata: Metadata, of: Pick<Preview, 'repository' | 'serverUrl'>): Candidate | Odd {
  const { name: namespace, uid = '' } = metadata
  const owner = ownerOf(metadata, of)
  if (owner.kind === 'none') return { namespace, why: 'it bears no labels of a preview any more' }
  if (owner.kind === 'other')
    return { namespace, why: `its annotations and labels say that it belongs to ${owner.whose}` }
  const { pull, release, environment, expiresAtMs } = owner.facts
  const preview = { ...of, pull, branch: null, sha: null, seenAtMs: null }
  if (release === null || !isConsistent(metadata, preview))
    return {
      namespace,
      why: `its labels name pull request ${pull}, but its annotations are not those that a deploy writes`,
    }
  const isEnding = metadata.deletionTimestamp !== undefined
  return { preview, namespace, uid, release, environment, expiresAtMs, isEnding }
}

/** What is known of a pull request. */
export type PullSight =
  | { readonly kind: 'open' }
  | { readonly kind: 'closed' }
  /** GitHub did not tell: nothing is ever removed for that. */
  | { readonly kind: 'unreadable'; readonly why: string }

export interface SweepDecision {
  readonly kind: 'keep' | 'remove'
  readonly why: string
  /** Nobody knows whether it is still needed: worth a warning. */
  readonly isUnsure: boolean
  /** Its pull request is open, and only the time of the preview is over. */
  readonly isExpired: boolean
}

/** Decides what becomes of a preview; `holder` is the living run that has its lock, `nowMs` the API server's time. */
export function decideSweep(
  { preview: { pull }, expiresAtMs, isEnding }: Candidate,
  sight: PullSight,
  holder: string | null,
  nowMs: number,
): SweepDecision {
  const keep = (why: string, isUnsure = false): SweepDecision => ({
    kind: 'keep',
    why,
    isUnsure,
    isExpired: false,
  })
  if (sight.kind === 'unreadable')
    return keep(`whether pull request ${pull} is open cannot be read: ${sight.why}`, true)
  const isExpired = expiresAtMs !== null && expiresAtMs <= nowMs
  if (sight.kind === 'open' && !isExpired)
    return keep(
      expiresAtMs === null
        ? 'its pull request is open'
        : `its pull request is open, and it has ${span(expiresAtMs - nowMs)} left`,
    )
  if (sight.kind === 'open' && isEnding) return keep('it is being deleted already')
  if (holder !== null) return keep(`another run works on it: ${holder}`)
  const remove = { kind: 'remove', isUnsure: false } as const
  if (sight.kind === 'closed') return { ...remove, why: 'its pull request is closed', isExpired: false }
  return { ...remove, why: `it expired ${span(nowMs - (expiresAtMs ?? nowMs))} ago`, isExpired: true }
}

function span(ms: number): string {
  const days = Math.floor(ms / dayMs)
  const hours = Math.floor((ms % dayMs) / 3_600_000)
  if (days > 0) return `${days}d${hours > 0 ? `${hours}h` : ''}`
  return formatDuration(ms < 60_000 ? Math.max(1, Math.ceil(ms / 1000)) * 1000 : Math.floor(ms / 60_000) * 60_000)
}
