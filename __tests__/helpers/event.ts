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
    },
    repository,
    sender: { login: 'dev', type: 'User' },
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

function repositoryPayload(repo: string, isPrivate: boolean): Record<string, unknown> {
  const [owner, name] = repo.split('/')
  return {
    name,
    full_name: repo,
    private: isPrivate,
    visibility: isPrivate ? 'private' : 'public',
    owner: { login: owner, type: 'Organization' },
    html_url: `https://github.com/${repo}`,
    default_branch: 'main',
  }
}
