import type { Evidence } from '../health/finding.ts'
import { clean, oneLine } from '../platform/untrusted.ts'
import type { Report } from './model.ts'

/** What outputs need beside the report. */
export interface OutputExtras {
  readonly commentUrl?: string | null
  readonly reportFile?: string | null
}

/** GitHub takes at most 1 MB for all outputs of a job. */
const mostBytes = 200_000

/** Every output of the contract by name; the empty string where a value is not known. Text is clean, `reason` is one line. */
export function outputs(report: Report, extras: OutputExtras = {}): Record<string, string> {
  return {
    status: report.status,
    reason: oneLine(report.reason, 1000),
    'failing-resources': failingResources(report),
    revision: text(report.revision),
    'previous-revision': text(report.previousRevision),
    rollback: report.rollback,
    changed: text(report.changed),
    'helm-version': text(report.helm?.version),
    'helm-path': text(report.helm?.path),
    release: text(report.release),
    namespace: text(report.namespace),
    'chart-digest': text(report.chart?.digest),
    'comment-url': text(extras.commentUrl),
    'environment-url': text(report.environmentUrl),
    'report-file': text(extras.reportFile),
  }
}

/** JSON array of `{kind, namespace, name, class, cause, evidence}`; when too large, without logs and events, then the first ones only. */
function failingResources(report: Report): string {
  const full = resources(report, (evidence) => evidence)
  if (Buffer.byteLength(full) <= mostBytes) return full
  const slim = { ...report, findings: report.findings.slice(0, 100) }
  const withoutLogs = resources(slim, (evidence) => ({ ...evidence, logs: [], events: [] }))
  if (Buffer.byteLength(withoutLogs) <= mostBytes) return withoutLogs
  return resources(slim, () => ({ status: {}, events: [], logs: [], excerpt: {} }))
}

function resources(report: Report, pick: (evidence: Evidence) => Evidence): string {
  const list = report.findings.map(({ resource, class: word, cause, evidence }) => ({
    kind: oneLine(resource.kind, 253),
    namespace: oneLine(resource.namespace, 253),
    name: oneLine(resource.name, 253),
    class: word,
    cause: oneLine(cause, 1000),
    evidence: pick(evidence),
  }))
  return JSON.stringify(list, (_key, value: unknown) => (typeof value === 'string' ? clean(value) : value))
}

function text(value: string | number | boolean | null | undefined): string {
  return value === null || value === undefined ? '' : clean(String(value))
}
