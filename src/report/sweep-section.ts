import { codeSpan, forMarkdown, oneLine } from '../platform/untrusted.ts'
import { iconOf } from './headline.ts'
import { bullets, link } from './markdown.ts'
import type { Report, SweptPreview } from './model.ts'

/** So many previews are listed; the JSON report has all of them. */
const mostRows = 100

const icons: Readonly<Record<SweptPreview['outcome'], string>> = {
  kept: '⏸️',
  removed: iconOf('removed'),
  failed: iconOf('rollback-failed'),
}

/** What became of each preview, a line each: a table of as much is cut off on a phone. Empty when there was no sweep, or nothing to sweep. */
export function sweepSection(report: Report): string {
  const lines = (report.sweep ?? []).map(({ pull, namespace, outcome, why }) => {
    const number = pull === null ? '' : `${link(`#${pull}`, pullUrl(report, pull))} `
    return `${icons[outcome]} ${number}${codeSpan(namespace, 63)} ${outcome}: ${forMarkdown(why, 300)}`
  })
  return bullets(lines, mostRows)
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
