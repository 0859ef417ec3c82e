import type { Steady } from './stability.ts'

/** How the attempt to deploy ended. */
export type AttemptEnd =
  | { readonly kind: 'complete' }
  /** Helm ended by itself, with this text. */
  | { readonly kind: 'helm-failed'; readonly error: string }
  /** A fault was certain. */
  | { readonly kind: 'doomed' }
  /** What was complete, with these pods, is not any more, within the time that `stabilize` keeps watching. */
  | ({ readonly kind: 'unstable' } & Steady)
  | { readonly kind: 'deadline' }
