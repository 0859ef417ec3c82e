import { locateManifest } from '../cluster/objects.ts'
import type { Observed } from '../health/observed.ts'
import { stateOf } from '../health/rollout.ts'
import { freshGenerations, observeRecord } from './release-objects.ts'
import type { Session } from './session.ts'

/** What Helm has applied in the end. */
export interface Applied {
  readonly manifest: string
  /** The generation of each workload by uid, as the server had it after Helm's end. */
  readonly generations: ReadonlyMap<string, number>
}

/** Watches what Helm recorded in the end, and tells how fresh our view of it must be. */
export async function readApplied(session: Session): Promise<Applied> {
  const { entries } = await session.storage.list()
  const last = entries.at(-1)
  if (!last) return { manifest: '', generations: new Map() }
  const record = await session.storage.read(last)
  await observeRecord(session, record)
  const objects = await locateManifest(session.discovery, record.manifest, session.target.namespace)
  return { manifest: record.manifest, generations: await freshGenerations(session, objects) }
}

/** Whether every rollout of what was applied is complete by our own reading. */
export function isComplete(
  seen: Observed,
  waitForJobs: boolean,
  { generations }: Applied,
  isPartlyBlind: boolean,
): boolean {
  return seen.objects.every((object) => {
    const { live, hookEvents } = object
    if (hookEvents.length > 0) return true
    // What may not be watched is left to Helm's own wait; the run warns of it.
    if (!live) return isPartlyBlind
    if ((live.metadata.generation ?? 0) < (generations.get(live.metadata.uid ?? '') ?? 0)) return false
    return stateOf(object, waitForJobs)?.done === true
  })
}
