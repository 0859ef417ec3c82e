import type { ReleaseRecord, RevisionEntry } from '../release/record.ts'
import { presentRevision } from '../release/state.ts'
import type { Session } from './session.ts'

/** State again: what the storage says now, whatever Helm printed. */
export interface After {
  readonly attempted: ReleaseRecord | null
  /** The revision at which the release ends; null when there is none. */
  readonly revision: number | null
  /** The newest revision, when it came after the attempted one. */
  readonly later: RevisionEntry | null
}

/** Looks at the storage for the revision that this run made. */
export async function lookAgain({ storage }: Session, lastBefore: number): Promise<After> {
  const { entries } = await storage.list()
  const last = entries.at(-1)
  const ours = entries.find(({ revision }) => revision > lastBefore)
  return {
    attempted: ours ? await storage.read(ours) : null,
    revision: presentRevision(entries),
    later: ours && last && last.revision > ours.revision ? last : null,
  }
}
