import { UnreadableRecord, type ReleaseRecord, type RevisionEntry } from './record.ts'
import { goodCandidates, isGood } from './state.ts'
import type { ReleaseStorage } from './storage.ts'

/** Why a record cannot be used; Helm leaves it out of the history as well. */
export interface Unreadable {
  readonly unreadable: string
}

/** The last good revision, and the candidates that could not be read on the way to it: one of them may be a better one. */
export interface GoodRevision {
  readonly good: ReleaseRecord | null
  readonly skipped: readonly RevisionEntry[]
}

/** Reads a revision, or tells why what lies there is none. Errors of the API are thrown. */
export async function readRecord(
  storage: Pick<ReleaseStorage, 'read'>,
  entry: RevisionEntry,
): Promise<ReleaseRecord | Unreadable> {
  try {
    const record = await storage.read(entry)
    if (record.revision === entry.revision) return record
    return { unreadable: `${entry.name} says that it is revision ${record.revision}, not ${entry.revision}` }
  } catch (error) {
    if (error instanceof UnreadableRecord) return { unreadable: error.message }
    throw error
  }
}

/** Finds the last good revision; what cannot be read is skipped, as Helm does, and named. */
export async function readGood(
  storage: Pick<ReleaseStorage, 'read'>,
  entries: readonly RevisionEntry[],
): Promise<GoodRevision> {
  const skipped: RevisionEntry[] = []
  for (const entry of goodCandidates(entries)) {
    const record = await readRecord(storage, entry)
    if ('unreadable' in record) skipped.push(entry)
    else if (isGood(record)) return { good: record, skipped }
  }
  return { good: null, skipped }
}
