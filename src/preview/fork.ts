import type { RunContext } from '../context/context.ts'
import type { PullState } from '../github/pulls.ts'
import type { Problem } from '../platform/errors.ts'

/** The label with which somebody who may write lets the present commit of a fork be deployed. */
export const forkLabel = 'preview'

/** What becomes of a deploy, as far as the event tells. */
export type ForkDecision =
  /** The code is of the repository itself. */
  | { readonly kind: 'own' }
  /** Somebody has labeled a fork's pull request: it counts if they may write. */
  | { readonly kind: 'labeled'; readonly sender: string; readonly sha: string }
  | { readonly kind: 'refused'; readonly problem: Problem }

type Event = Pick<RunContext, 'eventName' | 'pull' | 'repository'>

/**
 * Decides whether code may be deployed that comes from a fork, which anybody can make. A removal runs no code of the pull request and is
 * not asked for here, unless there are no secrets to do it with.
 */
export function decideFork({ eventName, pull, repository }: Event, wish: 'deploy' | 'remove'): ForkDecision {
  if (!pull || !isFork(pull, repository)) return { kind: 'own' }
  if (eventName === 'pull_request') return refused(noSecrets(pull.number))
  if (wish === 'remove') return { kind: 'own' }
  const from = `Pull request ${pull.number} comes from ${pull.headRepository ?? 'a fork that was deleted'}`
  const isAsked = pull.action === 'labeled' && pull.label?.toLowerCase() === forkLabel
  if (!isAsked)
    return refused({
      problem: `${from}, and its code is not deployed on "${pull.action}"${pull.action === 'labeled' ? ` with "${pull.label}"` : ''}`,
      remedy: `Read the commit, then give the pull request the label "${forkLabel}" anew: that deploys the commit it has at that moment, and no later one`,
    })
  if (pull.sender === null || pull.headSha === null)
    return refused({
      problem: `${from}, and the event does not tell who labeled it at which commit`,
      remedy: "Run the workflow on GitHub's own event",
    })
  return { kind: 'labeled', sender: pull.sender, sha: pull.headSha }
}

/** A number that somebody gives by hand names no commit: what the fork has by now may be something that nobody has read. */
export function refuseForkByNumber(
  pull: Pick<PullState, 'headRepository'>,
  number: number,
  repository: RunContext['repository'],
): Problem | null {
  if (!isFork(pull, repository)) return null
  return {
    problem: `Pull request ${number} comes from ${pull.headRepository ?? 'a fork that was deleted'}, and \`pr-number\` names no commit of it`,
    remedy: `Read the commit, then give the pull request the label "${forkLabel}" anew, with a workflow on pull_request_target`,
  }
}

/** Whether a pull request's code is that of a fork; the code of one that was deleted is too. */
export function isFork(
  { headRepository }: Pick<PullState, 'headRepository'>,
  repository: { readonly owner: string; readonly name: string } | null,
): boolean {
  const own = repository && `${repository.owner}/${repository.name}`.toLowerCase()
  return headRepository?.toLowerCase() !== own
}

/**
 * GitHub gives a fork's workflow no secrets and a token that only reads. Credentials that are there all the same, as on a runner inside
 * of the cluster, are just what nobody from outside may use.
 */
function noSecrets(number: number): Problem {
  return {
    problem: `Pull request ${number} comes from a fork, and the event pull_request has no secrets for forks`,
    remedy:
      'Leave forks out with `if: github.event.pull_request.head.repo.full_name == github.repository`; docs/previews.md of this action shows how to deploy the ones that somebody has read',
  }
}

/** The sender of the label may not write, or nobody knows. */
export function refuseSender(sender: string, answer: 'no' | { readonly unknown: string }): Problem {
  if (answer === 'no')
    return {
      problem: `"${sender}" has labeled a pull request from a fork, but may not write to this repository`,
      remedy: `Somebody who may write has to read the commit and to give the label "${forkLabel}" anew`,
    }
  return {
    problem: `Whether "${sender}", who has labeled a pull request from a fork, may write to this repository cannot be read: ${answer.unknown}`,
    remedy: 'Give `github-token` the permission `metadata: read`, which the token of every workflow has',
  }
}

/** What is checked out has to be the commit that was labeled. `found` is null when it cannot be known. */
export function refuseCheckout(sha: string, found: string | null): Problem | null {
  if (found === sha) return null
  return {
    problem:
      found === null
        ? `It cannot be told which commit the chart in the workspace is of; only ${sha.slice(0, 12)} was labeled`
        : `The workspace has commit ${found.slice(0, 12)}, and ${sha.slice(0, 12)} was labeled`,
    remedy:
      'Check that commit out: actions/checkout with `ref: ${{ github.event.pull_request.head.sha }}`, `repository: ${{ github.event.pull_request.head.repo.full_name }}` and `persist-credentials: false`',
  }
}

function refused(problem: Problem): ForkDecision {
  return { kind: 'refused', problem }
}
