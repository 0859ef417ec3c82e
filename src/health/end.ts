import type { KeptFault } from './fault.ts'
import type { Steady } from './stability.ts'
import type { UnansweredUrl } from './url-answer.ts'

/** How the attempt to deploy ended. */
export type AttemptEnd =
  | { readonly kind: 'complete' }
  /** Helm ended by itself, with this text. */
  | { readonly kind: 'helm-failed'; readonly error: string }
  /** These faults were certain, the lowest layer first; a moment later the cluster may not show them any more. */
  | { readonly kind: 'doomed'; readonly due: readonly KeptFault[] }
  /** What was complete, with these pods, is not any more, within the time that `stabilize` keeps watching. */
  | ({ readonly kind: 'unstable' } & Steady)
  /** `helm test` failed, with this text of Helm's. */
  | { readonly kind: 'test-failed'; readonly error: string }
  /** Everything was ready, and with `verify-url` the environment did not answer until the time was up. */
  | ({ readonly kind: 'url-unanswered' } & UnansweredUrl)
  | { readonly kind: 'deadline' }
