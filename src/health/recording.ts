import type { Change } from './change.ts'
import type { AttemptEnd } from './end.ts'
import type { DiagnosisOptions } from './fault.ts'

/** Everything that a deploy's diagnosis saw, in the order in which it saw it: enough to judge it again. */
export interface Recording {
  readonly formatVersion: 1
  readonly options: DiagnosisOptions
  readonly namespace: string
  /** The chart as the inputs name it. */
  readonly chart: string
  readonly changes: readonly Change[]
  /** How the attempt ended, and when, ms since 1970 by the API server; null when it ended in another way. */
  readonly end: AttemptEnd | null
  readonly endedAt: number
  /** Changes that did not fit in. */
  readonly dropped: number
}

/** Keeps changes up to a size in bytes; what comes after is counted only. */
export interface Recorder {
  add(change: Change): void
  readonly changes: readonly Change[]
  readonly dropped: number
}

/** A report is read by people and machines: a few megabytes are what both can bear. */
const mostBytes = 4 * 1024 * 1024

/** Creates a recorder; an object that has not changed since it was last kept is left out, and of a log only the newest lines stay. */
export function createRecorder(most = mostBytes): Recorder {
  const changes: Change[] = []
  const last = new Map<string, string>()
  const logs = new Map<string, Change>()
  let size = 0
  let dropped = 0
  let isFull = false
  return {
    changes,
    get dropped() {
      return dropped
    },
    add: (change) => {
      const { at: _, ...content } = change
      const text = JSON.stringify(content)
      const subject = subjectOf(change)
      if (subject !== null && last.get(subject) === text) return
      // What is judged of a log is its end.
      const older = change.kind === 'logs' ? logs.get(change.container) : undefined
      const grown = size + text.length - (older ? (last.get(subject ?? '') ?? '').length : 0)
      isFull ||= grown > most
      if (isFull) {
        dropped++
        return
      }
      size = grown
      if (subject !== null) last.set(subject, text)
      if (older) changes.splice(changes.lastIndexOf(older), 1)
      if (change.kind === 'logs') logs.set(change.container, change)
      changes.push(change)
    },
  }
}

/** What a change is about; null for one that counts each time. */
function subjectOf(change: Change): string | null {
  switch (change.kind) {
    case 'put':
      return `object ${change.object.metadata.uid}`
    // What was gone may come again as it was.
    case 'gone':
      return `object ${change.uid}`
    case 'event':
      return `event ${change.event.metadata.uid ?? change.event.metadata.name}`
    case 'logs':
      return `logs ${change.container}`
    case 'appeared':
    case 'begin':
    case 'release':
      return null
  }
}
