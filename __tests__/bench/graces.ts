// How long the rules of the diagnosis wait: the one thing that the bench takes from them.
import { objectRowGroups } from '../../src/health/object-faults.ts'
import { containerRows, podRowGroups } from '../../src/health/signals.ts'

/** The wait of the first row of that number, and of that class if one is named. */
export function rowGraceMs(id: string, name?: string): number {
  const rows = [...containerRows, ...Object.values(podRowGroups).flat(), ...objectRowGroups.flat()]
  const row = rows.find((one) => one.id === id && (name === undefined || one.class === name))
  if (row?.severity.kind !== 'grace') throw new Error(`no rule ${id} that waits`)
  return row.severity.afterMs
}
