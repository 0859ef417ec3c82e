// The table of guarantees: fault and phase, and how the release ended with each Helm when the cell was last played.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cellName } from './cell.ts'
import type { Cell, Ending } from './cell.ts'
import type { Results } from './results.ts'

const file = fileURLToPath(new URL('../../docs/guarantees.md', import.meta.url))
const [begin, end] = ['<!-- table: begin -->', '<!-- table: end -->']
const words: Record<Ending, string> = {
  before: 'as before',
  new: 'the new revision',
  nothing: 'no release, nothing left',
  kept: 'left to people, and told',
}

/** The table as Markdown, in the order of the cells. */
export function renderTable(cells: readonly Cell[], { kept }: Results): string {
  const told = (cell: Cell, major: 3 | 4): string => {
    if (cell.only !== undefined && cell.only !== major) return '–'
    const result = kept.get(cellName(cell, major))
    if (result?.wasPlayed !== true) return 'not played'
    return result.passed && result.ending ? words[result.ending] : '**fails**'
  }
  const rows = cells.map(
    (cell) => `| ${cell.row} | ${cell.fault} | ${cell.phase} | ${told(cell, 3)} | ${told(cell, 4)} |`,
  )
  return ['| | fault | phase | Helm 3 | Helm 4 |', '| --- | --- | --- | --- | --- |', ...rows].join('\n')
}

/** Writes the table into docs/guarantees.md, between its marks. */
export function writeDocs(table: string): void {
  const text = readFileSync(file, 'utf8')
  const [head, rest] = text.split(begin)
  const tail = rest?.split(end)[1]
  if (head === undefined || tail === undefined) throw new Error(`${file} has no place for the table`)
  writeFileSync(file, `${head}${begin}\n\n${table}\n\n${end}${tail}`)
}
