// Deployments and their statuses, with what GitHub's documentation says that a success does to older ones.
import { minimal } from './check.ts'
import { object, text } from './description.ts'
import type { Json, JsonObject } from './description.ts'
import { page, problem } from './pages.ts'
import type { Answer, Call } from './pages.ts'
import { userShape } from './shapes.ts'
import { addDeployment, addStatus, knowsCommit } from './world.ts'
import type { Deployment, DeploymentStatus, World } from './world.ts'

const docs = { deployments: 'deployments/deployments', statuses: 'deployments/statuses' }

/** The newest first, as GitHub gives them. */
export function listDeployments(call: Call): Answer {
  const { world, query, api } = call
  if (world.hasNoDeployments) return problem(404, 'Not Found', docs.deployments)
  const asked = (name: 'environment' | 'sha' | 'task', value: string): boolean =>
    query[name] === undefined || query[name] === value
  const found = world.deployments.filter(
    ({ environment, sha }) => asked('environment', environment) && asked('sha', sha) && asked('task', 'deploy'),
  )
  return page(call, 'deployments', found.toReversed(), (one) => deploymentShape(world, one, api))
}

export function createDeployment({ world, identity, body, api }: Call): Answer {
  if (world.hasNoDeployments) return problem(404, 'Not Found', docs.deployments)
  const wanted = object(body)
  const ref = text(wanted['ref'])
  if (!knowsCommit(world, ref)) return problem(422, `No ref found for: ${ref}`, docs.deployments)
  // Without these GitHub merges the default branch into the ref, and waits for its checks.
  if (wanted['auto_merge'] !== false || !Array.isArray(wanted['required_contexts']))
    return problem(409, 'Conflict: Commit status checks failed for master.', docs.deployments)
  const environment = text(wanted['environment']) || 'production'
  const made = addDeployment(world, {
    login: identity.login,
    sha: ref,
    environment,
    payload: wanted['payload'] ?? '',
    transient: wanted['transient_environment'] === true,
    production: (wanted['production_environment'] ?? environment === 'production') === true,
  })
  return { status: 201, body: deploymentShape(world, made, api) }
}

export function listStatuses(call: Call): Answer {
  const { world, api } = call
  const deployment = findDeployment(call)
  if (deployment === undefined) return problem(404, 'Not Found', docs.statuses)
  const path = `deployments/${deployment.id}/statuses`
  return page(call, path, deployment.statuses.toReversed(), (one) => statusShape(world, deployment, one, api))
}

export function createStatus(call: Call): Answer {
  const { world, identity, body, api } = call
  const deployment = findDeployment(call)
  if (deployment === undefined) return problem(404, 'Not Found', docs.statuses)
  const wanted = object(body)
  if (text(wanted['description']).length > 140) return problem(422, 'Validation Failed', docs.statuses)
  const made = addStatus(world, deployment, {
    login: identity.login,
    state: text(wanted['state']) as DeploymentStatus['state'],
    logUrl: text(wanted['log_url']) || text(wanted['target_url']),
    environmentUrl: text(wanted['environment_url']),
    description: text(wanted['description']),
  })
  if (made.state === 'success' && wanted['auto_inactive'] !== false) retireOlder(world, deployment)
  return { status: 201, body: statusShape(world, deployment, made, api) }
}

/** `auto_inactive`: all prior ones of the environment that are a success, but neither transient nor of production. */
function retireOlder(world: World, { id, environment }: Deployment): void {
  for (const older of world.deployments) {
    const isMeant = older.id < id && older.environment === environment && !older.transient && !older.production
    if (!isMeant || older.statuses.at(-1)?.state !== 'success') continue
    addStatus(world, older, { login: 'github', state: 'inactive', logUrl: '', environmentUrl: '', description: '' })
  }
}

function findDeployment({ world, params }: Call): Deployment | undefined {
  return world.deployments.find(({ id }) => String(id) === params['deployment_id'])
}

function deploymentShape(world: World, deployment: Deployment, api: string): Json {
  const url = `${api}/repos/${world.owner}/${world.name}/deployments/${deployment.id}`
  return shape('deployment', {
    id: deployment.id,
    url,
    statuses_url: `${url}/statuses`,
    sha: deployment.sha,
    ref: deployment.sha,
    task: 'deploy',
    environment: deployment.environment,
    creator: userShape(deployment.login),
    payload: deployment.payload,
    description: null,
    transient_environment: deployment.transient,
    production_environment: deployment.production,
  })
}

function statusShape(world: World, { id, environment }: Deployment, status: DeploymentStatus, api: string): Json {
  const deployment = `${api}/repos/${world.owner}/${world.name}/deployments/${id}`
  // An address that nobody gave is an empty text for GitHub, which its own description does not call a URI.
  const given = (name: string, address: string): JsonObject => (address === '' ? {} : { [name]: address })
  return shape('deployment-status', {
    id: status.id,
    url: `${deployment}/statuses/${status.id}`,
    deployment_url: deployment,
    state: status.state,
    environment,
    creator: userShape(status.login),
    description: status.description,
    ...given('target_url', status.logUrl),
    ...given('log_url', status.logUrl),
    ...given('environment_url', status.environmentUrl),
  })
}

function shape(schema: string, known: JsonObject): JsonObject {
  return object(minimal({ $ref: `#/components/schemas/${schema}` }, known))
}
