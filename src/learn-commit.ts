import type { RunContext } from './context/context.ts'
import { createGitHub } from './github/octokit.ts'
import { headCommit } from './github/pull-request.ts'
import type { Inputs } from './inputs/inputs.ts'
import type { World } from './world.ts'

/** A deploy is not kept waiting for the name of its commit. */
const mostMs = 5000

/**
 * The context with its commit, where the event does not tell it: of a comment on a pull request it is the head, which GitHub is asked for.
 * Where GitHub does not tell, it stays unknown.
 */
export async function learnCommit(world: World, inputs: Inputs, context: RunContext): Promise<RunContext> {
  const { sha, repository, pullRequest, apiUrl } = context
  if (sha !== null || !repository || pullRequest === null || !inputs.githubToken) return context
  const call = createGitHub(inputs.githubToken, apiUrl, { leftMs: mostMs }, world.cancel)
  return { ...context, sha: await headCommit(call, repository, pullRequest) }
}
