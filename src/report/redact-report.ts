import type { Evidence, Finding } from '../health/finding.ts'
import { credentialKey, mask, type Redact } from '../platform/redact.ts'
import type { Drift, ObjectChange, Report, UndoReport } from './model.ts'

/**
 * The report with every free text redacted: causes, evidence, errors, commands, warnings. Names of objects, which the API limits to
 * letters, digits and dashes, and the words of enumerations stay.
 */
export function redactReport(report: Report, redact: Redact): Report {
  return {
    ...report,
    reason: redact(report.reason),
    environment: report.environment === null ? null : redact(report.environment),
    environmentUrl: report.environmentUrl === null ? null : redact(report.environmentUrl),
    answered: report.answered === null ? null : redactTexts(report.answered, redact),
    problems: report.problems.map((one) => redactTexts(one, redact)),
    chart: report.chart === null ? null : redactTexts(report.chart, redact, noKeys),
    images: report.images.map((image) => ({
      container: image.container,
      before: image.before === null ? null : redact(image.before),
      after: image.after === null ? null : redact(image.after),
    })),
    findings: report.findings.map((finding) => redactFinding(finding, redact)),
    changes: report.changes.map((change) => redactChange(change, redact)),
    drifted: report.drifted?.map((drift) => redactDrift(drift, redact)) ?? null,
    sweep: report.sweep?.map((one) => ({ ...one, why: redact(one.why) })) ?? null,
    undo: report.undo === null ? null : redactUndo(report.undo, redact),
    notUndone: report.notUndone.map(({ object, why }) => ({ object, why: redact(why) })),
    warnings: report.warnings.map(redact),
    timeline: report.timeline === null ? null : redactTexts(report.timeline, redact),
    cluster: report.cluster === null ? null : { ...report.cluster, server: redact(report.cluster.server) },
  }
}

function redactFinding(finding: Finding, redact: Redact): Finding {
  return {
    ...finding,
    cause: redact(finding.cause),
    ...(finding.advice === undefined ? {} : { advice: redact(finding.advice) }),
    evidence: redactEvidence(finding.evidence, redact),
  }
}

function redactEvidence(evidence: Evidence, redact: Redact): Evidence {
  const logs = evidence.logs.length === 0 ? [] : redact(evidence.logs.join('\n')).split('\n')
  const { decisiveLine, message } = evidence
  return {
    ...evidence,
    status: redactFields(evidence.status, redact),
    excerpt: redactFields(evidence.excerpt, redact),
    events: evidence.events.map((event) => redactTexts(event, redact, noKeys)),
    ...(evidence.source === undefined ? {} : { source: redactTexts(evidence.source, redact) }),
    logs,
    ...(decisiveLine === undefined ? {} : { decisiveLine: redactDecisive(decisiveLine, evidence.logs, logs, redact) }),
    ...(message === undefined ? {} : { message: redact(message) }),
  }
}

/** A line from the midst of a secret of several lines is harmless-looking by itself: it is shown only if the redacted logs still have it. */
function redactDecisive(line: string, before: readonly string[], after: readonly string[], redact: Redact): string {
  const redacted = redact(line)
  return before.includes(line) && !after.includes(redacted) ? mask : redacted
}

/** The diff as one text, because a secret may have several lines. */
function redactChange(change: ObjectChange, redact: Redact): ObjectChange {
  return {
    ...change,
    highlights: change.highlights.map(redact),
    diff: change.diff.length === 0 ? [] : redact(change.diff.join('\n')).split('\n'),
  }
}

function redactDrift(drift: Drift, redact: Redact): Drift {
  return { ...drift, details: drift.details.map(redact) }
}

function redactUndo(undo: UndoReport, redact: Redact): UndoReport {
  return {
    ...undo,
    drifts: undo.drifts.map((drift) => redactDrift(drift, redact)),
    ...(undo.repaired === undefined ? {} : { repaired: undo.repaired.map((one) => redactTexts(one, redact)) }),
    ...(undo.error === undefined ? {} : { error: redact(undo.error) }),
    commands: undo.commands.map(redact),
  }
}

/** Names, identities and times of objects, which the API limits, stay: they are what a recording is put together by. */
const plainKeys: ReadonlySet<string> = new Set([
  'uid',
  'name',
  'namespace',
  'kind',
  'container',
  'what',
  'reason',
  'type',
])
const noKeys: ReadonlySet<string> = new Set()
const isTime = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

/** Any data with its texts redacted, but for those of the plain keys; a list of texts is one text, because a secret may have several lines. */
function redactTexts<T>(data: T, redact: Redact, plain = plainKeys): T {
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return plain.has(key) || isTime.test(value) ? value : redact(value)
    if (isLines(value) && !plain.has(key)) return redact(value.join('\n')).split('\n')
    if (Array.isArray(value)) return value.map((item) => walk(item, key))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, name)]))
  }
  return walk(data, '') as T
}

function redactFields(fields: Readonly<Record<string, string>>, redact: Redact): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, credentialKey.test(key) ? mask : redact(value)]),
  )
}

function isLines(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 1 && value.every((item) => typeof item === 'string')
}
