import type { ReleaseRecord } from '../release/record.ts'
import type { Session } from './session.ts'

/** State again: what the storage says now, whatever Helm printed. */
export interface After {
  readonly attempted: ReleaseRecord | null
  /** The revision at which the release ends; null when there is none. */
  readonly revision: number | null
  /** A revision after the attempted one; null when there is none. */
  readonly later: number | null
}

/** Looks at the storage for the revision that this run made. */
export async function lookAgain({ storage }: Session, lastBefore: number): Promise<After> {
  const { entries } = await storage.list()
  const last = entries.at(-1)
  const ours = entries.find(({ revision }) => revision > lastBefore)
  const exists = last !== undefined && last.status !== 'uninstalled'
  return {
    attempted: ours ? await storage.read(ours) : null,
    revision: exists ? last.revision : null,
    later: ours && last && last.revision > ours.revision ? last.revision : null,
  }
}
