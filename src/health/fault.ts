import { refKey } from '../cluster/manifest.ts'
import type { FindingClass, Severity } from './finding.ts'
import type { WatchedObject } from './observed.ts'
import type { SignalOptions } from './row.ts'

/** What the diagnosis needs to know from the inputs. */
export interface DiagnosisOptions extends SignalOptions {
  readonly waitForJobs: boolean
}

/** One fault of one object of the release, not yet dressed with evidence. */
export interface Fault {
  /** The row of the table that saw it; empty for what has no row. */
  readonly id: string
  /** The same for what is the same fault of its object, seen later, whatever its cause is called then. */
  readonly key: string
  readonly class: FindingClass
  readonly object: WatchedObject
  readonly cause: string
  readonly advice?: string
  readonly severity: Severity
  /** How many pods show it. */
  readonly count: number
  /** When it ends the deploy, ms since 1970 by the API server; null: only at the timeout. */
  readonly dueAt: number | null
  readonly witness: Witness
}

/** Where a fault shows itself: enough to gather its evidence at any later time. */
export interface Witness {
  /** A pod or another object, when it is not the object of the release itself. */
  readonly uid?: string | undefined
  /** Of a pod; null for the pod as a whole, undefined where any container may show it. */
  readonly container?: string | null
  /** The raw message of Kubernetes. */
  readonly message?: string | undefined
}

/** A fault as a recording keeps it: the object by its identity. */
export interface KeptFault extends Omit<Fault, 'object'> {
  readonly object: string
}

/** Takes a fault out of the moment in which it was seen. */
export function keptFault({ object, ...rest }: Fault): KeptFault {
  return { ...rest, object: refKey(object.manifest) }
}

/** Whether a fault is the one that was kept. */
export function isSameFault(fault: Fault, kept: KeptFault): boolean {
  return fault.key === kept.key && refKey(fault.object.manifest) === kept.object
}
