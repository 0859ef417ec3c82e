import { argumentsFor } from './extra-args.ts'
import type { KubeObject } from '../cluster/types.ts'
import type { ChartSource } from '../inputs/files.ts'
import { formatDuration } from '../inputs/duration.ts'
import type { Inputs } from '../inputs/inputs.ts'
import type { RunContext } from '../context/context.ts'

export type HelmMajor = 3 | 4

/** What every Helm call needs to reach the right place. */
export interface HelmTarget {
  readonly release: string
  readonly namespace: string
  /** Null: Helm finds the kubeconfig as we did. */
  readonly kubeconfigPath: string | null
  readonly kubeContext: string
}

/** How Helm waits for a rollout. */
export type WaitFlag = '--wait' | '--wait=legacy'

/** Kinds that Helm 4's watcher calls failed at the first failed pod (kstatus core.go), long before that is certain. */
const hastyKinds: ReadonlySet<string> = new Set(['StatefulSet', 'ReplicaSet', 'Pod'])

/** Chooses how Helm waits for these objects: as it likes, but never so that one crash ends a deploy, or that it never ends. */
export function waitFlag(major: HelmMajor, objects: readonly KubeObject[]): WaitFlag {
  return major === 4 && objects.some((object) => hastyKinds.has(object.kind ?? '') || isNeverCurrent(object))
    ? '--wait=legacy'
    : '--wait'
}

interface OwnPaced extends KubeObject {
  readonly spec?: {
    readonly suspend?: boolean
    readonly ttlSecondsAfterFinished?: number
    readonly updateStrategy?: { readonly type?: string }
  }
}

/**
 * The watcher waits without end for a Job that is suspended, for one that its TTL has taken away, and for the new pods of a DaemonSet
 * whose old ones stay until somebody deletes them.
 */
function isNeverCurrent({ kind, spec }: OwnPaced): boolean {
  if (kind === 'DaemonSet') return spec?.updateStrategy?.type === 'OnDelete'
  return kind === 'Job' && (spec?.suspend === true || spec?.ttlSecondsAfterFinished !== undefined)
}

/** Everything that decides what is deployed; paths are absolute, and the chart is on this machine. */
export interface UpgradeRequest {
  readonly target: HelmTarget
  readonly inputs: Inputs
  readonly chart: ChartSource
  readonly valueFiles: readonly string[]
  readonly description: string
  readonly labels: Readonly<Record<string, string>>
}

/**
 * The arguments of `helm upgrade --install`: waits, never rolls back by itself (design decision 1), and says what becomes of
 * old values, because Helm reuses them in silence when none are given.
 */
export function upgradeArguments(request: UpgradeRequest, wait: WaitFlag): string[] {
  const { target, inputs, chart, valueFiles, description, labels } = request
  return [
    'upgrade',
    target.release,
    chart.reference,
    '--install',
    ...targetFlags(target),
    wait,
    `--timeout=${formatDuration(inputs.timeoutMs)}`,
    inputs.reuseValues ? '--reuse-values' : '--reset-values',
    `--history-max=${inputs.historyMax}`,
    `--description=${description}`,
    `--labels=${Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(',')}`,
    ...(inputs.waitForJobs ? ['--wait-for-jobs'] : []),
    ...argumentsFor('upgrade', inputs.helmArgs),
    ...valueFlags(inputs, valueFiles),
  ]
}

function valueFlags(inputs: Inputs, valueFiles: readonly string[]): string[] {
  return [
    ...valueFiles.map((path) => `--values=${asCsvField(path)}`),
    ...inputs.assignments.map(({ flag, text }) => `${flag}=${text}`),
  ]
}

/** Helm reads `--values` as a line of CSV: a path with a comma or a quote in it has to be quoted. */
function asCsvField(path: string): string {
  return /[",]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path
}

/** The arguments that render the first install against the server without installing, as JSON. */
export function dryRunArguments(request: UpgradeRequest): string[] {
  const own = upgradeArguments(request, '--wait').filter(
    (argument) => argument !== '--wait' && argument !== '--wait-for-jobs',
  )
  return [...own, '--dry-run=server', '--output=json']
}

/**
 * The arguments that render a first install without asking the server, in a fifth of the time: for a cluster of that version that
 * serves these API groups. `lookup` finds nothing then.
 */
export function templateArguments(
  request: UpgradeRequest,
  kubeVersion: string,
  apiVersions: readonly string[],
): string[] {
  const { target, inputs, chart, valueFiles } = request
  return [
    'template',
    target.release,
    chart.reference,
    `--namespace=${target.namespace}`,
    `--kube-version=${kubeVersion}`,
    ...apiVersions.map((version) => `--api-versions=${version}`),
    ...argumentsFor('template', inputs.helmArgs),
    ...valueFlags(inputs, valueFiles),
  ]
}

/**
 * The arguments of `helm rollback` to an explicit revision. It does not wait: what was broken before the deploy would keep it
 * waiting, and our own check knows what was not (ADR 8). Hooks run, and are waited for, as Helm's own rollback does.
 * `force` (Helm 4) takes fields back that another manager has taken since; `noHooks` runs none.
 */
export function rollbackArguments(
  target: HelmTarget,
  revision: number,
  timeoutMs: number,
  { force, noHooks }: { readonly force: boolean; readonly noHooks: boolean },
): string[] {
  return [
    'rollback',
    target.release,
    String(revision),
    ...targetFlags(target),
    `--timeout=${formatDuration(timeoutMs)}`,
    // The history's limit is the upgrade's business: a rollback that prunes could prune what it returns to.
    '--history-max=0',
    ...(force ? ['--force-conflicts'] : []),
    ...(noHooks ? ['--no-hooks'] : []),
  ]
}

/** The arguments of `helm test`, which waits for the test hooks of the deployed revision. */
export function testArguments(target: HelmTarget, timeoutMs: number): string[] {
  return ['test', target.release, ...targetFlags(target), `--timeout=${formatDuration(timeoutMs)}`]
}

/** The arguments of `helm uninstall`, waiting until the objects are gone. */
export function uninstallArguments(target: HelmTarget, timeoutMs: number, keepHistory: boolean): string[] {
  return [
    'uninstall',
    target.release,
    ...targetFlags(target),
    '--wait',
    `--timeout=${formatDuration(timeoutMs)}`,
    ...(keepHistory ? ['--keep-history'] : []),
  ]
}

function targetFlags({ namespace, kubeconfigPath, kubeContext }: HelmTarget): string[] {
  return [
    `--namespace=${namespace}`,
    ...(kubeconfigPath ? [`--kubeconfig=${kubeconfigPath}`] : []),
    ...(kubeContext ? [`--kube-context=${kubeContext}`] : []),
  ]
}

/** What the revision says about who made it: shown by `helm history`. */
export function revisionDescription(context: RunContext): string {
  const commit = context.sha ? ` of ${context.sha.slice(0, 12)}` : ''
  const run = context.runUrl ? ` in ${context.runUrl}` : ''
  return `Deployed by atomic-helm-action${commit}${context.actor ? ` for ${context.actor}` : ''}${run}`
}

/** The labels of the revision: run, attempt, actor, commit and the run's timeouts in seconds, as far as they are known, in the alphabet of label values. */
export function revisionLabels(context: RunContext, { timeoutMs, rollbackTimeoutMs }: Inputs): Record<string, string> {
  const facts = {
    run: context.runId,
    attempt: context.attempt,
    actor: context.actor,
    commit: context.sha,
    // By when its run is over: a later one may take a revision that is pending still for abandoned.
    timeout: String(Math.ceil((timeoutMs + rollbackTimeoutMs) / 1000)),
  }
  const labels: Record<string, string> = { 'atomic-helm.dev/managed': 'true' }
  for (const [key, value] of Object.entries(facts)) {
    const safe = (value ?? '')
      .replaceAll(/[^A-Za-z0-9._-]/g, '-')
      .slice(0, 63)
      .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
    if (safe) labels[`atomic-helm.dev/${key}`] = safe
  }
  return labels
}
