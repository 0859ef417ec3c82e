import type { Answer, GitHubCall, Repository } from './call.ts'
import { type Deployment, type DeploymentStatus, listDeployments, listStatuses } from './deployments.ts'

/** Who asks about an environment. */
export interface Asker {
  /** The commits that GitHub may have taken for this run: the head of the pull request, or GITHUB_SHA. */
  readonly shas: readonly string[]
  /** The address of the run without its attempt: `https://github.com/owner/name/actions/runs/1`. */
  readonly runUrl: string
  /** How the name of a step ends whose deployments are replaced by ours; empty: everybody's. */
  readonly replaces: string
}

/** An environment before this run's deploy. */
export interface EnvironmentState {
  /** The deployment that GitHub itself made for the job; null when the job has no `environment:` of this name. */
  readonly ofJob: { readonly id: number; readonly logUrl: string } | null
  /** Deployments that are active, which the next success replaces. */
  readonly active: readonly number[]
}

interface Seen {
  readonly deployment: Deployment
  readonly statuses: readonly DeploymentStatus[]
}

/** Older ones have been made inactive long since. */
const mostLooked = 10
const unfinished: readonly string[] = ['queued', 'pending', 'waiting', 'in_progress']

/** Looks at the newest deployments of an environment and their statuses; one request, and one for each of about ten deployments. */
export async function lookAtEnvironment(
  call: GitHubCall,
  at: Repository,
  environment: string,
  asker: Asker,
): Promise<Answer<EnvironmentState>> {
  const listed = await listDeployments(call, at, environment)
  if (listed.kind !== 'ok') return listed
  const looked = listed.value.filter((one, index) => index < mostLooked || isOfRun(one, asker))
  const seen = await Promise.all(looked.map((deployment) => withStatuses(call, at, deployment)))
  return { kind: 'ok', value: readEnvironment(seen, asker) }
}

/**
 * What an environment's deployments, newest first, say. The one of the job is told by its statuses: GitHub writes them with the address
 * of the job, `…/actions/runs/1/job/2` (seen in github.com/qoomon/actions--context, which finds it so too). Ours have that of the run.
 * Of several jobs of a run with this environment, the newest that has not ended: no variable of a step says which job is ours.
 */
export function readEnvironment(seen: readonly Seen[], asker: Asker): EnvironmentState {
  const start = `${asker.runUrl}/job/`
  const ofJob = seen
    .filter(({ deployment, statuses }) => isOfRun(deployment, asker) && unfinished.includes(statuses[0]?.state ?? ''))
    .flatMap(({ deployment: { id }, statuses }) => {
      const status = statuses.find(({ logUrl }) => logUrl.startsWith(start))
      return status ? [{ id, logUrl: status.logUrl }] : []
    })
  const active = seen
    .filter(({ deployment: { step }, statuses }) => statuses[0]?.state === 'success' && step.endsWith(asker.replaces))
    .map(({ deployment }) => deployment.id)
  return { ofJob: ofJob[0] ?? null, active }
}

function isOfRun({ sha, isByWorkflow }: Deployment, { shas }: Asker): boolean {
  return isByWorkflow && shas.includes(sha)
}

async function withStatuses(call: GitHubCall, at: Repository, deployment: Deployment): Promise<Seen> {
  const answer = await listStatuses(call, at, deployment.id)
  return { deployment, statuses: answer.kind === 'ok' ? answer.value : [] }
}
