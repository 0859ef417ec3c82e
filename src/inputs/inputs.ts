import type { ExtraArgument } from '../helm/extra-args.ts'
import type { PreviewQuota } from '../preview/quota.ts'
import type { SecretName } from '../preview/secret-names.ts'

/** One `set`-like assignment, in the order in which Helm applies the kinds. */
export interface Assignment {
  readonly flag: '--set-json' | '--set' | '--set-string' | '--set-file'
  readonly text: string
}

/** When the pull request is told. */
export type CommentPolicy = 'on-failure' | 'always' | 'never'

/** How much of the proof may be shown in comment, summary and annotation. */
export type EvidencePolicy = 'full' | 'no-logs' | 'none'

/** What a run does. */
export type Mode = 'deploy' | 'plan' | 'rollback' | 'recover' | 'preview' | 'setup'

/** The inputs of a run, parsed; nothing in it has been looked up yet. Durations are in milliseconds. */
export interface Inputs {
  readonly mode: Mode
  readonly release: string
  readonly chart: string
  readonly chartVersion: string
  /** `sha256:` and 64 hex digits; empty when none is given. */
  readonly chartDigest: string
  /** Without credentials. */
  readonly repo: string
  readonly repoUsername: string
  readonly repoPassword: string
  /** Empty: the namespace of the kubeconfig's context. */
  readonly namespace: string
  readonly createNamespace: boolean
  /** Paths and globs, in order. */
  readonly valueFiles: readonly string[]
  /** Inline YAML; empty when none is given. */
  readonly values: string
  readonly assignments: readonly Assignment[]
  readonly reuseValues: boolean
  readonly timeoutMs: number
  readonly rollbackTimeoutMs: number
  readonly waitForJobs: boolean
  readonly failFast: boolean
  readonly crashTolerance: number
  /** Null: pods without a node are judged at the timeout. */
  readonly unschedulableGraceMs: number | null
  /** How long the release is watched after it is complete; 0: not at all. */
  readonly stabilizeMs: number
  /** What a failed deploy comes to. */
  readonly onFailure: 'rollback' | 'keep'
  /** What becomes of a release that a dead run left pending. */
  readonly onStuck: 'rollback' | 'forward' | 'fail'
  readonly lock: 'on' | 'off' | 'take-over'
  /** What a rollback may delete and make anew when it cannot be changed back. */
  readonly repair: 'none' | 'safe'
  /** Whether `helm test` is part of the deploy. */
  readonly test: boolean
  /** Whether the environment's URL has to answer. */
  readonly verifyUrl: boolean
  /** The revision to go back to; null: the good one before the present one. */
  readonly revision: number | null
  readonly historyMax: number
  readonly helmArgs: readonly ExtraArgument[]
  /** As written; empty: the default. */
  readonly helmVersion: string
  readonly helmVersionFile: string
  /** Base URLs in order of preference. */
  readonly helmDownloadUrls: readonly string[]
  /** SHA-256 in lower-case hex; empty when none is given. */
  readonly helmSha256: string
  readonly kubeconfig: string
  readonly kubeContext: string
  readonly expectCluster: string
  readonly githubToken: string
  readonly comment: CommentPolicy
  /** Name of the GitHub environment that is deployed to; empty when none is given. */
  readonly environment: string
  /** An http or https URL; empty when none is given. */
  readonly environmentUrl: string
  /** Null: by the repository's visibility. */
  readonly evidence: EvidencePolicy | null
  /** Null: from the event. */
  readonly prNumber: number | null
  /** How long a preview lives after its last deploy; null: until its pull request is closed. */
  readonly previewTtlMs: number | null
  readonly previewQuota: PreviewQuota
  /** Pull secrets that a preview gets a copy of. */
  readonly previewCopySecrets: readonly SecretName[]
  /** Empty: in RUNNER_TEMP. */
  readonly reportFile: string
}
