/** Why GitHub did not do what was asked. Never thrown: the deploy's verdict stands whatever GitHub answers. */
export type GitHubProblem =
  /** The token may not; `permission` is what the workflow has to grant. */
  | { readonly kind: 'forbidden'; readonly permission: string; readonly message: string }
  /** The token is missing, wrong or expired. */
  | { readonly kind: 'unauthorized'; readonly message: string }
  | { readonly kind: 'not-found'; readonly message: string }
  /** GitHub understood and says no: too long, locked, archived. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'rate-limited'; readonly message: string }
  /** No answer, or none in time, or an error of GitHub's own. */
  | { readonly kind: 'unavailable'; readonly message: string }

export type Answer<T> = { readonly kind: 'ok'; readonly value: T } | GitHubProblem

/**
 * One request to GitHub's REST API: a route as in its documentation (`GET /repos/{owner}/{repo}/issues/{issue_number}/comments`) and its
 * parameters. Answers with the decoded body or a problem, never throws.
 */
export type GitHubCall = (route: string, parameters: Readonly<Record<string, unknown>>) => Promise<Answer<unknown>>

/** A repository on GitHub. */
export interface Repository {
  readonly owner: string
  readonly name: string
}

/** Whether this is the API of Gitea or Forgejo, which is like GitHub's and lacks parts of it. */
export function isGitea(apiUrl: string): boolean {
  return /\/api\/v1\/*$/.test(apiUrl)
}

/** A problem as one sentence with what to do about it, for the log. */
export function describeGitHubProblem(problem: GitHubProblem): string {
  if (problem.kind === 'forbidden')
    return `GitHub refused: the token lacks \`${problem.permission}\` (${problem.message})`
  return `${beginnings[problem.kind]} (${problem.message})`
}

/** What an HTTP status means; `headers` are lower-case. `permission` is what the route needs, when GitHub does not tell. */
export function problemOf(
  status: number,
  message: string,
  headers: Readonly<Record<string, unknown>> = {},
): GitHubProblem {
  if (status === 401) return { kind: 'unauthorized', message }
  if (status === 404 || status === 410) return { kind: 'not-found', message }
  if (status === 429 || isRateLimit(message, headers)) return { kind: 'rate-limited', message }
  if (status === 403 && /not accessible|permission|must have|forbidden/i.test(message)) {
    return { kind: 'forbidden', permission: grantable(headers['x-accepted-github-permissions']), message }
  }
  if (status >= 400 && status < 500) return { kind: 'refused', message }
  return { kind: 'unavailable', message }
}

const beginnings: Readonly<Record<Exclude<GitHubProblem['kind'], 'forbidden'>, string>> = {
  unauthorized: 'GitHub does not accept the token',
  'not-found': 'GitHub does not find it, or the token may not see it',
  refused: 'GitHub refused',
  'rate-limited': "GitHub's rate limit is used up",
  unavailable: 'GitHub cannot be reached',
}

function isRateLimit(message: string, headers: Readonly<Record<string, unknown>>): boolean {
  return /rate limit|abuse detection/i.test(message) || headers['x-ratelimit-remaining'] === '0'
}

/** `issues=write; pull_requests=write` in the way that a workflow writes it. The last one is the narrowest for a pull request. */
function grantable(accepted: unknown): string {
  const [, name = 'pull_requests', level = 'write'] =
    /([a-z_]+)=(\w+)\s*$/.exec(typeof accepted === 'string' ? accepted : '') ?? []
  return `${name.replaceAll('_', '-')}: ${level}`
}
