import { clean } from '../platform/untrusted.ts'
import type { Report } from './model.ts'

/** The report as a JSON file, see `docs/report.schema.json`. Strings are clean text: no control characters, no ANSI sequences. */
export function renderJson(report: Report): string {
  return `${JSON.stringify(report, (_key, value: unknown) => (typeof value === 'string' ? clean(value) : value), 2)}\n`
}
