// What the action says when something is wrong, as its source has it: text with `…` for what is put in.
import { filesBelow, read } from './files.ts'

/** Where the source tells a problem, what it warns of, or why it does nothing; of two that a condition chooses from, the first. */
const tellers =
  /\b(?:problem[:=]|problem =|const (?:problem|what|warning) =|tell\(|rejected\(|wrong\(|new Wrong\(|reason:|\.warning\()\s*(?:[\w. ]+(?: === null)?\s\?\s*)?(?=['`])/g

/** The problems that the source can tell. The findings of `src/health` are told in docs/diagnosis.md. */
export function problemsInSource(): string[] {
  const paths = filesBelow('src', '.ts').filter((path) => !path.startsWith('src/health/'))
  const problems = paths.flatMap((path) => {
    const source = read(path)
    return [...source.matchAll(tellers)].map((found) => ({
      path,
      teller: found[0],
      text: literalAt(source, found.index + found[0].length),
    }))
  })
  return (
    problems
      .filter(({ path, teller }) => !teller.startsWith('reason') || path.endsWith('recovery-refusals.ts'))
      .map(({ teller, text }) => plain(`${beginnings[teller.trim()] ?? ''}${text}`))
      // What only names the input, and has its words from elsewhere.
      .filter((text) => /[a-z]/i.test(text.replace(/^[a-z-]+:/, '')))
  )
}

/** What stands before the words of those that tell of one input only. */
const beginnings: Readonly<Record<string, string>> = {
  'wrong(': '`preview-copy-secrets`: … ',
  'new Wrong(': '`preview-quota` ',
}

/** Without the marks of code, and with one `…` where several follow each other. */
export function plain(text: string): string {
  return text
    .replaceAll('`', '')
    .replaceAll(/…(?:…)+/g, '…')
    .trim()
}

/** The string that begins at that quote, with `…` for each `${}`. */
function literalAt(source: string, start: number): string {
  const quote = source[start]
  let text = ''
  for (let at = start + 1; at < source.length && source[at] !== quote; at++) {
    if (source[at] === '\\') text += source[++at]
    else if (quote === '`' && source.startsWith('${', at)) {
      at = endOfExpression(source, at + 2)
      text += '…'
    } else text += source[at]
  }
  return text
}

/** Where the brace stands that closes an expression; strings in it may have braces and expressions of their own. */
function endOfExpression(source: string, start: number): number {
  for (let at = start, depth = 0; at < source.length; at++) {
    const char = source[at] ?? ''
    if (char === '{') depth++
    else if (char === '}' && depth-- === 0) return at
    else if (char === "'" || char === '`') at = endOfString(source, at)
  }
  return source.length
}

function endOfString(source: string, start: number): number {
  const quote = source[start]
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === '\\') at++
    else if (source[at] === quote) return at
    else if (quote === '`' && source.startsWith('${', at)) at = endOfExpression(source, at + 2)
  }
  return source.length
}
