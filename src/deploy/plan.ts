import type { LocatedObject } from '../cluster/discovery.ts'
import { refText, toRef } from '../cluster/manifest.ts'
import type { Problem } from '../platform/errors.ts'
import type { ReleaseRecord } from '../release/record.ts'
import type { ReleaseState } from '../release/state.ts'
import { uidsOf, type Snapshot } from './snapshot.ts'

/** What a failed deploy goes back to. */
export type Fallback =
  | { readonly kind: 'rollback'; readonly to: ReleaseRecord }
  | { readonly kind: 'uninstall'; readonly keepHistory: boolean }
  /** The release exists, but no revision of it was ever good: nothing can be restored, and it is never uninstalled. */
  | { readonly kind: 'none' }

/** Chooses the fallback for a release in that state, or tells why nothing may be deployed. */
export function planFallback(state: ReleaseState, release: string, namespace: string): Fallback | Problem {
  switch (state.kind) {
    case 'absent':
      return { kind: 'uninstall', keepHistory: state.keptHistory }
    case 'present':
      return state.good ? { kind: 'rollback', to: state.good } : { kind: 'none' }
    case 'locked':
      return {
        problem: `The release "${release}" is locked: ${state.reason}`,
        remedy: state.good
          ? 'If no other run works on it, free it by going back to its last good revision'
          : 'If no other run works on it and it may go, remove it',
        command: state.good
          ? `helm -n ${namespace} rollback ${release} ${state.good.revision} --wait`
          : `helm -n ${namespace} uninstall ${release} --wait`,
      }
    case 'uninstalling':
      return {
        problem: `The release "${release}" cannot be deployed: ${state.reason}`,
        remedy: 'End the uninstall first',
        command: `helm -n ${namespace} uninstall ${release} --wait`,
      }
  }
}

/** A release without history whose objects are live is not ours to install over: names what is in the way. */
export function liveObjectsProblem(snapshot: Snapshot, release: string): Problem | null {
  const live = [...snapshot.values()].filter((entry) => entry.live !== null)
  if (live.length === 0) return null
  const names = live.slice(0, 10).map(({ object }) => refText(toRef(object)))
  const more = live.length > names.length ? ` and ${live.length - names.length} more` : ''
  return {
    problem: `The release "${release}" has no history, but objects of its chart exist already: ${names.join(', ')}${more}`,
    remedy:
      'Delete them, choose other names, or restore the release history; nothing that exists is taken over or overwritten',
  }
}

/** Whether an uninstall would delete something that was there before the deploy. */
export function wouldDeleteEarlier(
  snapshot: Snapshot,
  now: readonly { readonly object: LocatedObject; readonly uid: string | undefined }[],
): LocatedObject[] {
  const earlier = uidsOf(snapshot)
  return now.filter(({ uid }) => uid !== undefined && earlier.has(uid)).map(({ object }) => object)
}
