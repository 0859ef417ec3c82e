import type { Answer, GitHubCall, Repository } from './call.ts'

/** The roles that may push, in the words of the API, which has `write` for `maintain` too. */
const writing: readonly unknown[] = ['write', 'maintain', 'admin']

/** Whether somebody may write to a repository. What cannot be read is told as a problem, never taken for a yes. */
export async function mayWrite(call: GitHubCall, at: Repository, login: string): Promise<Answer<boolean>> {
  const answer = await call('GET /repos/{owner}/{repo}/collaborators/{username}/permission', {
    owner: at.owner,
    repo: at.name,
    username: login,
  })
  if (answer.kind === 'forbidden') return { ...answer, permission: 'metadata: read' }
  if (answer.kind !== 'ok') return answer
  const { permission } = (answer.value ?? {}) as { readonly permission?: unknown }
  return { kind: 'ok', value: writing.includes(permission) }
}
