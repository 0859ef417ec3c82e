import type { KubeEvent, Pod } from '../cluster/types.ts'
import { isPod, type Change } from './change.ts'
import { resourceKey, type Finding, type FindingClass } from './finding.ts'
import { createMemory } from './memory.ts'
import { eventTime, type Observed, type WatchedObject } from './observed.ts'
import { newestReplicaSet, ownedPods } from './ownership.ts'
import type { Recording } from './recording.ts'
import { beganAt } from './rollout-spans.ts'
import { rollout } from './rollout.ts'
import { podSignals } from './signals.ts'

/** Times of events are whole seconds. */
const skewMs = 1000

/**
 * When a recording first shows what the findings tell in the end, ms since 1970 by the API server: a signal of their class on a pod of
 * theirs, a warning about them, or their own failure. Known in hindsight alone; null when there was no sign before the verdict.
 */
export function firstSign(recording: Recording, findings: readonly Finding[]): number | null {
  const began = beganAt(recording)
  if (began === null) return null
  const memory = createMemory(recording.options)
  for (const change of recording.changes) memory.apply(change)
  const suspects = suspectsOf(memory.observed(recording.endedAt), findings)
  const isSign = (change: Change): boolean => {
    if (change.at < began) return false
    if (change.kind === 'event') return isWarning(change.event, suspects, began)
    if (change.kind !== 'put') return false
    const classes = suspects.get(change.object.metadata.uid ?? '')
    if (classes === undefined) return false
    if (rollout(change.object, true).failed) return true
    return isPod(change.object) && shows(change.object, classes, recording)
  }
  return recording.changes.find(isSign)?.at ?? null
}

/** What is at fault and what belongs to it: uid → classes of its findings. */
function suspectsOf(observed: Observed, findings: readonly Finding[]): ReadonlyMap<string, ReadonlySet<FindingClass>> {
  const byObject = Map.groupBy(findings, ({ resource }) => resourceKey(resource))
  const suspects = new Map<string, ReadonlySet<FindingClass>>()
  for (const object of [...observed.objects, ...observed.others]) {
    const own = byObject.get(resourceKey(object.manifest))
    if (own === undefined) continue
    const classes = new Set(own.map((finding) => finding.class))
    for (const uid of uidsOf(observed, object)) suspects.set(uid, classes)
  }
  return suspects
}

function uidsOf(observed: Observed, object: WatchedObject): string[] {
  if (object.live === null) return []
  const set = object.live.kind === 'Deployment' ? newestReplicaSet(observed, object.live) : undefined
  const family = [object.live, ...(set === undefined ? [] : [set]), ...ownedPods(observed, object).fresh]
  return family.flatMap(({ metadata }) => metadata.uid ?? [])
}

function isWarning(event: KubeEvent, suspects: ReadonlyMap<string, unknown>, began: number): boolean {
  return event.type === 'Warning' && suspects.has(event.involvedObject?.uid ?? '') && eventTime(event) >= began - skewMs
}

function shows(pod: Pod, classes: ReadonlySet<FindingClass>, { options }: Recording): boolean {
  return podSignals(pod, options).some((signal) => classes.has(signal.class) && !signal.isUsual)
}
