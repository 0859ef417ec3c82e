import { isPullNumber, shaOf, type PullPayload } from '../context/pull-event.ts'
import type { Answer, GitHubCall, GitHubProblem, Repository } from './call.ts'

/** A pull request as GitHub has it now. */
export interface PullState {
  readonly isOpen: boolean
  readonly headSha: string
  /** As its author wrote it: not trusted. */
  readonly headRef: string
  /** `owner/name` of the repository that the head is in; null when it was deleted. */
  readonly headRepository: string | null
  /** When it was last changed, ms since 1970 by GitHub's clock; null when it does not tell. */
  readonly updatedAtMs: number | null
}

/** Reads one pull request. What is not there is told as a problem, and so is an answer without state or commit. */
export async function readPull(call: GitHubCall, at: Repository, number: number): Promise<Answer<PullState>> {
  const answer = await call('GET /repos/{owner}/{repo}/pulls/{pull_number}', {
    owner: at.owner,
    repo: at.name,
    pull_number: number,
  })
  if (answer.kind !== 'ok') return needing(answer)
  const state = decode(answer.value)
  return state ? { kind: 'ok', value: state } : { kind: 'unavailable', message: 'the answer is no pull request' }
}

const perPage = 100

/** The numbers of open pull requests: as many of the newest as `mostPages` requests tell, 100 each. One that is missing may be open all the same. */
export async function listOpenPulls(
  call: GitHubCall,
  at: Repository,
  mostPages: number,
): Promise<Answer<ReadonlySet<number>>> {
  const open = new Set<number>()
  for (let page = 1; page <= mostPages; page += 1) {
    const parameters = { owner: at.owner, repo: at.name, state: 'open', per_page: perPage, page }
    const answer = await call('GET /repos/{owner}/{repo}/pulls', parameters)
    if (answer.kind !== 'ok') return needing(answer)
    const pulls: readonly unknown[] = Array.isArray(answer.value) ? answer.value : []
    for (const pull of pulls) {
      const { number, state } = (pull ?? {}) as PullPayload
      if (isPullNumber(number) && state === 'open') open.add(number)
    }
    if (pulls.length < perPage) break
  }
  return { kind: 'ok', value: open }
}

function needing(problem: GitHubProblem): GitHubProblem {
  return problem.kind === 'forbidden' ? { ...problem, permission: 'pull-requests: read' } : problem
}

function decode(value: unknown): PullState | null {
  const { state, updated_at: updated, head } = (value ?? {}) as PullPayload
  const headSha = shaOf(head?.sha)
  if ((state !== 'open' && state !== 'closed') || headSha === null || typeof head?.ref !== 'string') return null
  return {
    isOpen: state === 'open',
    headSha,
    headRef: head.ref,
    headRepository: typeof head.repo?.full_name === 'string' ? head.repo.full_name : null,
    updatedAtMs: typeof updated === 'string' ? Date.parse(updated) || null : null,
  }
}
