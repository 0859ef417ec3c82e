import type { RunContext } from '../context/context.ts'
import { describeGitHubProblem } from '../github/call.ts'
import { createGitHub } from '../github/octokit.ts'
import { mayWrite } from '../github/permission.ts'
import { isRemoteChart } from '../inputs/files.ts'
import type { RawInputs } from '../inputs/readers.ts'
import type { Problem } from '../platform/errors.ts'
import { checkedOutCommit } from './checkout.ts'
import { decideFork, refuseCheckout, refuseSender } from './fork.ts'
import type { PreviewTask } from './start.ts'

/** Why what the event wants is not done with a fork's pull request; null when it may be done, and for everything that is of no fork. */
export async function refuseFork(
  { kind }: PreviewTask,
  raw: RawInputs,
  context: RunContext,
  workspace: string,
): Promise<Problem | null> {
  const { repository, apiUrl } = context
  if (kind === 'sweep' || !repository) return null
  const decision = decideFork(context, kind)
  switch (decision.kind) {
    case 'own':
      return null
    case 'refused':
      return decision.problem
    case 'labeled': {
      const { sender, sha } = decision
      const answer = await mayWrite(createGitHub(raw('github-token').trim(), apiUrl), repository, sender)
      if (answer.kind !== 'ok') return refuseSender(sender, { unknown: describeGitHubProblem(answer) })
      return answer.value ? refuseFiles(sha, raw, workspace) : refuseSender(sender, 'no')
    }
  }
}

/** The chart has to be of the commit. A value file may also be of no commit at all: then the workflow itself has made it. */
function refuseFiles(sha: string, raw: RawInputs, workspace: string): Problem | null {
  const [chart, repo] = [raw('chart').trim(), raw('repo').trim()]
  const commitOf = (path: string): string | null => checkedOutCommit(path, workspace)
  const chartProblem = isRemoteChart({ chart, repo }) ? null : refuseCheckout(sha, commitOf(chart))
  if (chartProblem) return chartProblem
  for (const line of raw('value-files').split(/\r?\n/)) {
    const path = line.trim().replace(/[*?[{].*$/, '')
    const found = path === '' ? null : commitOf(path)
    const problem = found === null ? null : refuseCheckout(sha, found)
    if (problem) return problem
  }
  return null
}
