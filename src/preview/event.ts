import type { RunContext } from '../context/context.ts'
import type { Problem } from '../platform/errors.ts'

/** What an event asks of `mode: preview`, as far as the event alone tells. */
export type PreviewWish =
  | { readonly kind: 'deploy'; readonly pull: number }
  | { readonly kind: 'remove'; readonly pull: number }
  /** Somebody named a pull request by hand: GitHub tells whether it is open. */
  | { readonly kind: 'by-state'; readonly pull: number }
  /** Looks after all previews of the repository. */
  | { readonly kind: 'sweep' }
  | { readonly kind: 'rejected'; readonly problem: Problem }

/** The event decides: an open pull request is deployed, a closed one removed, a schedule sweeps. `given` is the input `pr-number`. */
export function previewWish(
  { eventName, pull }: Pick<RunContext, 'eventName' | 'pull'>,
  given: number | null,
): PreviewWish {
  switch (eventName) {
    case 'pull_request':
    case 'pull_request_target':
      if (!pull)
        return rejected(
          `The event ${eventName} names no pull request with a number`,
          "Run the workflow on GitHub's own event",
        )
      if (given !== null && given !== pull.number)
        return rejected(
          `\`pr-number\` is ${given}, but the event is about pull request ${pull.number}`,
          'Leave `pr-number` out, or give it with workflow_dispatch only',
        )
      // A closed pull request can still be edited and labeled.
      return { kind: pull.action !== 'closed' && pull.isOpen ? 'deploy' : 'remove', pull: pull.number }
    case 'workflow_dispatch':
      return given === null ? { kind: 'sweep' } : { kind: 'by-state', pull: given }
    case 'schedule':
      return { kind: 'sweep' }
    default:
      return rejected(
        `\`mode: preview\` has nothing to do on the event "${eventName}"`,
        'Run it on pull_request (opened, synchronize, reopened, closed), on schedule, or on workflow_dispatch with or without `pr-number`',
      )
  }
}

function rejected(problem: string, remedy: string): PreviewWish {
  return { kind: 'rejected', problem: { problem, remedy } }
}
