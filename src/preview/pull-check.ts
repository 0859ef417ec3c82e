import { describeGitHubProblem, type Answer } from '../github/call.ts'
import type { PullState } from '../github/pulls.ts'
import type { Preview } from './preview.ts'

/** What GitHub says of a pull request at a moment that matters. */
export type PullCheck =
  /** It is open, and this run is about its newest commit. */
  | { readonly kind: 'current' }
  | { readonly kind: 'closed' }
  /** Somebody has pushed: the run of this commit deploys. */
  | { readonly kind: 'newer'; readonly sha: string }
  /** It is not known: nothing is ever removed for that. */
  | { readonly kind: 'unknown'; readonly why: string }

/**
 * Judges what GitHub answers: another head is a newer one, for an event names the newest of its time; unless the answer itself is older
 * than the event.
 */
export function checkPull(answer: Answer<PullState>, { sha, seenAtMs }: Pick<Preview, 'sha' | 'seenAtMs'>): PullCheck {
  if (answer.kind !== 'ok') return { kind: 'unknown', why: describeGitHubProblem(answer) }
  const { isOpen, headSha, updatedAtMs } = answer.value
  const isOld = seenAtMs !== null && updatedAtMs !== null && updatedAtMs < seenAtMs
  if (isOld) return { kind: 'unknown', why: 'GitHub answers with an older state than that of the event' }
  if (!isOpen) return { kind: 'closed' }
  return sha === null || headSha === sha ? { kind: 'current' } : { kind: 'newer', sha: headSha }
}
