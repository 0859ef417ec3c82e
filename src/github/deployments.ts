import type { Answer, GitHubCall, GitHubProblem, Repository } from './call.ts'

/** A GitHub Deployment as lists show it. */
export interface Deployment {
  readonly id: number
  readonly sha: string
  /** Made by GitHub Actions: by GitHub itself for a job with `environment:`, or by a step with the workflow's token. */
  readonly isByWorkflow: boolean
  /** `run` and `step` of the one who made it, when that was this action. */
  readonly run: string
  readonly step: string
}

/** The words of the API, but for those that nobody here writes. */
export type DeploymentState = 'in_progress' | 'success' | 'failure' | 'error' | 'inactive'

export interface DeploymentStatus {
  /** A word of the API. */
  readonly state: string
  readonly logUrl: string
}

/** What a new deployment is of: `run` and `step` say who made it. */
export interface NewDeployment {
  readonly sha: string
  readonly environment: string
  readonly release: string
  readonly run: string
  readonly step: string
  /** It will go: a preview, which others in the same environment do not replace. */
  readonly isTransient: boolean
}

export interface NewStatus {
  readonly state: DeploymentState
  /** At most 140 characters, as the API takes. */
  readonly description: string
  readonly logUrl: string
  /** Empty: none is told. */
  readonly environmentUrl: string
}

/** The newest deployments of an environment, newest first; at most `most`, which GitHub takes up to 100. */
export async function listDeployments(
  call: GitHubCall,
  at: Repository,
  environment: string,
  most = 30,
): Promise<Answer<readonly Deployment[]>> {
  const listed = await listNewest(call, 'GET /repos/{owner}/{repo}/deployments', {
    ...place(at),
    environment,
    per_page: most,
  })
  return listed.kind === 'ok' ? { kind: 'ok', value: listed.value.flatMap((entry) => decodeDeployment(entry)) } : listed
}

/** The newest statuses of a deployment, newest first; at most 10. */
export async function listStatuses(
  call: GitHubCall,
  at: Repository,
  id: number,
): Promise<Answer<readonly DeploymentStatus[]>> {
  const listed = await listNewest(call, 'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
    ...place(at),
    deployment_id: id,
    per_page: 10,
  })
  return listed.kind === 'ok' ? { kind: 'ok', value: listed.value.map(decodeStatus) } : listed
}

/** The first page of a list, newest first whatever order it comes in. */
async function listNewest(
  call: GitHubCall,
  route: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<Answer<readonly Payload[]>> {
  const answer = await call(route, parameters)
  if (answer.kind !== 'ok') return naming(answer)
  return { kind: 'ok', value: records(answer.value).sort((a, b) => Number(b['id']) - Number(a['id'])) }
}

/** Makes a deployment of this very commit, whatever its checks say: the workflow has decided that already. Answers with its id. */
export async function createDeployment(
  call: GitHubCall,
  at: Repository,
  wanted: NewDeployment,
): Promise<Answer<number>> {
  const { sha, environment, isTransient, ...payload } = wanted
  const answer = await call('POST /repos/{owner}/{repo}/deployments', {
    ...place(at),
    ref: sha,
    environment,
    auto_merge: false,
    required_contexts: [],
    transient_environment: isTransient,
    production_environment: isProduction(environment),
    description: `Release ${payload.release}`,
    payload,
  })
  if (answer.kind !== 'ok') return naming(answer)
  const { id } = (answer.value ?? {}) as { readonly id?: unknown }
  return typeof id === 'number' ? { kind: 'ok', value: id } : { kind: 'refused', message: 'no deployment was made' }
}

/**
 * Adds a status. With `success`, GitHub makes older deployments of the environment inactive, as far as it does so (ADR 22). What got no
 * answer is sent once more: a status that comes twice says nothing else.
 */
export async function addStatus(
  call: GitHubCall,
  at: Repository,
  id: number,
  status: NewStatus,
): Promise<Answer<null>> {
  const { state, description, logUrl, environmentUrl } = status
  const send = (): Promise<Answer<unknown>> =>
    call('POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
      ...place(at),
      deployment_id: id,
      state,
      description: description.slice(0, 140),
      ...(logUrl ? { log_url: logUrl } : {}),
      ...(environmentUrl ? { environment_url: environmentUrl } : {}),
      auto_inactive: state === 'success',
    })
  const first = await send()
  const answer = first.kind === 'unavailable' ? await send() : first
  return answer.kind === 'ok' ? { kind: 'ok', value: null } : naming(answer)
}

/** `production`, and what is named so with a place: GitHub by itself knows the one word only. */
function isProduction(environment: string): boolean {
  return /^prod(uction)?(?![a-z])/i.test(environment)
}

function naming(problem: GitHubProblem): GitHubProblem {
  return problem.kind === 'forbidden' ? { ...problem, permission: 'deployments: write' } : problem
}

function place({ owner, name }: Repository): { owner: string; repo: string } {
  return { owner, repo: name }
}

type Payload = Readonly<Record<string, unknown>>

function decodeDeployment({ id, sha, creator, performed_via_github_app: app, payload }: Payload): Deployment[] {
  if (typeof id !== 'number') return []
  const { run, step } = (typeof payload === 'object' && payload !== null ? payload : {}) as Payload
  const isByWorkflow =
    (app as Payload | null | undefined)?.['slug'] === 'github-actions' ||
    (creator as Payload | null | undefined)?.['login'] === 'github-actions[bot]'
  return [{ id, sha: textOf(sha), isByWorkflow, run: textOf(run), step: textOf(step) }]
}

function decodeStatus(status: Payload): DeploymentStatus {
  return { state: textOf(status['state']), logUrl: textOf(status['log_url']) || textOf(status['target_url']) }
}

function records(value: unknown): Payload[] {
  return Array.isArray(value) ? value.filter((item): item is Payload => typeof item === 'object' && item !== null) : []
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
