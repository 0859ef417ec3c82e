/** What an event's payload says about the pull request that it is about; GitHub's, Gitea's and Forgejo's alike. */
export interface EventPayload {
  readonly pull_request?: { readonly number?: unknown; readonly head?: Head | null } | null
  readonly issue?: { readonly number?: unknown; readonly pull_request?: unknown } | null
  readonly workflow_run?: WorkflowRun | null
  readonly merge_group?: { readonly head_ref?: unknown } | null
  readonly repository?: Repository | null
}

interface Head {
  readonly sha?: unknown
}

interface Repository {
  readonly id?: unknown
  readonly full_name?: unknown
  readonly private?: unknown
  readonly visibility?: unknown
}

interface WorkflowRun {
  readonly head_sha?: unknown
  readonly head_branch?: unknown
  readonly head_repository?: Repository | null
  readonly pull_requests?: unknown
}

interface ListedPull {
  readonly number?: unknown
  readonly head?: Head | null
  readonly base?: { readonly repo?: Repository | null } | null
}

/** A branch of a repository, at the commit that a workflow run was about. */
export interface HeadBranch {
  /** `owner/name` */
  readonly repository: string
  readonly branch: string
  readonly sha: string
}

/** The number of the pull request, where the payload has it; null otherwise. */
export function pullRequestNumber(event: EventPayload, eventName: string): number | null {
  const candidates = [
    event.pull_request?.number,
    event.issue?.pull_request ? event.issue.number : undefined,
    ...pullsOfRun(event),
    eventName === 'merge_group' ? queuedNumber(event.merge_group?.head_ref) : undefined,
  ]
  return candidates.find((value): value is number => Number.isInteger(value)) ?? null
}

/**
 * The commit that people know the event by: of a pull request its head, since `GITHUB_SHA` is a merge commit; of a workflow run the one
 * that it was for, since `GITHUB_SHA` is the tip of the default branch. Null for a comment on a pull request, whose commit only GitHub
 * knows; undefined where `GITHUB_SHA` is the one.
 */
export function commitOf(event: EventPayload): string | null | undefined {
  const known = [event.pull_request?.head?.sha, event.workflow_run?.head_sha].find((sha) => typeof sha === 'string')
  return known ?? (event.issue?.pull_request ? null : undefined)
}

/** The head of the workflow run that has ended, when that is in another repository: for forks GitHub lists no pull requests. */
export function forkOfRun({ workflow_run: run, repository }: EventPayload): HeadBranch | null {
  const { full_name: name } = run?.head_repository ?? {}
  const { head_branch: branch, head_sha: sha } = run ?? {}
  if (typeof name !== 'string' || typeof branch !== 'string' || typeof sha !== 'string') return null
  return name === repository?.full_name ? null : { repository: name, branch, sha }
}

/** Those of this repository: a branch can be the head of pull requests elsewhere too. The one of this very commit comes first. */
function pullsOfRun({ workflow_run: run, repository }: EventPayload): unknown[] {
  const listed = Array.isArray(run?.pull_requests) ? (run.pull_requests as (ListedPull | null)[]) : []
  const ours = listed.filter((pull) => {
    const base = pull?.base?.repo?.id
    return base === undefined || repository?.id === undefined || base === repository.id
  })
  const exact = ours.find((pull) => pull?.head?.sha === run?.head_sha)
  return [exact, ...ours].map((pull) => pull?.number)
}

/** `refs/heads/gh-readonly-queue/main/pr-123-<sha>`: GitHub makes this branch, and nobody else can write it. */
function queuedNumber(ref: unknown): number | undefined {
  const [, digits] = /^(?:refs\/heads\/)?gh-readonly-queue\/.+\/pr-(\d{1,9})-[\da-f]+$/.exec(String(ref)) ?? []
  return digits === undefined ? undefined : Number(digits)
}
