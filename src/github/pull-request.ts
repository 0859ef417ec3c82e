import type { GitHubCall, GitHubProblem, Repository } from './call.ts'

/** Where a run could learn which pull request it belongs to. */
export interface PullRequestHints {
  /** The `pr-number` input. */
  readonly input: number | null
  /** The pull request that the event is about. */
  readonly event: number | null
  readonly eventName: string
  readonly sha: string | null
  readonly repository: Repository
}

export type PullRequestResult =
  | { readonly kind: 'found'; readonly number: number }
  | { readonly kind: 'none' }
  | GitHubProblem

interface Candidate {
  readonly number: number
  readonly open: boolean
  readonly headSha: string | null
  readonly mergeSha: string | null
}

/** Only here the commit of the run is the commit that was pushed; for others it is the tip of the default branch. */
const eventsWithCommit: readonly string[] = ['push', 'workflow_dispatch']

/** The pull request of the run: the input, else the event's, else the one that the pushed commit belongs to. */
export async function findPullRequest(call: GitHubCall, hints: PullRequestHints): Promise<PullRequestResult> {
  const given = hints.input ?? hints.event
  if (given !== null) return { kind: 'found', number: given }
  if (hints.sha === null || !eventsWithCommit.includes(hints.eventName)) return { kind: 'none' }
  const answer = await call('GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls', {
    owner: hints.repository.owner,
    repo: hints.repository.name,
    commit_sha: hints.sha,
    per_page: 100,
  })
  if (answer.kind !== 'ok')
    return answer.kind === 'forbidden' ? { ...answer, permission: 'pull-requests: read' } : answer
  const number = choosePullRequest(candidates(answer.value), hints.sha)
  return number === null ? { kind: 'none' } : { kind: 'found', number }
}

/** An open pull request whose head is the commit, else any open one with it, else the one that was merged as this commit. */
function choosePullRequest(pulls: readonly Candidate[], sha: string): number | null {
  const open = pulls.filter((pull) => pull.open)
  const best =
    open.find((pull) => pull.headSha === sha) ?? open[0] ?? pulls.find((pull) => !pull.open && pull.mergeSha === sha)
  return best?.number ?? null
}

interface PullPayload {
  readonly number?: unknown
  readonly state?: unknown
  readonly merge_commit_sha?: unknown
  readonly head?: { readonly sha?: unknown } | null
}

function candidates(value: unknown): Candidate[] {
  if (!Array.isArray(value)) return []
  return (value as PullPayload[]).flatMap(({ number, state, merge_commit_sha: mergeSha, head }) =>
    typeof number === 'number'
      ? [{ number, open: state === 'open', headSha: textOrNull(head?.sha), mergeSha: textOrNull(mergeSha) }]
      : [],
  )
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
