import type { KubeEvent, Pod } from '../cluster/types.ts'
import type { FindingClass, Severity } from './finding.ts'
import type { Observed, PodContainer, WatchedObject } from './observed.ts'

/** What the rules need to know from the inputs. */
export interface SignalOptions {
  /** Crashes of one container that are forgiven. */
  readonly crashTolerance: number
  /** How long a pod may be without a node, in ms; null: until the timeout. */
  readonly unschedulableGraceMs: number | null
}

/** One failure signal as `docs/diagnosis.md` tells it; the table is made of nothing else. */
interface RowFacts {
  /** The number of the signal, by layer: A the API, B creation, C scheduling, D volumes, E image, F start, G running, H Jobs, I the rest. */
  readonly id: string
  readonly class: FindingClass
  /** What the cluster shows, for people. */
  readonly sign: string
  readonly severity: Severity
  readonly advice: string
  /** It is usual for a while in a rollout that goes well, so the log does not tell it. */
  readonly isUsual?: true
  /** Where the rule comes from. */
  readonly source: string
}

/** What a row sees in an object: the cause in words, and where this case differs from the row. */
export interface Sight {
  /** Without the object's name; may hold untrusted text. */
  readonly cause: string
  readonly advice?: string
  readonly severity?: Severity
  /** Another detail is another fault, whose age begins anew. */
  readonly detail?: string
  /** The grace counts from here instead of from the first sight: the container's first start, or a time in ms since 1970. */
  readonly since?: 'first-start' | number
  /**
   * Where only events tell its age: the first and the last try that failed, ms since 1970. What is missing may still come, and who
   * looks for it looks ever more rarely, so a verdict takes a try that failed after the grace.
   */
  readonly tries?: { readonly firstMs: number; readonly lastMs: number }
  /** The object that is missing, whose coming begins the grace anew. */
  readonly missing?: { readonly kind: 'Secret' | 'ConfigMap'; readonly name: string }
  /** Which it is where one pod can show several, such as the volume; what is missing by default. */
  readonly subject?: string
}

/** A signal of one container, by the status of its pod alone, so that its age can be told whenever the pod changes. */
export interface ContainerRow extends RowFacts {
  readonly see: (container: PodContainer, pod: Pod, options: SignalOptions) => Sight | null
}

/** A signal of a pod as a whole, by its status and by what events say. */
export interface PodRow extends RowFacts {
  readonly see: (pod: Pod, said: Said, options: SignalOptions) => Sight | readonly Sight[] | null
}

/** What events say about a pod and what belongs to it, the newest last. */
export interface Said {
  readonly ofPod: readonly KubeEvent[]
  /** About the volume claim of that name. */
  readonly ofClaim: (name: string) => readonly KubeEvent[]
}

/** A signal of an object of the release itself. */
export interface ObjectRow extends RowFacts {
  /** Kinds that it is about; empty for custom resources, of which nothing is known but their conditions. */
  readonly kinds: readonly string[]
  readonly see: (object: WatchedObject, observed: Observed) => ObjectSight | null
}

/** What a row sees in an object, and the object that shows it when it is another one. */
export interface ObjectSight extends Sight {
  /** Whose events belong to it, when it is not the object itself. */
  readonly uid?: string | undefined
  readonly message?: string
}

/** Any row: all that documentation needs. */
export type Row = ContainerRow | PodRow | ObjectRow

/** A verdict after so many seconds. */
export const seconds = (count: number): Severity => ({ kind: 'grace', afterMs: count * 1000 })

/** A verdict as soon as it is seen: only for what cannot change again by itself. */
export const atOnce: Severity = { kind: 'now' }

/** A verdict when it is more than a glimpse: what is certain as soon as it is stable. */
export const whenStable = seconds(3)

/** Told, but no verdict before the time is up. */
export const atTimeout: Severity = { kind: 'timeout' }

/** Told as a remark, and never a reason to go back. */
export const informational: Severity = { kind: 'information' }

/** A cause as one sentence: in one line, and without the final stop with which most messages of Kubernetes end. */
export function sentence(cause: string): string {
  return cause.replaceAll(/\s+/g, ' ').replace(/[. ]+$/, '')
}
