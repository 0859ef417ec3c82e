// What the stand-in knows: one repository, its pull requests and comments, and who holds which token.

import type { Json } from './description.ts'
import type { ApiBase } from './server.ts'

/** What a token may do; `none` is a workflow without `issues` and `pull-requests` permissions in a private repository. */
export type Rights = 'write' | 'read' | 'none'
export type Identity = {
  login: string
  type: 'Bot' | 'User'
  rights: Rights
  /** What it may do with deployments, when that is something else. */
  deployments?: Rights
}
export type Pull = {
  number: number
  title?: string
  state?: 'open' | 'closed'
  merged?: boolean
  /** ISO 8601 without fractions; now when left out. */
  updatedAt?: string
  head: { ref: string; sha: string; repo?: string }
  base?: { ref: string; sha: string }
  /** Further commits that GitHub associates with it, such as its merge commit. */
  commits?: string[]
}
export type Comment = { id: number; issue: number; login: string; body: string; createdAt: string; updatedAt: string }
export type CommentSeed = { issue: number; body: string; login?: string }
export type DeploymentStatus = {
  id: number
  login: string
  state: 'error' | 'failure' | 'inactive' | 'in_progress' | 'queued' | 'pending' | 'success'
  logUrl: string
  environmentUrl: string
  description: string
}
export type Deployment = {
  id: number
  login: string
  sha: string
  environment: string
  payload: Json
  transient: boolean
  production: boolean
  statuses: DeploymentStatus[]
}
/** A deployment that is there already: one status for each state. */
export type DeploymentSeed = {
  sha: string
  environment: string
  states: DeploymentStatus['state'][]
  login?: string
  logUrl?: string
  transient?: boolean
  production?: boolean
}
export type WorldOptions = {
  /** `owner/name` */
  repo: string
  /** Where its API is; `/api/v1` is Gitea's and Forgejo's, which is another one. */
  base?: ApiBase
  private?: boolean
  pulls?: Pull[]
  comments?: CommentSeed[]
  deployments?: DeploymentSeed[]
  /** A server that does not know of deployments, as Gitea and Forgejo. */
  hasNoDeployments?: boolean
  /** Commits that exist without belonging to a pull request. */
  commits?: string[]
  tokens: Record<string, Identity>
  /** Attempts of workflow runs, `run/attempt` → `in_progress` or `completed`. */
  attempts?: Record<string, string>
  /** Roles in the repository by login; everybody else may read a public one. */
  roles?: Record<string, Role>
}
export type Role = 'admin' | 'maintain' | 'write' | 'triage' | 'read'
export type World = {
  owner: string
  name: string
  private: boolean
  id: number
  pulls: Pull[]
  comments: Comment[]
  deployments: Deployment[]
  hasNoDeployments: boolean
  commits: string[]
  tokens: Record<string, Identity>
  attempts: Record<string, string>
  roles: Record<string, Role>
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
    deployments: [],
    hasNoDeployments: options.hasNoDeployments ?? false,
    commits: options.commits ?? [],
    tokens: options.tokens,
    attempts: options.attempts ?? {},
    roles: options.roles ?? {},
    nextId: 9_000_000_001,
  }
  for (const { issue, body, login } of options.comments ?? []) addComment(world, issue, login ?? 'octocat', body)
  for (const seed of options.deployments ?? []) {
    const { login = 'github-actions[bot]', transient = false, production = false, logUrl = '', states, ...rest } = seed
    const deployment = addDeployment(world, { ...rest, login, transient, production, payload: '' })
    for (const state of states)
      addStatus(world, deployment, { login, state, logUrl, environmentUrl: '', description: '' })
  }
  return world
}

/** Changes a pull request as a push, a close or a reopening does; one that is not there yet is opened. */
export function setPull(world: World, change: Pick<Pull, 'number'> & Partial<Pull>): void {
  const pull = world.pulls.find(({ number }) => number === change.number)
  if (pull) Object.assign(pull, { updatedAt: second() }, change)
  else world.pulls.push({ updatedAt: second(), head: { ref: 'feature', sha: 'c'.repeat(40) }, ...change })
}

/** Adds a deployment as GitHub would, without a status. */
export function addDeployment(world: World, wanted: Omit<Deployment, 'id' | 'statuses'>): Deployment {
  const deployment = { ...wanted, id: world.nextId++, statuses: [] }
  world.deployments.push(deployment)
  return deployment
}

/** Adds a status to a deployment. */
export function addStatus(
  world: World,
  deployment: Deployment,
  wanted: Omit<DeploymentStatus, 'id'>,
): DeploymentStatus {
  const status = { ...wanted, id: world.nextId++ }
  deployment.statuses.push(status)
  return status
}

/** Whether the repository has a commit. */
export function knowsCommit(world: World, sha: string): boolean {
  return world.commits.includes(sha) || world.pulls.some(({ head }) => head.sha === sha)
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
