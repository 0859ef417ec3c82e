import type { Observed, WatchedObject } from '../observed.ts'
import { informational, type ObjectRow, type ObjectSight } from '../row.ts'

/** A row that is a warning: what it sees, in words, or null. */
export function remark(
  id: string,
  kinds: readonly string[],
  sign: string,
  advice: string,
  see: (object: WatchedObject, observed: Observed) => string | null,
): ObjectRow {
  const seen = (object: WatchedObject, observed: Observed): ObjectSight | null => {
    const cause = see(object, observed)
    return cause === null ? null : { cause }
  }
  return {
    id,
    class: 'no-effect',
    kinds,
    sign,
    severity: informational,
    advice,
    source: 'Shopify/krane, popeye',
    see: seen,
  }
}
