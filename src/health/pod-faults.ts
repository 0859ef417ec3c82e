import type { Pod } from '../cluster/types.ts'
import { podDue } from './due.ts'
import type { Fault, DiagnosisOptions } from './fault.ts'
import { findingClasses, type FindingClass } from './finding.ts'
import { hasStarted, isReady, type Observed, type WatchedObject } from './observed.ts'
import { isOrdered, ownedPods } from './ownership.ts'
import { refine } from './refine.ts'
import { isUnseen } from './rollout.ts'
import type { Said } from './row.ts'
import { podSignals, type Signal } from './signals.ts'
import type { Tuning } from './tuning.ts'

interface Seen {
  readonly pod: Pod
  readonly signal: Signal
  readonly dueAt: number | null
}

/** What is wrong with the pods of an object of the release: one fault for each container and class, equal pods folded into one. */
export function podFaults(
  observed: Observed,
  object: WatchedObject,
  options: DiagnosisOptions,
  tuning: Tuning,
): Fault[] {
  // Until the change is there and its controller has seen it, what is current is still the old.
  if (!object.live || object.changedAt === null || isUnseen(object.live)) return []
  const isJob = object.live.kind === 'Job'
  const { fresh, current, old } = ownedPods(observed, object)
  // A pod that has ended, as when its node evicts it, is replaced by another one, which counts instead.
  const isOver = ({ status }: Pod): boolean => status?.phase === 'Failed' || status?.phase === 'Succeeded'
  const pods = fresh.filter((pod) => !pod.metadata.deletionTimestamp && !isOver(pod))
  const beside = { fresh: pods.length, isServed: [...old, ...current].some(isReady) }
  // A Job's crashes are judged by the Job, a hook that has started by nobody but Helm.
  const judged = object.hookEvents.length > 0 ? pods.filter((pod) => !hasStarted(pod)) : pods
  const byClass = new Map<FindingClass, Seen[]>()
  for (const pod of judged) {
    for (const signal of podSignals(pod, options, saidOf(observed, pod))) {
      if (isJob && (signal.class === 'crash-loop' || signal.class === 'not-ready')) continue
      const seen = { pod, signal, dueAt: podDue(observed, signal, pod, tuning) }
      byClass.set(signal.class, [...(byClass.get(signal.class) ?? []), seen])
    }
  }
  const lowest = Math.min(...[...byClass.keys()].map((name) => findingClasses.indexOf(name)))
  return (
    [...byClass.entries()]
      // "Not ready" beside a crash of the same workload is the crash seen from afar.
      .filter(([name]) => name !== 'not-ready' || findingClasses.indexOf(name) === lowest)
      .flatMap(([name, seen]) => {
        const classDue = quorumDue(object, name, seen, beside)
        const faults = Map.groupBy(seen, ({ signal }) => signal.subject)
        return [...faults.values()].map((one) => {
          const dueAt = quorumDue(object, name, one, beside) ?? togetherDue(one, classDue)
          return toFault(observed, object, name, one, dueAt)
        })
      })
  )
}

/** What events say about a pod and its volume claims. */
export function saidOf({ eventsOf, claimEvents }: Observed, { metadata }: Pod): Said {
  return {
    ofPod: eventsOf.get(metadata.uid ?? '-') ?? [],
    ofClaim: (name) => claimEvents.get(`${metadata.namespace}/${name}`) ?? [],
  }
}

function toFault(
  observed: Observed,
  object: WatchedObject,
  name: FindingClass,
  seen: readonly Seen[],
  dueAt: number | null,
): Fault {
  const { pod, signal } = byAge(seen)[0] as Seen
  const { cause, advice } = refine(observed, pod, signal)
  return {
    id: signal.id,
    key: `${name}|${signal.subject}`,
    class: name,
    object,
    cause,
    advice,
    severity: signal.severity,
    count: new Set(seen.map((one) => one.pod.metadata.uid)).size,
    dueAt,
    witness: { uid: pod.metadata.uid, container: signal.container },
  }
}

/** What else there is of an object: its new pods, and whether any pod of it serves. */
interface Beside {
  readonly fresh: number
  readonly isServed: boolean
}

/** Faults that one node can have by itself: its network, its volumes. */
const ofNode: ReadonlySet<FindingClass> = new Set(['sandbox', 'volume'])

/** A verdict needs all new pods, or pods on two nodes, or an ordered rollout, which one pod stops (design decision 3). */
function quorumDue(
  object: WatchedObject,
  name: FindingClass,
  seen: readonly Seen[],
  { fresh, isServed }: Beside,
): number | null {
  const certain = byAge(seen).filter((one): one is Seen & { dueAt: number } => one.dueAt !== null)
  // Of a pod that shows several the first that is due counts.
  const due = [...Map.groupBy(certain, ({ pod }) => pod.metadata.uid).values()].flatMap(([one]) => one ?? [])
  const [first] = due
  if (!first || !object.live) return null
  if (isOrdered(object.live)) return first.dueAt
  const other = due.find(({ pod }) => pod.spec?.nodeName && pod.spec.nodeName !== first.pod.spec?.nodeName)
  if (other) return other.dueAt
  // With a surge of one, "all new pods" is one pod, which can be on the one bad node (ADR 14).
  if (ofNode.has(name) && first.pod.spec?.nodeName && isServed) return null
  // A pod that crashed once and runs again does not show what another one cannot get over.
  return due.length >= fresh ? (due.at(-1) ?? first).dueAt : null
}

/** Pods that show different faults of one class make a quorum together, as when they wait for two Secrets in turn. */
function togetherDue(seen: readonly Seen[], classDue: number | null): number | null {
  const own = byAge(seen)[0]?.dueAt ?? null
  return own === null || classDue === null ? null : Math.max(own, classDue)
}

/** What is due first comes first. */
function byAge(seen: readonly Seen[]): Seen[] {
  return seen.toSorted((a, b) => (a.dueAt ?? Infinity) - (b.dueAt ?? Infinity))
}
