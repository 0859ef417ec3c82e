import type { Evidence, FindingClass, Severity } from './finding.ts'
import type { Observed, WatchedObject } from './observed.ts'
import type { SignalOptions } from './row.ts'

/** What the diagnosis needs to know from the inputs. */
export interface DiagnosisOptions extends SignalOptions {
  readonly waitForJobs: boolean
}

/** One fault of one object of the release, not yet dressed with evidence. */
export interface Fault {
  /** The row of the table that saw it; empty for what has no row. */
  readonly id: string
  readonly class: FindingClass
  readonly object: WatchedObject
  readonly cause: string
  readonly advice?: string
  readonly severity: Severity
  /** How many pods show it. */
  readonly count: number
  /** When it ends the deploy, ms since 1970 by the API server; null: only at the timeout. */
  readonly dueAt: number | null
  readonly evidence: (observed: Observed) => Evidence
}
