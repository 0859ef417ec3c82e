import { oneLine } from '../platform/untrusted.ts'

/** An object that is waited for. */
export interface WaitingRow {
  readonly name: string
  readonly ready: number
  readonly wanted: number
  readonly waitsFor: string
  /** Since its change. */
  readonly seconds: number
}

const mostRows = 15
const widestName = 48
const widestReason = 90

/** The rows under one another, columns aligned, the longest wait first, at most 15; empty when there are none. */
export function renderWaiting(rows: readonly WaitingRow[], of: number): string {
  if (rows.length === 0) return ''
  const shown = rows.toSorted((one, other) => other.seconds - one.seconds).slice(0, mostRows)
  const cells = shown.map(({ name, ready, wanted, waitsFor, seconds }) => [
    oneLine(name, widestName),
    `${String(ready)}/${String(wanted)}`,
    oneLine(waitsFor, widestReason),
    `${String(seconds)} s`,
  ])
  const table = [['resource', 'ready', 'waits for', 'since'], ...cells]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => (row[column] ?? '').length)))
  const lines = table.map((row) =>
    row
      .map((cell, column) => (column === 3 ? cell.padStart(widths[3] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  '),
  )
  const more = rows.length - shown.length
  return [
    `waiting for ${String(rows.length)} of ${String(of)}`,
    ...lines.map((line) => `  ${line}`),
    ...(more > 0 ? [`  and ${String(more)} more`] : []),
  ].join('\n')
}
