import type { Assignment } from '../inputs/inputs.ts'
import { overlayAssignments } from './assignments.ts'
import { emptyMap, overlay, readValues, under, type ValueNode } from './value-tree.ts'

/** Values, and the part of the chart that they are for; `file` is null where nobody can be shown a line of them. */
export interface ValueLayer {
  readonly file: string | null
  /** Null when it cannot be read. */
  readonly text: string | null
  /** Names of subcharts on the way; empty for the chart itself. */
  readonly part: readonly string[]
}

/** All values together, from the weakest to the strongest; none when one layer cannot be read, for then nothing is certain. */
export function mergeValues(layers: readonly ValueLayer[], assignments: readonly Assignment[]): ValueNode {
  const read = layers.map(({ file, text, part }) => {
    const values = text === null ? null : readValues(text, file)
    return values && under(part, values)
  })
  if (read.includes(null)) return emptyMap
  return overlayAssignments(read.filter((one) => one !== null).reduce(overlay, emptyMap), assignments)
}
