import { describeError } from '../platform/errors.ts'
import { type Answer, describeGitHubProblem, type GitHubCall, type GitHubProblem, type Repository } from './call.ts'
import { cutOff, deploymentEnd, type DeployedReport, type DeploymentEnd } from './deployment-end.ts'
import { addStatus, createDeployment, listDeployments, listStatuses, type NewDeployment } from './deployments.ts'
import { lookAtEnvironment, type Asker } from './environment.ts'

/** A deployment that has not been told its end yet; what the journal keeps of it. */
export interface OpenDeployment {
  readonly id: number
  /** GitHub itself sets the states of one that it made for the job, when the job begins and ends (ADR 22). */
  readonly madeBy: 'us' | 'github'
  readonly logUrl: string
  /** Older ones of the environment that were active when this one was opened. */
  readonly older: readonly number[]
  /** Null until the run knows it. */
  readonly end: DeploymentEnd | null
}

/** What is written down before the deployment is made: enough to find it when the answer, or who waited for it, was lost. */
export type WantedDeployment = Pick<NewDeployment, 'environment' | 'run' | 'step'>

export type NotedDeployment = OpenDeployment | WantedDeployment

export interface DeploymentPorts {
  readonly call: GitHubCall
  readonly at: Repository
  /** Writes it down for the post step; null when there is nothing more to be told. */
  readonly note: (deployment: NotedDeployment | null) => void
  readonly log: { readonly line: (text: string) => void; readonly warning: (text: string) => void }
}

/** Tells GitHub about the deployment. Nothing is ever thrown; a problem is told once, and then GitHub is left alone. */
export interface DeploymentFollower {
  /** The deploy begins; nobody waits for GitHub. */
  readonly begin: () => void
  /** The deploy has ended so; null for one whose run was lost, which may have written down its end. Ends when GitHub knows. */
  readonly end: (report: DeployedReport | null) => Promise<void>
  /** Ends when what post needs is written down. */
  readonly opened: Promise<unknown>
}

/** For runs that are not about an environment. */
export const noDeployment: DeploymentFollower = {
  begin: () => undefined,
  end: async () => undefined,
  opened: Promise.resolve(),
}

/** Follows a deployment that is being opened, or was by the main step. */
export function followDeployment(
  ports: DeploymentPorts,
  opening: Promise<Answer<OpenDeployment | null>>,
): DeploymentFollower {
  const tell = tellOnce(ports)
  const opened = opening
    .catch((error: unknown): GitHubProblem => ({ kind: 'unavailable', message: describeError(error) }))
    .then((answer) => {
      if (answer.kind === 'ok') return answer.value
      tell(answer)
      return null
    })
  let state = opened
  return {
    opened,
    begin: () => {
      state = state.then((deployment) =>
        deployment?.madeBy === 'us' ? tellBegin(ports, deployment, tell) : deployment,
      )
    },
    end: async (report) => {
      const deployment = await state
      if (!deployment) return
      const end = report ? deploymentEnd(report) : (deployment.end ?? cutOff)
      ports.note({ ...deployment, end })
      await tellEnd(ports, deployment, end, tell)
      ports.note(null)
    },
  }
}

/** Finds the deployment that GitHub made for this job, else makes one; it is written down before anybody learns of it. */
export async function openDeployment(
  { call, at, note }: DeploymentPorts,
  asker: Asker,
  wanted: NewDeployment,
): Promise<Answer<OpenDeployment>> {
  const found = await lookAtEnvironment(call, at, wanted.environment, asker)
  if (found.kind !== 'ok') return found
  const { ofJob, active: older } = found.value
  const { environment, run, step } = wanted
  if (!ofJob) note({ environment, run, step })
  const made = ofJob ? ({ kind: 'ok', value: ofJob.id } as const) : await createOnce(call, at, wanted)
  if (made.kind !== 'ok') return made
  const opened: OpenDeployment = {
    id: made.value,
    madeBy: ofJob ? 'github' : 'us',
    logUrl: ofJob?.logUrl ?? wanted.run,
    older,
    end: null,
  }
  note(opened)
  return { kind: 'ok', value: opened }
}

/** A create whose answer was lost may have worked: then it is there under the name of this step. */
async function createOnce(call: GitHubCall, at: Repository, wanted: NewDeployment): Promise<Answer<number>> {
  const made = await createDeployment(call, at, wanted)
  if (made.kind !== 'unavailable') return made
  const found = await findOurs(call, at, wanted)
  if (found.kind !== 'ok') return made
  return found.value === null ? createDeployment(call, at, wanted) : { kind: 'ok', value: found.value }
}

/** Takes up what another process wrote down; null when it came to make none. */
export async function reopenDeployment(
  { call, at }: DeploymentPorts,
  noted: NotedDeployment,
): Promise<Answer<OpenDeployment | null>> {
  if ('id' in noted) return { kind: 'ok', value: noted }
  const found = await findOurs(call, at, noted)
  if (found.kind !== 'ok') return found
  const id = found.value
  return { kind: 'ok', value: id === null ? null : { id, madeBy: 'us', logUrl: noted.run, older: [], end: null } }
}

async function findOurs(call: GitHubCall, at: Repository, wanted: WantedDeployment): Promise<Answer<number | null>> {
  const listed = await listDeployments(call, at, wanted.environment)
  if (listed.kind !== 'ok') return listed
  const ours = listed.value.find(({ run, step }) => run === wanted.run && step === wanted.step)
  return { kind: 'ok', value: ours?.id ?? null }
}

async function tellBegin(
  ports: DeploymentPorts,
  deployment: OpenDeployment,
  tell: TellProblem,
): Promise<OpenDeployment | null> {
  const { id, logUrl } = deployment
  const status = { state: 'in_progress', description: 'Helm is deploying', logUrl, environmentUrl: '' } as const
  const answer = await addStatus(ports.call, ports.at, id, status)
  if (answer.kind === 'ok') return deployment
  tell(answer)
  // One that is gone or may not be written is left alone; with any other trouble its end may still be heard.
  return answer.kind === 'forbidden' || answer.kind === 'not-found' ? null : deployment
}

/** The end of GitHub's own is GitHub's to tell: only where to find what is deployed is added to it. */
async function tellEnd(
  ports: DeploymentPorts,
  deployment: OpenDeployment,
  end: DeploymentEnd,
  tell: TellProblem,
): Promise<void> {
  const { id, madeBy, logUrl, older } = deployment
  const isDeployed = end.state === 'success'
  if (madeBy === 'github' && !end.environmentUrl) return
  const state = madeBy === 'us' ? end.state : 'in_progress'
  const answer = await addStatus(ports.call, ports.at, id, { ...end, state, logUrl })
  if (answer.kind !== 'ok') tell(answer)
  else if (madeBy === 'us' && isDeployed) await retire(ports, older)
}

/** Makes those inactive that GitHub has left active: by its word, transient ones and those of production. */
async function retire({ call, at }: DeploymentPorts, older: readonly number[]): Promise<void> {
  const status = { state: 'inactive', description: 'Replaced by a newer one', logUrl: '', environmentUrl: '' } as const
  await Promise.all(
    older.map(async (id) => {
      const statuses = await listStatuses(call, at, id)
      if (statuses.kind === 'ok' && statuses.value[0]?.state === 'success') await addStatus(call, at, id, status)
    }),
  )
}

type TellProblem = (problem: GitHubProblem) => void

function tellOnce({ log }: DeploymentPorts): TellProblem {
  let isTold = false
  return (problem) => {
    if (isTold) return
    isTold = true
    const text = `the GitHub Deployment could not be told: ${describeGitHubProblem(problem)}; the deploy goes on without it`
    // Gitea and Forgejo have none; nothing is wrong there.
    if (problem.kind === 'not-found') log.line(text)
    else log.warning(text)
  }
}
