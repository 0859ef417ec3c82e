import type { Finding } from '../health/finding.ts'
import { clean, cut, oneLine } from '../platform/untrusted.ts'
import { headline, nextStep, plain } from './headline.ts'
import type { Report } from './model.ts'
import { succeeded } from './status.ts'

/** An error for the run's page and, with a file, for the diff. */
export interface Annotation {
  readonly title: string
  /** At most 4,096 UTF-16 code units, which is what GitHub takes. */
  readonly message: string
  readonly file?: string
  readonly startLine?: number
}

const mostChars = 4096
/** GitHub shows no more errors of one step. */
const mostErrors = 10

/**
 * The error annotations of a failed run: the verdict with its cause, then one for each further place where something is wrong; none for
 * a success. The caller passes a report that `applyEvidence` has filtered.
 */
export function errorAnnotations(report: Report): Annotation[] {
  if (succeeded(report)) return []
  const [first, ...others] = byPlace(report)
  const shown = others.slice(0, mostErrors - 1)
  return [
    verdict(report, first, others.slice(shown.length)),
    ...shown.map(({ title, lines, source }) => annotation(title, lines, source)),
  ]
}

/** Something that is wrong, in words for one annotation. */
interface Fault {
  readonly title: string
  readonly lines: readonly string[]
  readonly source: Finding['evidence']['source']
}

function verdict(report: Report, first: Fault | undefined, unshown: readonly Fault[]): Annotation {
  const { icon: _, verdict: said, cause } = headline(report, plain)
  const step = nextStep(report, plain)
  const lines = [
    cause === '' ? oneLine(report.reason) : cause,
    ...(report.findings.length > 0 ? (first?.lines ?? []).slice(1) : problemLines(report)),
    ...(unshown.length === 0
      ? []
      : [`${String(unshown.length)} more: ${unshown.map(({ title }) => title).join(', ')}`]),
    ...(step === '' ? [] : [`Next: ${step}`]),
  ]
  return annotation(said, lines, first?.source)
}

/** The findings, the cause first; what comes from one line is one. Without findings the first problem, and others that have a place. */
function byPlace({ findings, problems }: Report): Fault[] {
  if (findings.length === 0) {
    const placed = problems.filter(({ source }, index) => index === 0 || source)
    return placed.map(({ problem, remedy, source }) => ({ title: 'Another problem', lines: [problem, remedy], source }))
  }
  const groups = Map.groupBy(findings, ({ evidence: { source } }) =>
    source?.line === undefined ? Symbol('alone') : `${source.file}:${String(source.line)}`,
  )
  return [...groups.values()].map(toFault)
}

function toFault(findings: readonly Finding[]): Fault {
  const [first, ...others] = findings
  const { decisiveLine, source } = first?.evidence ?? {}
  const more = others.length === 0 ? '' : ` and ${String(others.length)} more`
  return {
    title: `${first ? nameOf(first) : ''}${more} failed too`,
    lines: [
      first?.cause ?? '',
      ...(decisiveLine === undefined ? [] : [decisiveLine]),
      ...others.slice(0, 20).map((one) => `${nameOf(one)}: ${one.cause}`),
    ],
    source,
  }
}

function nameOf({ resource }: Finding): string {
  return oneLine(`${resource.kind} ${resource.name}`, 160)
}

function problemLines({ problems }: Report): string[] {
  return problems.length < 2 ? [] : problems.map(({ problem, remedy }) => `${problem}. ${remedy}`)
}

/** Only files of the repository: a path that is absolute or climbs out of it cannot be shown in the diff. */
function annotation(title: string, lines: readonly string[], source: Fault['source']): Annotation {
  const message = lines.map((line) => oneLine(line, 1000)).join('\n')
  const text = { title: cut(oneLine(title, 200), 200), message: cut(clean(message), mostChars) }
  if (source === undefined || /^(?:\/|[a-z]:|.*(?:^|[\\/])\.\.(?:[\\/]|$))/i.test(source.file)) return text
  return { ...text, file: oneLine(source.file), ...(source.line === undefined ? {} : { startLine: source.line }) }
}
