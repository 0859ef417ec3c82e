import type { Workload } from '../cluster/types.ts'
import type { Change, ReleaseObject } from './change.ts'
import type { ResourceRef } from './finding.ts'
import { workloadKinds } from './memory.ts'
import type { Recording } from './recording.ts'
import { hasHookEnded, rollout } from './rollout.ts'

/** From when to when a workload or hook of the release rolled out, ms since 1970 by the API server. */
export interface RolloutSpan {
  readonly object: ResourceRef
  readonly isHook: boolean
  /** When it was first seen changed. */
  readonly from: number
  /** Since when it was complete, or its hook over; null: not when the recording ended. */
  readonly until: number | null
  readonly failed: boolean
}

/** When a deploy began, ms since 1970 by the API server: a recovery before it begins for itself. Null when it never did. */
export function beganAt({ changes }: Recording): number | null {
  return changes.findLast(({ kind }) => kind === 'begin')?.at ?? null
}

/** The rollouts that a recording shows, in the order of the release's manifest; what the deploy has not changed has none. */
export function rolloutSpans(recording: Recording): RolloutSpan[] {
  const { changes, options } = recording
  const began = changes.findLastIndex(({ kind }) => kind === 'begin')
  const release = changes.findLast((change) => change.kind === 'release')
  if (began < 0 || release === undefined) return []
  const generations = generationsBefore(changes.slice(0, began))
  const puts = Map.groupBy(changes.slice(began), (change) => (change.kind === 'put' ? nameOf(change.object) : ''))
  const gone = new Map(changes.slice(began).flatMap((one) => (one.kind === 'gone' ? [[one.uid, one.at] as const] : [])))
  return release.objects
    .filter(({ manifest }) => workloadKinds.has(manifest.kind))
    .flatMap((object) => {
      const name = nameOf({ kind: object.manifest.kind, metadata: object.manifest })
      const seen = (puts.get(name) ?? []).flatMap((one) => (one.kind === 'put' ? [one] : []))
      return spanOf(object, seen, generations, gone, options.waitForJobs) ?? []
    })
}

type Put = Extract<Change, { readonly kind: 'put' }>

function spanOf(
  { manifest, hookEvents }: ReleaseObject,
  seen: readonly Put[],
  generations: ReadonlyMap<string, number>,
  gone: ReadonlyMap<string, number>,
  waitForJobs: boolean,
): RolloutSpan | null {
  const isHook = hookEvents.length > 0
  const { kind, namespace, name } = manifest
  const first = seen.findIndex(({ object: { metadata } }) => {
    const before = generations.get(metadata.uid ?? '')
    return before === undefined || (metadata.generation ?? 0) > before
  })
  const changed = first < 0 ? [] : seen.slice(first)
  const [start, last] = [changed[0], changed.at(-1)]
  if (start === undefined || last === undefined) return null
  const isOver = ({ object }: Put): boolean => (isHook ? hasHookEnded(object) : rollout(object, waitForJobs).done)
  // Complete is what stays so: a pod that is lost again begins anew.
  const done = changed[changed.findLastIndex((one) => !isOver(one)) + 1]
  // What Helm or a TTL takes away has ended, perhaps before its end was seen.
  const end = isHook || kind === 'Job' ? gone.get(last.object.metadata.uid ?? '') : undefined
  return {
    object: { kind, namespace, name },
    isHook,
    from: start.at,
    until: done?.at ?? end ?? null,
    failed: rollout(last.object, true).failed,
  }
}

function generationsBefore(changes: readonly Change[]): ReadonlyMap<string, number> {
  return new Map(
    changes.flatMap((change) =>
      change.kind === 'put'
        ? [[change.object.metadata.uid ?? '', change.object.metadata.generation ?? 0] as const]
        : [],
    ),
  )
}

function nameOf({
  kind,
  metadata,
}: Pick<Workload, 'kind'> & { readonly metadata: { name: string; namespace?: string } }): string {
  return `${kind}|${metadata.namespace ?? ''}|${metadata.name}`
}
