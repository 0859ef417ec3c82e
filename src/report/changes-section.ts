import { cellCode, fence, forHtml, forTableCell } from '../platform/untrusted.ts'
import { bullets, counted, details, objectHtml, paragraphs, table } from './markdown.ts'
import type { ObjectChange, Report } from './model.ts'
import { driftedLine } from './situation.ts'

/** How much of the changes a place shows. */
export interface ChangesRoom {
  readonly rows: number
  /** Of so many objects the diff. */
  readonly diffs: number
  /** Lines of each diff. */
  readonly lines: number
}

export const commentRoom: ChangesRoom = { rows: 15, diffs: 8, lines: 60 }
export const summaryRoom: ChangesRoom = { rows: 100, diffs: 100, lines: 400 }

/**
 * What the attempted manifest changes: a row an object, and the diffs. A plan is read for it, so there only the diffs are folded;
 * in every other report all of it is. Empty when nothing changes, or nobody knows.
 */
export function changesSection(report: Report, room: ChangesRoom): string {
  const { changes } = report
  if (changes.length === 0) return ''
  const body = [
    overview(changes, room.rows),
    ...changes.slice(0, room.diffs).map((change) => diffOf(change, room.lines)),
  ]
  if (report.status === 'planned') return paragraphs(body)
  return details(`${title(report)}: ${counted(changes.length, 'object')}`, paragraphs(body))
}

/** Where the cluster differs from what is deployed: a plan tells it, because a deploy would set it back. */
export function driftedSection({ drifted, previousRevision }: Report): string {
  if (drifted === null || previousRevision === null) return ''
  const revision = `revision ${String(previousRevision)}`
  if (drifted.length === 0) return `The cluster is as ${revision} says.`
  return paragraphs([`⚠️ The cluster has drifted from ${revision}:`, bullets(drifted.map(driftedLine))])
}

function title({ status, attemptedRevision }: Report): string {
  if (status === 'deployed') return 'What changed'
  return attemptedRevision === null ? 'What a deploy would change' : 'What this deploy would have changed'
}

const signs: Readonly<Record<ObjectChange['kind'], string>> = { added: '➕', removed: '➖', changed: '✏️' }

function overview(changes: readonly ObjectChange[], most: number): string {
  const rows = changes
    .slice(0, most)
    .map((change) => [
      signs[change.kind],
      `${forTableCell(change.object.kind, 63)} ${cellCode(change.object.name)}`,
      what(change),
    ])
  const rest = changes.length - rows.length
  return table(['', 'object', 'change'], rest > 0 ? [...rows, ['', `and ${String(rest)} more`, '']] : rows)
}

function what({ kind, highlights, labelsOnly, diff }: ObjectChange): string {
  if (kind === 'added') return 'new'
  if (kind === 'removed') return 'removed'
  if (highlights.length > 0)
    return highlights
      .slice(0, 4)
      .map((line) => forTableCell(line, 200))
      .join('<br>')
  if (labelsOnly) return 'labels only'
  const count = (sign: string): number => diff.filter((line) => line.startsWith(sign)).length
  return `${counted(count('+'), 'line')} added, ${String(count('-'))} removed`
}

function diffOf({ object, source, diff, kind }: ObjectChange, mostLines: number): string {
  const shown = diff.slice(0, mostLines)
  const rest = diff.length - shown.length
  const lines = rest > 0 ? [...shown, `… and ${String(rest)} more lines`] : shown
  const from = source === '' ? '' : `, ${forHtml(source, 120)}`
  return lines.length === 0 ? '' : details(`${signs[kind]} ${objectHtml(object)}${from}`, fence(lines, 'diff', 300))
}
