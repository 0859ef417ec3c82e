import { clean, cut, oneLine } from '../platform/untrusted.ts'
import { headline, nextStep, plain } from './headline.ts'
import type { Report } from './model.ts'
import { succeeded } from './status.ts'

/** One error for the run's page and, with a file, for the diff. The caller passes a report that `applyEvidence` has filtered. */
export interface Annotation {
  readonly title: string
  /** At most 4,096 UTF-16 code units, which is what GitHub takes. */
  readonly message: string
  readonly file?: string
  readonly startLine?: number
}

const mostChars = 4096

/** The error annotation of a failed run; null for a success. */
export function errorAnnotation(report: Report): Annotation | null {
  if (succeeded(report)) return null
  const { icon: _, verdict, cause } = headline(report, plain)
  const others = report.findings.length > 0 ? findingLines(report) : problemLines(report)
  const step = nextStep(report, plain)
  const lines = [
    cause === '' ? oneLine(report.reason) : cause,
    ...decisive(report),
    ...others,
    ...(step === '' ? [] : [`Next: ${step}`]),
  ]
  const message = lines.map((line) => oneLine(line, 1000)).join('\n')
  return { title: cut(verdict, 200), message: cut(clean(message), mostChars), ...sourceOf(report) }
}

function findingLines({ findings }: Report): string[] {
  return findings.slice(1, 10).map(({ resource, cause }) => `${resource.kind} ${resource.name}: ${cause}`)
}

function problemLines(report: Report): string[] {
  const problems = report.problems
  return problems.length < 2 ? [] : problems.map(({ problem, remedy }) => `${problem}. ${remedy}`)
}

function decisive({ findings }: Report): string[] {
  const line = findings[0]?.evidence.decisiveLine
  return line === undefined ? [] : [line]
}

/** Only files of the repository: a path that is absolute or climbs out of it cannot be shown in the diff. */
function sourceOf({ findings }: Report): { file?: string; startLine?: number } {
  const source = findings[0]?.evidence.source
  if (source === undefined || /^(?:\/|[a-z]:|.*(?:^|[\\/])\.\.(?:[\\/]|$))/i.test(source.file)) return {}
  return { file: oneLine(source.file), ...(source.line === undefined ? {} : { startLine: source.line }) }
}
