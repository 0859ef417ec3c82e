import { mapLimited } from '../cluster/objects.ts'
import { describeGitHubProblem, type GitHubCall, type GitHubProblem, type Repository } from '../github/call.ts'
import { listOpenPulls, readPull } from '../github/pulls.ts'
import type { PullSight } from './sweep-decision.ts'

const askedAtOnce = 4

/** What GitHub says of pull requests. */
export interface Sights {
  readonly of: ReadonlyMap<number, PullSight>
  /** The token may read no pull request at all, and why. */
  readonly refusal: GitHubProblem | null
}

/**
 * Asks GitHub which of these pull requests are open. A list is asked for first, as long as that costs fewer requests than one for each;
 * that one is missing in it proves nothing, so it is asked for alone.
 */
export async function lookAtPulls(call: GitHubCall, at: Repository, numbers: readonly number[]): Promise<Sights> {
  const wanted = [...new Set(numbers)]
  const listed = wanted.length > 1 ? await listOpenPulls(call, at, wanted.length - 1) : null
  const open = listed?.kind === 'ok' ? listed.value : new Set<number>()
  const problems: (GitHubProblem | null)[] = []
  const sights = await mapLimited(
    wanted,
    async (number): Promise<readonly [number, PullSight]> => {
      if (open.has(number)) return [number, { kind: 'open' }]
      const { sight, problem } = await lookAtPull(call, at, number)
      problems.push(problem)
      return [number, sight]
    },
    askedAtOnce,
  )
  const refusals = problems.filter((one) => one?.kind === 'forbidden' || one?.kind === 'unauthorized')
  const isRefused = wanted.length > 0 && refusals.length === wanted.length
  return { of: new Map(sights), refusal: isRefused ? (refusals[0] ?? null) : null }
}

/** Asks GitHub for one pull request, now. */
export async function lookAtPull(
  call: GitHubCall,
  at: Repository,
  number: number,
): Promise<{ readonly sight: PullSight; readonly problem: GitHubProblem | null }> {
  const answer = await readPull(call, at, number)
  if (answer.kind === 'ok') return { sight: { kind: answer.value.isOpen ? 'open' : 'closed' }, problem: null }
  return { sight: { kind: 'unreadable', why: describeGitHubProblem(answer) }, problem: answer }
}
