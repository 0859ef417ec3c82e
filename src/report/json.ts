import { clean } from '../platform/untrusted.ts'
import type { Report } from './model.ts'

/**
 * The report as a JSON file, see `docs/report.schema.json`. Strings are clean text: no control characters, no ANSI sequences. The
 * timeline, which is for machines, comes last and without indentation.
 */
export function renderJson({ timeline, ...report }: Report): string {
  const plain = (_key: string, value: unknown): unknown => (typeof value === 'string' ? clean(value) : value)
  const told = JSON.stringify(report, plain, 2).replace(/\n\}$/, '')
  return `${told},\n  "timeline": ${JSON.stringify(timeline, plain)}\n}\n`
}
