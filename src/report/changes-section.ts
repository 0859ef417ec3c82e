import { codeSpan, fence, forHtml, forMarkdown } from '../platform/untrusted.ts'
import { bullets, counted, details, objectHtml, paragraphs } from './markdown.ts'
import type { ObjectChange, Report } from './model.ts'
import { driftedLine } from './situation.ts'

/** How much of the changes a place shows. */
export interface ChangesRoom {
  /** Of so many objects the diff. */
  readonly diffs: number
  /** Lines of each diff. */
  readonly lines: number
  /** So many more objects are named. */
  readonly names: number
}

export const commentRoom: ChangesRoom = { diffs: 8, lines: 60, names: 15 }
export const summaryRoom: ChangesRoom = { diffs: 100, lines: 400, names: 200 }

/**
 * What the attempted manifest changes: of each object one line that unfolds to its diff. A plan is read for it; in every other report
 * all of it is folded once more. Empty when nothing changes, or nobody knows.
 */
export function changesSection(report: Report, room: ChangesRoom): string {
  const { changes } = report
  if (changes.length === 0) return ''
  const unfolding = changes.filter((change) => !isBare(change)).slice(0, room.diffs)
  const named = changes.filter((change) => !unfolding.includes(change))
  const body = paragraphs([
    ...unfolding.map((change) => withDiff(change, room.lines)),
    bullets(named.map(nameLine), room.names),
  ])
  return report.status === 'planned' ? body : details(`${title(report)}: ${counted(changes.length, 'object')}`, body)
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

const leads: Readonly<Record<ObjectChange['kind'], string>> = {
  added: '➕ new',
  removed: '➖ removed',
  changed: '✏️ changed',
}
const mostHighlights = 4

function withDiff(change: ObjectChange, mostLines: number): string {
  const { object, kind, diff, highlights } = change
  const told = highlights.slice(0, mostHighlights).map((line) => forHtml(line, 200))
  const summary = withWords(`${leads[kind]} ${objectHtml(object)}`, told.length > 0 ? told.join(', ') : inWords(change))
  const shown = diff.slice(0, mostLines)
  const rest = diff.length - shown.length
  const lines = [...shown, ...(rest > 0 ? [`… and ${String(rest)} more lines`] : [])]
  return details(
    summary,
    paragraphs([
      sourceLine(change),
      lines.length === 0 ? 'No diff: there is too much of it.' : fence(lines, 'diff', 300),
    ]),
  )
}

/** Nothing but the name may be shown. */
function isBare({ source, highlights, diff }: ObjectChange): boolean {
  return source === '' && highlights.length === 0 && diff.length === 0
}

function sourceLine({ source }: ObjectChange): string {
  return source === '' ? '' : `From ${codeSpan(source, 160)}`
}

function nameLine(change: ObjectChange): string {
  const { object, kind } = change
  return withWords(`${leads[kind]} ${forMarkdown(object.kind, 63)} ${codeSpan(object.name)}`, inWords(change))
}

function withWords(what: string, words: string): string {
  return words === '' ? what : `${what}: ${words}`
}

/** In our own words alone; nothing more of what is new or removed as a whole. */
function inWords({ kind, labelsOnly, diff }: ObjectChange): string {
  if (kind !== 'changed') return ''
  if (labelsOnly) return 'labels only'
  if (diff.length === 0) return ''
  const count = (sign: string): number => diff.filter((line) => line.startsWith(sign)).length
  return `${counted(count('+'), 'line')} added, ${String(count('-'))} removed`
}
