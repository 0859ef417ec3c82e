import { dueAt } from './due.ts'
import type { Fault } from './fault.ts'
import type { Observed, WatchedObject } from './observed.ts'
import { sentence, type ObjectRow, type ObjectSight } from './row.ts'
import { creationRows } from './table/creation.ts'
import { jobRows } from './table/jobs.ts'
import { resourceRows } from './table/resources.ts'
import { rolloutRows } from './table/rollouts.ts'
import type { Tuning } from './tuning.ts'

/** The rows about objects themselves: of each group the first that applies is the fault. */
export const objectRowGroups: readonly (readonly ObjectRow[])[] = [
  jobRows,
  creationRows,
  ...rolloutRows.map((row) => [row]),
  resourceRows,
]

/** What is wrong with an object of the release by its own status. */
export function objectFaults(observed: Observed, object: WatchedObject, tuning: Tuning): Fault[] {
  if (!object.live) return []
  const isHook = object.hookEvents.length > 0
  const groups = isHook ? [jobRows] : objectRowGroups
  const faults = groups.flatMap((rows) => {
    for (const row of rows) {
      const sight = isAbout(row, object) ? row.see(object, observed) : null
      if (sight) return [toFault(row, sight, observed, object, tuning)]
    }
    return []
  })
  return isHook ? faults.map((fault) => ofHook(fault, object)) : faults
}

/** Custom resources are those whose API group is somebody's own. */
function isAbout({ kinds }: ObjectRow, { manifest: { kind, apiVersion } }: WatchedObject): boolean {
  if (kinds.length > 0) return kinds.includes(kind)
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : ''
  return group.includes('.') && !group.endsWith('.k8s.io')
}

function toFault(row: ObjectRow, sight: ObjectSight, observed: Observed, object: WatchedObject, tuning: Tuning): Fault {
  const severity = sight.severity ?? row.severity
  const since = typeof sight.since === 'number' ? sight.since : observed.startedAt
  return {
    id: row.id,
    key: `${row.class}|${row.id}`,
    class: row.class,
    object,
    cause: sentence(sight.cause),
    advice: sight.advice ?? row.advice,
    severity,
    count: 1,
    dueAt: dueAt(severity, since, sight, tuning),
    witness: { uid: sight.uid, message: sight.message },
  }
}

/** Helm itself ends at once when a hook fails, with the hook-delete policy that belongs to it. */
function ofHook(fault: Fault, { hookEvents }: WatchedObject): Fault {
  const cause = fault.cause.replace('the Job', `the ${hookEvents.join(', ')} hook`)
  return { ...fault, id: 'H06', class: 'hook-failed', cause, dueAt: null }
}
