// What the stand-in knows: one repository, its pull requests and comments, and who holds which token.

/** What a token may do; `none` is a workflow without `issues` and `pull-requests` permissions in a private repository. */
export type Rights = 'write' | 'read' | 'none'
export type Identity = { login: string; type: 'Bot' | 'User'; rights: Rights }
export type Pull = {
  number: number
  title?: string
  state?: 'open' | 'closed'
  merged?: boolean
  head: { ref: string; sha: string; repo?: string }
  base?: { ref: string; sha: string }
  /** Further commits that GitHub associates with it, such as its merge commit. */
  commits?: string[]
}
export type Comment = { id: number; issue: number; login: string; body: string; createdAt: string; updatedAt: string }
export type CommentSeed = { issue: number; body: string; login?: string }
export type WorldOptions = {
  /** `owner/name` */
  repo: string
  private?: boolean
  pulls?: Pull[]
  comments?: CommentSeed[]
  /** Commits that exist without belonging to a pull request. */
  commits?: string[]
  tokens: Record<string, Identity>
  /** Attempts of workflow runs, `run/attempt` → `in_progress` or `completed`. */
  attempts?: Record<string, string>
}
export type World = {
  owner: string
  name: string
  private: boolean
  id: number
  pulls: Pull[]
  comments: Comment[]
  commits: string[]
  tokens: Record<string, Identity>
  attempts: Record<string, string>
  nextId: number
}

/** The `GITHUB_TOKEN` of a workflow: an app installation, so it cannot ask who it is. */
export function installation(rights: Rights = 'write'): Identity {
  return { login: 'github-actions[bot]', type: 'Bot', rights }
}

/** A person's access token. */
export function person(login: string, rights: Rights = 'write'): Identity {
  return { login, type: 'User', rights }
}

/** Fills a world from what a test says about it. */
export function createWorld(options: WorldOptions): World {
  const [owner = '', name = ''] = options.repo.split('/')
  const world: World = {
    owner,
    name,
    private: options.private ?? false,
    id: 7_001_001,
    pulls: options.pulls ?? [],
    comments: [],
    commits: options.commits ?? [],
    tokens: options.tokens,
    attempts: options.attempts ?? {},
    nextId: 9_000_000_001,
  }
  for (const { issue, body, login } of options.comments ?? []) addComment(world, issue, login ?? 'octocat', body)
  return world
}

/** Adds a comment as GitHub would, with the next id and the present second. */
export function addComment(world: World, issue: number, login: string, body: string): Comment {
  const now = second()
  const comment = { id: world.nextId++, issue, login, body, createdAt: now, updatedAt: now }
  world.comments.push(comment)
  return comment
}

/** GitHub's times have no fractions. */
export function second(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`
}

/** The pull requests that GitHub lists for a commit, or undefined when it does not know the commit. */
export function pullsOfCommit(world: World, sha: string): Pull[] | undefined {
  const pulls = world.pulls.filter((pull) => pull.head.sha === sha || (pull.commits ?? []).includes(sha))
  return pulls.length > 0 || world.commits.includes(sha) ? pulls : undefined
}
