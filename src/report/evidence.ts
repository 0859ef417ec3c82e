import type { Evidence, Finding } from '../health/finding.ts'
import type { EvidencePolicy } from '../inputs/inputs.ts'
import type { ObjectChange, Report } from './model.ts'

/** The policy of a run: as the input says, else without pod logs where everybody can read them. */
export function evidencePolicy(
  inputs: { readonly evidence: EvidencePolicy | null },
  context: { readonly isPublic: boolean | null },
): EvidencePolicy {
  return inputs.evidence ?? (context.isPublic ? 'no-logs' : 'full')
}

/** Shorter pieces of a log occur in other text by chance. */
const telling = 8

/**
 * The report with no more evidence than the policy allows. `no-logs` takes away what pods wrote, also where a cause, an event or a
 * termination message quotes it; `none` leaves only class, resource, cause and advice, and of what changes the names. The JSON report file
 * is not filtered.
 */
export function applyEvidence(report: Report, policy: EvidencePolicy): Report {
  if (policy === 'full') return report
  const said = linesOfPods(report)
  const withoutQuotes = (text: string): string => removeQuotes(text, said)
  return {
    ...report,
    reason: withoutQuotes(report.reason),
    warnings: report.warnings.map(withoutQuotes),
    findings: report.findings.map((finding) => filterFinding(finding, policy, withoutQuotes)),
    changes: policy === 'none' ? report.changes.map(withoutContent) : report.changes,
  }
}

function filterFinding(finding: Finding, policy: 'no-logs' | 'none', withoutQuotes: (text: string) => string): Finding {
  return {
    ...finding,
    cause: withoutQuotes(finding.cause),
    ...(finding.advice === undefined ? {} : { advice: withoutQuotes(finding.advice) }),
    evidence: policy === 'none' ? withoutProof(finding.evidence) : withoutLogs(finding.evidence, withoutQuotes),
  }
}

function withoutLogs(evidence: Evidence, withoutQuotes: (text: string) => string): Evidence {
  const { decisiveLine: _, message, ...rest } = evidence
  return {
    ...rest,
    logs: [],
    status: Object.fromEntries(
      Object.entries(evidence.status)
        .filter(([key]) => !isLogField(key))
        .map(([key, value]) => [key, withoutQuotes(value)]),
    ),
    events: evidence.events.map((event) => ({ ...event, message: withoutQuotes(event.message) })),
    ...(message === undefined ? {} : { message: withoutQuotes(message) }),
  }
}

/** A diff shows the manifests, which nobody who wants nothing to be shown expects. */
function withoutContent(change: ObjectChange): ObjectChange {
  return { ...change, source: '', highlights: [], diff: [] }
}

function withoutProof(evidence: Evidence): Evidence {
  const { decisiveLine: _line, message: _message, node: _node, ...rest } = evidence
  return { ...rest, status: {}, events: [], logs: [], excerpt: {} }
}

/** With `terminationMessagePolicy: FallbackToLogsOnError` a termination message is a piece of the log. */
function isLogField(key: string): boolean {
  return /\b(?:termination message|last words|log)\b/i.test(key)
}

function linesOfPods(report: Report): string[] {
  const lines = report.findings.flatMap(({ evidence }) => [
    ...evidence.logs,
    ...(evidence.decisiveLine === undefined ? [] : [evidence.decisiveLine]),
    ...Object.entries(evidence.status).flatMap(([key, value]) => (isLogField(key) ? value.split('\n') : [])),
  ])
  const pieces = lines.map((line) => line.trim()).filter((line) => line.length >= telling)
  return Array.from(new Set(pieces)).sort((a, b) => b.length - a.length)
}

function removeQuotes(text: string, quotes: readonly string[]): string {
  const without = quotes.reduce((rest, quote) => rest.replaceAll(quote, ''), text)
  if (without === text) return text
  return without
    .replaceAll(/\(\s*\)|""|``/g, '')
    .replaceAll(/[ \t]{2,}/g, ' ')
    .replace(/[\s:,;–-]+$/u, '')
    .trim()
}
