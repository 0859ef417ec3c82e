// A pull request comment as a reader sees it at first: no hidden markers, details folded, tables in columns, emphasis as emphasis.
import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Renders the Markdown and HTML that our reports are made of for a terminal. */
export function renderComment(body: string): string[] {
  const visible = folded(body.replaceAll(/<!--[\s\S]*?-->\n*/g, ''))
    .replaceAll(/<br\s*\/?>/g, '\n')
    .replaceAll(/<code>([\s\S]*?)<\/code>/g, '`$1`')
    .replaceAll(/<\/?[a-z]+[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim()
  let code = false
  let rows: string[][] = []
  const lines: string[] = []
  for (const line of visible.split('\n')) {
    const cells = code ? undefined : /^\|(.*)\|$/.exec(line)?.[1]?.split(/(?<!\\)\|/)
    if (cells === undefined) {
      lines.push(...columns(rows))
      rows = []
    } else if (!/^[\s|:-]+$/.test(line)) rows.push(cells.map((cell) => cell.trim()))
    if (line.startsWith('```')) code = !code
    else if (code) lines.push(styleText('yellow', `  ${line}`))
    else if (cells === undefined) lines.push(emphasise(line))
  }
  return [...lines, ...columns(rows)]
}

/** Each `<details>` as its summary, the innermost first: what is folded inside of another is not seen. */
function folded(text: string): string {
  const innermost = /<details>\s*<summary>((?:(?!<\/summary>)[\s\S])*)<\/summary>(?:(?!<details>)[\s\S])*?<\/details>/g
  const next = text.replaceAll(innermost, (_, summary: string) => `▸ ${summary}`)
  return next === text ? text : folded(next)
}

/** The rows of a table in columns; the first is its head. */
function columns([head, ...rows]: string[][]): string[] {
  if (head === undefined) return []
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => plain(row[column] ?? '').length)))
  const join = (row: string[]): string =>
    row.map((cell, column) => emphasise(cell) + ' '.repeat((widths[column] ?? 0) - plain(cell).length)).join('   ')
  return [styleText('dim', join(head)), ...rows.map(join)]
}

const marks: [pattern: RegExp, style: Style][] = [
  [/\[([^\]]+)\]\([^)]+\)/g, 'underline'],
  [/\*\*([^*]+)\*\*/g, 'bold'],
  [/`([^`]+)`/g, 'cyan'],
]

function emphasise(line: string): string {
  const heading = /^#+ (.*)/.exec(line)?.[1]
  if (heading !== undefined) return styleText('bold', plain(heading))
  return marks.reduce(
    (text, [pattern, style]) => text.replaceAll(pattern, (_, inner: string) => styleText(style, inner)),
    line,
  )
}

function plain(line: string): string {
  return marks.reduce((text, [pattern]) => text.replaceAll(pattern, '$1'), line)
}
