// What the bench measured, next to what it has to be.
import { styleText } from 'node:util'

export type Figure = {
  what: string
  /** Of Helm alone and through the action, in `unit`; null where only one thing was measured. */
  raw: number | null
  action: number | null
  unit: 's' | 'CPU-s' | 'MB'
  /** The figure that is judged: a ratio where it is compared with Helm, else in `unit`. */
  value: number
  isRatio: boolean
  /** The most that `value` may be; null for what is only told. */
  atMost: number | null
  note?: string
  /** What it is the median of, so that the spread can be seen. */
  samples?: readonly unknown[]
  /** The same with other programs. */
  beside?: unknown
}

/** Whether a figure is within its target; always for one without. */
export function holds({ value, atMost }: Figure): boolean {
  return atMost === null || value <= atMost
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low, high] = sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : [sorted[middle - 1], sorted[middle]]
  if (low === undefined || high === undefined) throw new Error('no numbers, no median')
  return (low + high) / 2
}

/** The figures as a table for a terminal. */
export function table(figures: readonly Figure[]): string {
  const head = ['', 'raw Helm', 'action', 'figure', 'target', '']
  const rows = [head, ...figures.map(row)]
  const widths = head.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)))
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('   ')
      .trimEnd(),
  )
  return lines
    .map((line, index) => {
      const figure = figures[index - 1]
      return figure === undefined ? styleText('bold', line) : holds(figure) ? line : styleText('red', line)
    })
    .join('\n')
}

function row(figure: Figure): string[] {
  const { what, raw, action, unit, value, isRatio, atMost } = figure
  const show = (number: number | null): string => (number === null ? '' : `${number.toFixed(2)} ${unit}`)
  const judged = (number: number): string => (isRatio ? `${number.toFixed(3)} ×` : show(number))
  const target = atMost === null ? '' : `≤ ${isRatio ? `${atMost} ×` : `${atMost} ${unit}`}`
  return [what, show(raw), show(action), judged(value), target, atMost === null ? '' : holds(figure) ? '✓' : '✗ missed']
}
