import type { IsAttemptCompleted } from '../release/lock.ts'
import type { GitHubCall, Repository } from './call.ts'

/** Asks GitHub whether the attempt that owns a Lease is over, if it is of the repository that the token is for; any problem means no. */
export function attemptStatus(call: GitHubCall, { owner, name }: Repository, serverUrl: string): IsAttemptCompleted {
  const runs = `${serverUrl}/${owner}/${name}/actions/runs/`
  return async ({ repository, runUrl, runId, attempt }) => {
    // The same name on another GitHub is another repository.
    const isOurs = repository === `${owner}/${name}` && runUrl?.startsWith(runs)
    if (!isOurs || !isNumber(runId) || !isNumber(attempt)) return false
    const answer = await call('GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}', {
      owner,
      repo: name,
      run_id: Number(runId),
      attempt_number: Number(attempt),
    })
    return answer.kind === 'ok' && (answer.value as { readonly status?: unknown } | null)?.status === 'completed'
  }
}

function isNumber(text: string | null): text is string {
  return text !== null && /^\d{1,15}$/.test(text)
}
