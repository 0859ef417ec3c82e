import type { Finding, ResourceRef } from '../health/finding.ts'
import type { KubeObject } from '../cluster/types.ts'
import type { Mode } from '../inputs/inputs.ts'
import type { Recording } from '../health/recording.ts'
import type { AnsweredUrl } from '../health/url-answer.ts'
import type { Problem } from '../platform/errors.ts'

/** How a run ended: the words of the `status` output. */
export const statuses = [
  'deployed',
  'rolled-back',
  'uninstalled',
  'rollback-failed',
  'kept',
  'rejected',
  'cancelled',
  'planned',
  'recovered',
  'removed',
  'installed',
] as const

export type Status = (typeof statuses)[number]

/** Whether the undo brought everything back: the words of the `rollback` output. */
export type RollbackResult = 'restored' | 'drifted' | 'failed' | 'none'

/** One object that is not as it was before the deploy. */
export interface Drift {
  readonly object: ResourceRef
  readonly kind: 'missing' | 'changed' | 'left-over' | 'not-ready' | 'recreated' | 'unverified'
  /** Field paths, or a sentence; never the content of a Secret. */
  readonly details: readonly string[]
}

/** Something that the undo leaves as it is, and why: CRDs, kept objects, volumes, hooks that ran. */
export interface NotUndone {
  readonly object: ResourceRef
  readonly why: string
}

/** An object that could not be changed back and was deleted to be made anew, as it was before that. */
export interface Repaired {
  readonly object: ResourceRef
  readonly backup: KubeObject
}

/** One object of which the attempted manifest differs from the deployed one. */
export interface ObjectChange {
  readonly object: ResourceRef
  readonly kind: 'added' | 'removed' | 'changed'
  /** The chart file that it comes from; empty when unknown. */
  readonly source: string
  /** Images and replicas, such as `app: shop:1 → shop:2`. */
  readonly highlights: readonly string[]
  /** Nothing but labels of the object and its pods changes. */
  readonly labelsOnly: boolean
  /** A unified diff of the YAML, a line an item, `…` between its parts; fingerprints stand for what may be secret. */
  readonly diff: readonly string[]
}

/** What the undo did, and what the check after it found. */
export interface UndoReport {
  /** `remove`: a preview was to go, whatever it was before. */
  readonly action: 'rollback' | 'uninstall' | 'remove'
  /** The revision that it went back to; null for an uninstall. */
  readonly toRevision: number | null
  readonly durationMs: number
  readonly checkedObjects: number
  readonly drifts: readonly Drift[]
  /** With `repair: safe`; left out when there was nothing to repair. */
  readonly repaired?: readonly Repaired[]
  /** Why Helm could not undo, when it could not. */
  readonly error?: string
  /** Shell commands for a person to finish the undo by hand; empty when nothing is left to do. */
  readonly commands: readonly string[]
}

/** How a preview comes out of a sweep, what asks for a person first. */
export const outcomes = ['failed', 'removed', 'kept'] as const

/** What became of one preview in a sweep. */
export interface SweptPreview {
  /** Null when its namespace does not tell. */
  readonly pull: number | null
  readonly namespace: string
  readonly release: string | null
  readonly outcome: (typeof outcomes)[number]
  /** One clause. Untrusted. */
  readonly why: string
}

/** Everything that the outside is told about a run; comment, summary, outputs and the JSON file are views of it. */
export interface Report {
  readonly schemaVersion: 1
  /** Of the action that wrote it. */
  readonly version: string
  readonly mode: Mode
  readonly status: Status
  /** One line: why the run ended as it did. */
  readonly reason: string
  readonly release: string
  readonly namespace: string
  /** Name of the environment that the workflow gives. */
  readonly environment: string | null
  /** Where to find what is deployed, an http or https URL; null when nothing was deployed, or none is known. */
  readonly environmentUrl: string | null
  /** How that URL answered; null unless the deploy was to wait for it. */
  readonly answered: AnsweredUrl | null
  readonly cluster: {
    readonly name: string
    readonly server: string
    readonly version: string
    readonly identity: string
  } | null
  readonly helm: { readonly version: string; readonly path: string } | null
  readonly chart: {
    readonly name: string
    readonly version: string | null
    readonly previousVersion: string | null
    readonly digest: string | null
  } | null
  /** Container images that differ between the deployed and the attempted revision. */
  readonly images: readonly {
    readonly container: string
    readonly before: string | null
    readonly after: string | null
  }[]
  /** The revision at which the release ends; null when there is none. */
  readonly revision: number | null
  /** The revision that this run tried to deploy; null when none was recorded. */
  readonly attemptedRevision: number | null
  /** What was deployed before. */
  readonly previousRevision: number | null
  readonly rollback: RollbackResult
  /** Whether the attempted manifest differs from the deployed one; null when it is not known. */
  readonly changed: boolean | null
  /** What the attempted manifest changes, the most telling first; of a first install everything. */
  readonly changes: readonly ObjectChange[]
  /** Where the cluster differs from the deployed revision; null when nobody looked: a plan does. */
  readonly drifted: readonly Drift[] | null
  /** What became of each preview, failures first; null in everything but a sweep. */
  readonly sweep: readonly SweptPreview[] | null
  /** What kept a run from beginning: mistakes of the user, all at once; empty in every other run. */
  readonly problems: readonly Problem[]
  /** Ranked: the first is the cause. */
  readonly findings: readonly Finding[]
  readonly undo: UndoReport | null
  readonly notUndone: readonly NotUndone[]
  /** Replicas of the release's workloads: the lowest sum available on the way, and what was wanted. */
  readonly availability: { readonly lowest: number; readonly wanted: number } | null
  readonly phases: readonly { readonly name: string; readonly startMs: number; readonly durationMs: number }[]
  readonly warnings: readonly string[]
  /** Everything that the diagnosis saw, to judge it again; null when nothing was watched. */
  readonly timeline: Recording | null
  readonly run: {
    readonly url: string | null
    readonly number: string | null
    readonly attempt: string | null
    readonly actor: string | null
    readonly sha: string | null
    readonly repository: string | null
    readonly workflow: string | null
    readonly job: string | null
  }
  /** ISO 8601, by the runner's clock. */
  readonly startedAt: string
  readonly durationMs: number
}
