import type { RunContext } from './context/context.ts'
import {
  followDeployment,
  noDeployment,
  openDeployment,
  reopenDeployment,
  type DeploymentFollower,
  type DeploymentPorts,
} from './github/follow-deployment.ts'
import { describeGitHubProblem } from './github/call.ts'
import { createGitHub } from './github/octokit.ts'
import { retireOfStep } from './github/retire-deployments.ts'
import type { Inputs } from './inputs/inputs.ts'
import type { World } from './world.ts'

/**
 * The GitHub Deployment of a run with `environment`, opened while the run goes on. Only a deploy is one: what a rollback or a recovery
 * brings back is not the commit of its run.
 */
export function tellDeployment(world: World, inputs: Inputs, context: RunContext): DeploymentFollower {
  const ports = deploymentPorts(world, inputs, context)
  const { sha, runUrl } = context
  if (!ports || sha === null || runUrl === null) return noDeployment
  const isTransient = inputs.mode === 'preview'
  const asker = {
    shas: [sha, world.env['GITHUB_SHA'] ?? sha],
    runUrl: runUrl.replace(/\/attempts\/\d+$/, ''),
    // Previews may share an environment, and each is there for itself.
    replaces: isTransient ? endOfStep(inputs) : '',
  }
  const { environment, release } = inputs
  // The legs of a matrix share the names of job and step.
  const step = [context.job ?? '', world.env['GITHUB_ACTION'] ?? '', inputs.namespace, release].join('/')
  const wanted = { sha, environment, release, run: runUrl, step, isTransient }
  return followDeployment(ports, openDeployment(ports, asker, wanted))
}

/** Makes the deployments of a preview that is gone inactive. A problem is told; the preview is gone all the same. */
export async function retireDeployments(world: World, inputs: Inputs, context: RunContext): Promise<void> {
  const ports = deploymentPorts(world, inputs, context)
  if (!ports) return
  const problem = await retireOfStep(ports.call, ports.at, inputs.environment, endOfStep(inputs))
  if (problem) world.log.warning(`the GitHub Deployments of the preview stay active: ${describeGitHubProblem(problem)}`)
}

function endOfStep({ namespace, release }: Inputs): string {
  return `/${namespace}/${release}`
}

/** The deployment that main has left open, for the post step: the journal alone says which. */
export function takeUpDeployment(world: World, inputs: Inputs, context: RunContext): DeploymentFollower {
  const ports = deploymentPorts(world, inputs, context)
  const { deployment } = world.journal.read()
  return ports && deployment ? followDeployment(ports, reopenDeployment(ports, deployment)) : noDeployment
}

/** GitHub with a patience of its own: the comment is worth more than this, and waits beside it. */
function deploymentPorts({ log, journal }: World, inputs: Inputs, context: RunContext): DeploymentPorts | null {
  const { repository: at } = context
  if ((inputs.mode !== 'deploy' && inputs.mode !== 'preview') || !inputs.environment || !inputs.githubToken || !at)
    return null
  return {
    call: createGitHub(inputs.githubToken, context.apiUrl),
    at,
    note: (deployment) => {
      try {
        journal.note({ deployment })
      } catch {
        // A full disk ends the run by itself, before it changes anything.
      }
    },
    log,
  }
}
