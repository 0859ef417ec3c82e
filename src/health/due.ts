import type { Pod } from '../cluster/types.ts'
import type { Severity } from './finding.ts'
import { missingKey, type Observed } from './observed.ts'
import type { Sight } from './row.ts'
import type { Signal } from './signals.ts'
import type { Tuning } from './tuning.ts'

/** When a signal of a pod becomes a verdict, ms since 1970; null: only at the timeout. */
export function podDue(observed: Observed, signal: Signal, pod: Pod, tuning: Tuning): number | null {
  const seen = observed.signalSince.get(signal.key) ?? observed.now
  // A process that never ran has no first start: then the kubelet's taking the pod counts.
  const firstStart =
    observed.firstStart.get(`${pod.metadata.uid}/${signal.container}`) ??
    (Date.parse(pod.status?.startTime ?? '') || observed.now)
  const since = signal.since === 'first-start' ? firstStart : (signal.since ?? seen)
  // What was missing is there by now: whoever waits for it gets its time to find it.
  const { missing } = signal
  const appeared = missing ? (observed.appeared.get(missingKey(pod, missing)) ?? 0) : 0
  // An event that is told again and again may have begun long before this deploy. Events tell whole seconds, so one of the deploy's
  // first second seems to be older.
  const begun = Math.floor(Math.max(appeared, observed.startedAt) / 1000) * 1000
  const firstMs = Math.max(signal.tries?.firstMs ?? 0, begun)
  const tries = signal.tries && { ...signal.tries, firstMs }
  return dueAt(signal.severity, Math.max(since, appeared), { tries }, tuning)
}

/** When something seen since then becomes a verdict. The annotations of the object stand above the table. */
export function dueAt(
  severity: Severity,
  since: number,
  { tries }: { readonly tries?: Sight['tries'] | undefined },
  tuning: Tuning,
): number | null {
  if (!tuning.failFast) return null
  switch (severity.kind) {
    case 'timeout':
    case 'information':
      return null
    case 'now':
      return tuning.graceMs === null ? 0 : (tries?.firstMs ?? since) + tuning.graceMs
    case 'grace': {
      const graceMs = tuning.graceMs ?? severity.afterMs
      if (tries) return tries.lastMs - tries.firstMs >= graceMs ? Math.max(tries.lastMs, since) : null
      return since + graceMs
    }
  }
}
