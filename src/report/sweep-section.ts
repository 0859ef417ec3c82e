import { cellCode, forTableCell, oneLine } from '../platform/untrusted.ts'
import { iconOf } from './headline.ts'
import { counted, link, table } from './markdown.ts'
import type { Report, SweptPreview } from './model.ts'

/** So many previews are listed; the JSON report has all of them. */
const mostRows = 100

const icons: Readonly<Record<SweptPreview['outcome'], string>> = {
  kept: '⏸️',
  removed: iconOf('removed'),
  failed: iconOf('rollback-failed'),
}

/**
 * What became of each preview, as a table; empty when there was no sweep, or nothing to sweep. Three columns that break between words, so
 * that a phone shows them.
 */
export function sweepSection(report: Report): string {
  const entries = report.sweep ?? []
  const rows = entries.slice(0, mostRows).map(({ pull, namespace, outcome, why }) => {
    const number = pull === null ? '' : `${link(`#${pull}`, pullUrl(report, pull))} `
    return [`${number}${cellCode(namespace, 63)}`, `${icons[outcome]} ${outcome}`, forTableCell(why, 300)]
  })
  const rest = entries.length - rows.length
  const more = rest > 0 ? `\n\nand ${counted(rest, 'preview')} more: the JSON report has all` : ''
  return table(['preview', 'is', 'why'], rows) + more
}

/** The same for the log, in columns. */
export function sweepLines({ sweep }: Report): string[] {
  const entries = (sweep ?? []).slice(0, mostRows)
  const widest = Math.max(0, ...entries.map(({ namespace }) => namespace.length))
  return entries.map(({ pull, namespace, outcome, why }) => {
    const number = pull === null ? '' : `#${pull}`
    return `  ${outcome.padEnd(8)} ${number.padEnd(7)} ${oneLine(namespace, 63).padEnd(widest)}  ${oneLine(why)}`
  })
}

function pullUrl({ run }: Report, pull: number): string | null {
  return run.url === null ? null : run.url.replace(/\/actions\/runs\/.*$/, `/pull/${pull}`)
}
