import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClusterIdentity } from '../cluster/identity.ts'
import type { NotedDeployment } from '../github/follow-deployment.ts'
import type { Finding, ResourceRef } from '../health/finding.ts'
import type { HelmBinary } from '../helm/binary.ts'
import { replaceFile } from '../platform/private-files.ts'
import type { SnapshotEntry } from './snapshot.ts'

/** A Helm that may outlive the process that started it. */
export interface HelmProcess {
  readonly pid: number
  /** What `/proc` says of its start, so that another process with the same number is not taken for it; null where there is none. */
  readonly startTicks: string | null
  /** `upgrade` may be interrupted, `rollback` and `uninstall` never (design decision 5). */
  readonly verb: string
}

/** What was found before anything was changed; enough to undo it. Written once. */
export interface JournalBefore {
  readonly lastRevision: number
  readonly fallback:
    | { readonly kind: 'rollback'; readonly revision: number }
    | { readonly kind: 'uninstall'; readonly keepHistory: boolean }
    | { readonly kind: 'none' }
  /** The release's objects and hook objects as they were; `isObject` is false for those of hooks. */
  readonly entries: readonly (SnapshotEntry & { readonly isObject: boolean })[]
}

/** What a step writes down of its work, so that the post step can go on where it was cut off. Times are ms since 1970, by the runner. */
export interface JournalEntries {
  readonly startedAtMs: number
  /** The inputs as they were given: secrets too, so the file is private. */
  readonly inputs: Readonly<Record<string, string>>
  /** `open`: the lock is taken, nothing is changed. `changing`: Helm may have changed something. `settled`: nothing is left to do. */
  readonly stage: 'preparing' | 'open' | 'changing' | 'settled'
  readonly cancelledAtMs: number | null
  readonly helm: HelmBinary | null
  readonly cluster: ClusterIdentity | null
  readonly namespace: string
  readonly lockIdentity: string | null
  readonly createdNamespace: boolean
  readonly process: HelmProcess | null
  /** The API server's time when the change began, ms since 1970. */
  readonly changingSince: number | null
  readonly findings: readonly Finding[]
  readonly chartDigest: string | null
  /** A rollback that was begun without a `JournalBefore`: which revisions it goes to and comes from (way-back.ts). */
  readonly wayBack: {
    readonly to: number
    readonly failed: number
    readonly since: number
    readonly isByHand: boolean
  } | null
  /** A hook that is a point of no return has started. */
  readonly passedNoReturn: ResourceRef | null
  /** The GitHub Deployment that has not been told its end. */
  readonly deployment: NotedDeployment | null
}

export interface Journal {
  readonly read: () => JournalEntries
  /** Replaces these entries, on disk when it returns. Throws only before the change has begun: an undo does not end with the disk. */
  readonly note: (entries: Partial<JournalEntries>) => void
  /** Writes down how everything is before it is changed; throws when it cannot. */
  readonly noteBefore: (before: JournalBefore) => void
}

const journalName = 'journal.json'
const beforeName = 'before.json'

export const emptyEntries: JournalEntries = {
  startedAtMs: 0,
  inputs: {},
  stage: 'preparing',
  cancelledAtMs: null,
  helm: null,
  cluster: null,
  namespace: '',
  lockIdentity: null,
  createdNamespace: false,
  process: null,
  changingSince: null,
  findings: [],
  chartDigest: null,
  wayBack: null,
  passedNoReturn: null,
  deployment: null,
}

/** Whether a step has left nothing to be done in the cluster. */
export function isSettled({ stage }: JournalEntries): boolean {
  return stage === 'preparing' || stage === 'settled'
}

/** Opens the journal in a private folder with these entries. */
export function openJournal(folder: string, first: JournalEntries): Journal {
  let entries = first
  return {
    read: () => entries,
    note: (more) => {
      const hasBegun = entries.stage === 'changing'
      entries = { ...entries, ...more }
      try {
        writeWhole(join(folder, journalName), entries)
      } catch (error) {
        if (!hasBegun) throw error
      }
    },
    noteBefore: (before) => writeWhole(join(folder, beforeName), before),
  }
}

/** A journal that nobody reads after this process: for work that the next run finds again by itself. */
export function unwrittenJournal(): Journal {
  let entries = emptyEntries
  return {
    read: () => entries,
    note: (more) => {
      entries = { ...entries, ...more }
    },
    noteBefore: () => undefined,
  }
}

/** What a step left in its private folder; null when it wrote nothing that can be read. */
export function readJournal(folder: string): JournalEntries | null {
  const entries = readJson(join(folder, journalName)) as Partial<JournalEntries> | null
  return entries && { ...emptyEntries, ...entries }
}

/** What was there before the change that a journal tells of; null when nothing was written down. */
export function readBefore(folder: string): JournalBefore | null {
  return readJson(join(folder, beforeName)) as JournalBefore | null
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}

/** Beside its place and renamed into it: a kill at any moment leaves the old or the new file. */
function writeWhole(path: string, content: unknown): void {
  writeFileSync(`${path}.new`, JSON.stringify(content), { mode: 0o600 })
  replaceFile(`${path}.new`, path)
}
