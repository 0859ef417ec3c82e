import { randomUUID } from 'node:crypto'
import { basename } from 'node:path'
import { containerImages, imageChanges } from './cluster/images.ts'
import { parseManifest, refText } from './cluster/manifest.ts'
import type { RunContext } from './context/context.ts'
import type { TransactionResult } from './deploy/outcome.ts'
import type { Problem } from './platform/errors.ts'
import type { Prepared } from './prepare.ts'
import type { ReleaseRecord } from './release/record.ts'
import { changesBetween } from './report/changes.ts'
import type { Report } from './report/model.ts'
import { version } from './version.ts'

/** What a run was, beside its transaction. */
export interface RunFacts {
  readonly context: RunContext
  readonly prepared: Prepared
  readonly phases: Report['phases']
  readonly startedAtMs: number
  readonly endedAtMs: number
}

/** Builds the report of a run; `transaction` is null when it ended before there was one. */
export function buildReport(facts: RunFacts, transaction: TransactionResult | null): Report {
  const { context, prepared, phases, startedAtMs, endedAtMs } = facts
  const { inputs, namespace, cluster, helm } = prepared
  const problems = transaction?.problems.length ? transaction.problems : prepared.problems
  const good = deployedBefore(transaction)
  const attempted = transaction?.attempted ?? null
  const target = attempted ?? transaction?.planned ?? null
  const changes = target ? changesBetween(good?.manifest ?? '', target.manifest, randomUUID()) : []
  const status = transaction?.status ?? (inputs.mode === 'setup' && problems.length === 0 ? 'installed' : 'rejected')
  return {
    schemaVersion: 1,
    version,
    mode: inputs.mode,
    status,
    reason:
      status === 'installed'
        ? `Helm ${helm?.version.replace(/^v/, '') ?? ''} is on PATH`
        : reason(transaction, problems, inputs.release, namespace),
    release: inputs.release,
    // A sweep is of no namespace; that of the kubeconfig has nothing to do with it.
    namespace: inputs.mode === 'preview' ? inputs.namespace : namespace,
    environment: inputs.environment || null,
    environmentUrl: transaction?.environmentUrl ?? null,
    answered: transaction?.answered ?? null,
    cluster: cluster && {
      name: cluster.name,
      server: cluster.server,
      version: cluster.version,
      identity: cluster.user,
    },
    helm: helm && { version: helm.version.replace(/^v/, ''), path: helm.path },
    chart: chartFacts(inputs.chart, transaction, good),
    images: target ? imageChanges(imagesOf(good?.manifest ?? ''), imagesOf(target.manifest)) : [],
    revision: transaction?.revision ?? null,
    attemptedRevision: attempted?.revision ?? null,
    previousRevision: good?.revision ?? null,
    rollback: transaction?.undo?.result ?? 'none',
    changed: transaction?.changed ?? (target ? changes.length > 0 : null),
    changes,
    drifted: transaction?.drifted ?? null,
    sweep: transaction?.sweep ?? null,
    problems,
    findings: transaction?.findings ?? [],
    undo: transaction?.undo?.report ?? null,
    notUndone: transaction?.undo?.notUndone ?? [],
    availability: transaction?.availability ?? null,
    phases,
    warnings: [...prepared.warnings, ...(transaction?.warnings ?? [])],
    timeline: transaction?.recording ?? null,
    run: {
      url: context.runUrl,
      number: context.runNumber,
      attempt: context.attempt,
      actor: context.actor,
      sha: context.sha,
      repository: context.repository && `${context.repository.owner}/${context.repository.name}`,
      workflow: context.workflow,
      job: context.job,
    },
    startedAt: new Date(startedAtMs).toISOString(),
    durationMs: endedAtMs - startedAtMs,
  }
}

function deployedBefore(transaction: TransactionResult | null): ReleaseRecord | null {
  const fallback = transaction?.before?.fallback
  return fallback?.kind === 'rollback' ? fallback.to : null
}

function reason(
  transaction: TransactionResult | null,
  problems: readonly Problem[],
  release: string,
  namespace: string,
): string {
  if (transaction?.reason) return transaction.reason
  if (problems.length > 0)
    return `${problems.length > 1 ? `${problems.length} problems: ` : ''}${problems.map(problemText).join(' ')}`
  if (transaction?.status === 'deployed')
    return `${release} is deployed to ${namespace} as revision ${transaction.revision}, and complete`
  if (transaction?.status === 'planned') return `nothing was touched: this is what a deploy of ${release} would do`
  if (transaction?.status === 'cancelled') return cancelledReason(transaction, release)
  const [first, ...more] = transaction?.findings ?? []
  if (!first) return `${release} was not deployed`
  const line = first.evidence.decisiveLine
  const quoted = line && !first.cause.includes(line) ? ` (${line})` : ''
  const others = more.length > 0 ? `; and ${more.length} more` : ''
  const undone =
    transaction?.status === 'rollback-failed'
      ? `; and it could not be undone: ${transaction.undo?.report?.error ?? 'see the report'}`
      : ''
  return `${refText(first.resource)}: ${first.cause}${quoted}${others}${undone}`.replaceAll(/\s+/g, ' ')
}

function cancelledReason({ undo, warnings, attempted }: TransactionResult, release: string): string {
  const [first] = warnings
  if (undo?.result === 'restored' || undo?.result === 'drifted')
    return `the deploy of ${release} was cut off, and is undone`
  if (undo?.result === 'failed')
    return `the deploy of ${release} was cut off, and could not be undone: ${undo.report?.error ?? ''}`
  return `the deploy of ${release} was cut off${attempted || !first ? '' : `: ${first}`}`
}

function problemText({ problem, remedy, command }: Problem): string {
  return `${problem}. ${remedy}${command ? `: ${command}` : '.'}`
}

/** The chart that was tried; of one that was refused before, what is known of it. */
function chartFacts(input: string, transaction: TransactionResult | null, good: ReleaseRecord | null): Report['chart'] {
  const { chartDigest: digest = null } = transaction ?? {}
  const target = transaction?.attempted ?? transaction?.planned
  if (!target) return digest === null ? null : { name: basename(input), version: null, previousVersion: null, digest }
  const { name, version } = target.chart
  return { name, version, previousVersion: good?.chart.version ?? null, digest }
}

/** Container images, by workload and container. */
function imagesOf(manifest: string): ReadonlyMap<string, string> {
  return new Map(
    parseManifest(manifest).flatMap((object) =>
      Array.from(containerImages(object), ([name, image]) => [`${refText(object)} ${name}`, image] as const),
    ),
  )
}
