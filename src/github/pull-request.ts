import type { HeadBranch } from '../context/pull-request.ts'
import type { Answer, GitHubCall, GitHubProblem, Repository } from './call.ts'

/** Where a run could learn which pull request it belongs to. */
export interface PullRequestHints {
  /** The `pr-number` input. */
  readonly input: number | null
  /** The pull request that the event is about. */
  readonly event: number | null
  readonly eventName: string
  readonly sha: string | null
  /** The branch of a fork that the event is about. */
  readonly fork: HeadBranch | null
  readonly repository: Repository
  /** Gitea and Forgejo know one merged pull request for a commit, and have another address for it. */
  readonly isGitea: boolean
}

export type PullRequestResult =
  | { readonly kind: 'found'; readonly number: number }
  | { readonly kind: 'none' }
  | GitHubProblem

interface Candidate {
  readonly number: number
  readonly open: boolean
  readonly headSha: string | null
  readonly headRepository: string | null
  readonly mergeSha: string | null
}

/** Only here the commit of the run is the commit that was pushed; for others it is the tip of the default branch. */
const eventsWithCommit: readonly string[] = ['push', 'workflow_dispatch', 'workflow_run']

/**
 * The pull request of the run: the input, else the event's, else the one of the fork's branch, else the one that the commit belongs to.
 */
export async function findPullRequest(call: GitHubCall, hints: PullRequestHints): Promise<PullRequestResult> {
  const given = hints.input ?? hints.event
  if (given !== null) return { kind: 'found', number: given }
  const { fork, sha, eventName } = hints
  if (fork) return found(await listOfFork(call, hints, fork), (pulls) => chooseOfFork(pulls, fork))
  if (sha === null || !eventsWithCommit.includes(eventName)) return { kind: 'none' }
  const answer = hints.isGitea ? await mergedOnGitea(call, hints, sha) : await listOfCommit(call, hints, sha)
  return found(answer, (pulls) => choosePullRequest(pulls, sha))
}

/** The commit at the head of a pull request; null when GitHub does not tell. */
export async function headCommit(
  call: GitHubCall,
  { owner, name }: Repository,
  number: number,
): Promise<string | null> {
  const answer = await call('GET /repos/{owner}/{repo}/pulls/{pull_number}', { owner, repo: name, pull_number: number })
  const head = answer.kind === 'ok' ? ((answer.value ?? {}) as PullPayload).head : null
  return textOrNull(head?.sha)
}

function listOfCommit(call: GitHubCall, { repository }: PullRequestHints, sha: string): Promise<Answer<unknown>> {
  return call('GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls', {
    owner: repository.owner,
    repo: repository.name,
    commit_sha: sha,
    per_page: 100,
  })
}

/** Answers "not found" for a commit that no merge has made. */
async function mergedOnGitea(
  call: GitHubCall,
  { repository }: PullRequestHints,
  sha: string,
): Promise<Answer<unknown>> {
  const { owner, name: repo } = repository
  const answer = await call('GET /repos/{owner}/{repo}/commits/{sha}/pull', { owner, repo, sha })
  if (answer.kind === 'not-found') return { kind: 'ok', value: [] }
  return answer.kind === 'ok' ? { kind: 'ok', value: [answer.value] } : answer
}

function listOfFork(call: GitHubCall, { repository }: PullRequestHints, fork: HeadBranch): Promise<Answer<unknown>> {
  const [owner = ''] = fork.repository.split('/')
  return call('GET /repos/{owner}/{repo}/pulls', {
    owner: repository.owner,
    repo: repository.name,
    state: 'all',
    head: `${owner}:${fork.branch}`,
    per_page: 100,
  })
}

function found(
  answer: Answer<unknown>,
  choose: (pulls: readonly Candidate[]) => Candidate | undefined,
): PullRequestResult {
  if (answer.kind === 'forbidden') return { ...answer, permission: 'pull-requests: read' }
  if (answer.kind !== 'ok') return answer
  const best = choose(candidates(answer.value))
  return best === undefined ? { kind: 'none' } : { kind: 'found', number: best.number }
}

/** An open pull request whose head is the commit, else any open one with it, else the one that was merged as this commit. */
function choosePullRequest(pulls: readonly Candidate[], sha: string): Candidate | undefined {
  const open = pulls.filter((pull) => pull.open)
  return (
    open.find((pull) => pull.headSha === sha) ?? open[0] ?? pulls.find((pull) => !pull.open && pull.mergeSha === sha)
  )
}

/** Of this very commit in this very fork, the open one first: what a stranger has pushed elsewhere is not taken for it. */
function chooseOfFork(pulls: readonly Candidate[], { repository, sha }: HeadBranch): Candidate | undefined {
  const exact = pulls.filter((pull) => pull.headSha === sha && pull.headRepository === repository)
  return exact.find((pull) => pull.open) ?? exact[0]
}

interface PullPayload {
  readonly number?: unknown
  readonly state?: unknown
  readonly merge_commit_sha?: unknown
  readonly head?: { readonly sha?: unknown; readonly repo?: { readonly full_name?: unknown } | null } | null
}

function candidates(value: unknown): Candidate[] {
  if (!Array.isArray(value)) return []
  return (value as PullPayload[]).flatMap(({ number, state, merge_commit_sha: mergeSha, head }) =>
    typeof number === 'number'
      ? [
          {
            number,
            open: state === 'open',
            headSha: textOrNull(head?.sha),
            headRepository: textOrNull(head?.repo?.full_name),
            mergeSha: textOrNull(mergeSha),
          },
        ]
      : [],
  )
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
