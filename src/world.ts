import type { Journal } from './deploy/journal.ts'
import type { Clock } from './platform/clock.ts'
import type { Log } from './platform/log.ts'
import type { PrivateFiles } from './platform/private-files.ts'
import type { SecretKeeper } from './platform/secret-keeper.ts'
import type { System } from './platform/system.ts'

/** The outside of a run: what main.ts opens, and a test can replace. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly system: System
  /** The raw text of an input; empty when it is not given. */
  readonly input: (name: string) => string
  /** The payload of the event that started the workflow; null when it cannot be read. */
  readonly event: unknown
  /** Puts a folder first on PATH for the later steps of the job; throws when the runner's file cannot be written. */
  readonly exportPath: (folder: string) => void
  readonly clock: Clock
  readonly log: Log
  readonly files: PrivateFiles
  readonly secrets: SecretKeeper
  /** Aborts when the job is cancelled. */
  readonly cancel: AbortSignal
  readonly journal: Journal
}
