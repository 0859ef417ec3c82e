/** An object of the release, or `Chart` when no object is known (the chart does not render, the API refuses all). */
export interface ResourceRef {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** Tells objects of a release apart, as a key. */
export function resourceKey({ kind, namespace, name }: ResourceRef): string {
  return `${kind}|${namespace}|${name}`
}

/**
 * What kind of fault a finding is: the words of `failing-resources[].class`, documented in `docs/diagnosis.md`.
 * Lowest layer first: when several are seen on one resource, the first in this list is the cause (docs/diagnosis.md).
 */
export const findingClasses = [
  'cluster-unreachable',
  'chart-not-found',
  'chart-render',
  'values-schema',
  'unknown-kind',
  'immutable-field',
  'invalid-object',
  'forbidden',
  'quota-exceeded',
  'admission-denied',
  'conflict',
  'api-refused',
  'ownership',
  'release-locked',
  'replica-creation',
  'unschedulable',
  'volume',
  'sandbox',
  'image-name',
  'image-pull',
  'missing-config',
  'container-start',
  'crash-loop',
  'not-ready',
  'hook-failed',
  'job-failed',
  'pod-failed',
  'resource-failed',
  'rollout-stalled',
  'url-not-answering',
  'no-effect',
  'unknown',
] as const

export type FindingClass = (typeof findingClasses)[number]

/** When a signal ends the deploy: at once, after it has stood for a while, or only when the time is up. */
export type Severity =
  | { readonly kind: 'now' }
  | { readonly kind: 'grace'; readonly afterMs: number }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'information' }

/** One Kubernetes event, repeated ones folded. */
export interface EventLine {
  readonly reason: string
  readonly message: string
  readonly count: number
  /** Seconds since the deploy began. */
  readonly atSeconds: number
}

/** What proves a finding. Every string in it is untrusted: it comes from the cluster and its workloads. */
export interface Evidence {
  /** The pod, or other object, that shows the fault. */
  readonly object?: ResourceRef
  readonly container?: string
  readonly node?: string
  /** The status fields that matter, in the order to show them: `exit code` → `1`, `restarts` → `3`. */
  readonly status: Readonly<Record<string, string>>
  /** At most five, oldest first. */
  readonly events: readonly EventLine[]
  /** The last lines of the container that failed, at most 25. */
  readonly logs: readonly string[]
  /** The line of `logs` that looks like the cause. */
  readonly decisiveLine?: string
  /** What the object asks for: image, probe, requests. */
  readonly excerpt: Readonly<Record<string, string>>
  /** File and line in the chart or the values where the fault comes from. */
  readonly source?: { readonly file: string; readonly line?: number }
  /** The raw message of Kubernetes or Helm. */
  readonly message?: string
}

/** One fault of one resource of the release, equal pods folded into one. */
export interface Finding {
  readonly class: FindingClass
  readonly resource: ResourceRef
  /** One sentence that a tired person understands, without a final full stop. */
  readonly cause: string
  /** One piece of advice, when there is one. */
  readonly advice?: string
  readonly severity: Severity
  /** How many pods show it; 1 for anything that is not a pod. */
  readonly count: number
  readonly evidence: Evidence
}
