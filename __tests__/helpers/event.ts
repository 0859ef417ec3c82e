// The event payloads that GitHub hands to a workflow, cut down to what actions read.

export type PullRequestEvent = { number: number; headRef: string; headSha: string; payload: Record<string, unknown> }

/** A pull request event; `fork` names the repository that the head lives in, when it is another one. */
export function pullRequestEvent(
  repo: string,
  options: {
    number?: number
    action?: string
    headSha?: string
    headRef?: string
    title?: string
    fork?: string
    private?: boolean
    /** ISO 8601; GitHub always tells, tests only when it matters. */
    updatedAt?: string
    /** Who has given which label, for the action `labeled`. */
    label?: string
    sender?: string
  } = {},
): PullRequestEvent {
  const number = options.number ?? 7
  const headSha = options.headSha ?? 'b81e77d5c1f0a3e9d2b4c6a8e0f1234567890abc'
  const headRef = options.headRef ?? 'faster-checkout'
  const repository = repositoryPayload(repo, options.private ?? false)
  const payload = {
    action: options.action ?? 'synchronize',
    number,
    pull_request: {
      number,
      state: options.action === 'closed' ? 'closed' : 'open',
      title: options.title ?? 'Faster checkout',
      html_url: `https://github.com/${repo}/pull/${number}`,
      head: {
        ref: headRef,
        sha: headSha,
        repo: {
          ...repositoryPayload(options.fork ?? repo, options.private ?? false),
          fork: options.fork !== undefined,
        },
      },
      base: { ref: 'main', sha: '9f2c1ab0000000000000000000000000000000aa', repo: repository },
      user: { login: 'dev', type: 'User' },
      ...(options.updatedAt !== undefined && { updated_at: options.updatedAt }),
    },
    repository,
    ...(options.label !== undefined && { label: { name: options.label } }),
    sender: { login: options.sender ?? 'dev', type: 'User' },
  }
  return { number, headRef, headSha, payload }
}

/** A push event. */
export function pushEvent(repo: string, sha: string): Record<string, unknown> {
  return {
    ref: 'refs/heads/main',
    after: sha,
    before: '0'.repeat(40),
    repository: repositoryPayload(repo, false),
    head_commit: { id: sha, message: 'Merge pull request #7 from org/faster-checkout' },
    pusher: { name: 'dev' },
    sender: { login: 'dev', type: 'User' },
  }
}

/** The event of a workflow that waits for another; GitHub lists no pull requests for a fork. */
export function workflowRunEvent(
  repo: string,
  head: { repo?: string; branch: string; sha: string; pull?: number },
): Record<string, unknown> {
  const from = head.repo ?? repo
  const base = { ref: 'main', sha: '0'.repeat(40), repo: { id: idOf(repo), name: repo.split('/')[1] } }
  const pulls = head.pull === undefined ? [] : [{ number: head.pull, head: { ref: head.branch, sha: head.sha }, base }]
  return {
    action: 'completed',
    workflow_run: {
      id: 77,
      event: 'pull_request',
      conclusion: 'success',
      head_branch: head.branch,
      head_sha: head.sha,
      head_repository: repositoryPayload(from, false),
      repository: repositoryPayload(repo, false),
      pull_requests: pulls,
    },
    repository: repositoryPayload(repo, false),
    sender: { login: 'dev', type: 'User' },
  }
}

/** A comment on a pull request: its commit is not in the payload. */
export function issueCommentEvent(repo: string, number: number): Record<string, unknown> {
  return {
    action: 'created',
    issue: { number, pull_request: { url: `https://api.github.com/repos/${repo}/pulls/${number}` } },
    comment: { body: '/deploy', user: { login: 'dev', type: 'User' } },
    repository: repositoryPayload(repo, false),
    sender: { login: 'dev', type: 'User' },
  }
}

/** The event of a merge queue. */
export function mergeGroupEvent(repo: string, number: number, sha: string): Record<string, unknown> {
  const head_ref = `refs/heads/gh-readonly-queue/main/pr-${number}-${'9'.repeat(40)}`
  return {
    action: 'checks_requested',
    merge_group: { head_ref, head_sha: sha, base_ref: 'refs/heads/main', base_sha: '9'.repeat(40) },
    repository: repositoryPayload(repo, false),
    sender: { login: 'github-merge-queue[bot]', type: 'Bot' },
  }
}

function repositoryPayload(repo: string, isPrivate: boolean): Record<string, unknown> {
  const [owner, name] = repo.split('/')
  return {
    id: idOf(repo),
    name,
    full_name: repo,
    private: isPrivate,
    visibility: isPrivate ? 'private' : 'public',
    owner: { login: owner, type: 'Organization' },
    html_url: `https://github.com/${repo}`,
    default_branch: 'main',
  }
}

function idOf(repo: string): number {
  return Array.from(repo).reduce((sum, char) => (sum * 31 + (char.codePointAt(0) ?? 0)) % 90_000_000, 7)
}
