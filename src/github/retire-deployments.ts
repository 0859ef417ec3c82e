import type { GitHubCall, GitHubProblem, Repository } from './call.ts'
import { addStatus, listDeployments, listStatuses } from './deployments.ts'

const over: readonly string[] = ['inactive', 'failure', 'error']

/** Makes the deployments of an environment inactive whose step's name ends so, as far as they are not over; gives the first problem. */
export async function retireOfStep(
  call: GitHubCall,
  at: Repository,
  environment: string,
  endOfStep: string,
): Promise<GitHubProblem | null> {
  const listed = await listDeployments(call, at, environment, 100)
  if (listed.kind !== 'ok') return listed
  const ours = listed.value.filter(({ step }) => step.endsWith(endOfStep))
  const problems = await Promise.all(ours.map(({ id }) => retire(call, at, id)))
  return problems.find((problem) => problem !== null) ?? null
}

async function retire(call: GitHubCall, at: Repository, id: number): Promise<GitHubProblem | null> {
  const statuses = await listStatuses(call, at, id)
  if (statuses.kind !== 'ok') return statuses
  if (over.includes(statuses.value[0]?.state ?? '')) return null
  const status = { state: 'inactive', description: 'The preview was removed', logUrl: '', environmentUrl: '' } as const
  const answer = await addStatus(call, at, id, status)
  return answer.kind === 'ok' ? null : answer
}
