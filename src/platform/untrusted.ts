import { stripVTControlCharacters } from 'node:util'

/**
 * Makes text that a cluster, chart or workload controls safe for the places where people read it: the runner's log,
 * Markdown prose, code spans, fences, table cells and HTML. Nothing is trusted to be short, one line or well-formed.
 */

/** Characters that are not seen but change what is: soft hyphen, zero width, bidirectional overrides, tags. */
const invisible = /[\u00AD\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\u{E0000}-\u{E007F}]/gu

/** Code that GitHub would turn into something: mentions, references, links, maths, emoji, commits. */
const active = /[@#`$]|:\/\/|www\.|\bGH-\d|:[\w+-]+:|\b(?=[a-f]*\d)[\da-f]{7,40}\b/iu

/** How much longer than its limit a text may be before it is cleaned: what is cleaned away, and no work for megabytes. */
const slack = 20

/** Cuts to at most `limit` UTF-16 code units, never inside a surrogate pair, and shows that it did. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text
  const end = Math.max(0, limit - 1)
  return `${text.slice(0, end).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** Well-formed text without ANSI sequences, control and invisible characters; only `\n` and tabs are left of them. */
export function clean(text: string): string {
  return stripVTControlCharacters(text.toWellFormed())
    .replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replaceAll(invisible, '')
    .replaceAll(/[^\P{Cc}\n\t]/gu, '')
}

/** The same in one line, at most `limit` UTF-16 code units, white space folded. */
export function oneLine(text: string, limit = 500): string {
  return cut(
    clean(text.slice(0, limit * slack))
      .replaceAll(/\s+/g, ' ')
      .trim(),
    limit,
  )
}

/**
 * Text for the runner's log: no line of it is read as a workflow command (`::` at the start, the legacy `##[` anywhere),
 * no line is longer than `limit` UTF-16 code units.
 */
export function forLog(text: string, limit = 2000): string {
  return clean(text)
    .split('\n')
    .map((line) => inert(cut(line, limit)))
    .join('\n')
}

/**
 * Text for Markdown prose: one line, at most `limit` UTF-16 code units before escaping. Words that GitHub would turn into a mention,
 * reference, link, formula or emoji become code, and so does what stands between backticks; everything else is escaped.
 */
export function forMarkdown(text: string, limit = 400): string {
  return prose(text, limit, codeSpan)
}

/** The same for a cell of a table. */
export function forTableCell(text: string, limit = 400): string {
  return prose(text, limit, cellCode)
}

/** One line of code, at most `limit` UTF-16 code units; its backticks cannot end it. */
export function codeSpan(text: string, limit = 253): string {
  const code = shortRuns(oneLine(text, limit))
  if (code === '') return '(empty)'
  const ticks = '`'.repeat(longestRun(code) + 1)
  const pad = /^`|`$/.test(code) ? ' ' : ''
  return `${ticks}${pad}${code}${pad}${ticks}`
}

/** The same for a cell of a table, where a pipe would end even code. */
export function cellCode(text: string, limit = 253): string {
  return codeSpan(text, limit).replaceAll('\\|', '\\ |').replaceAll('|', '\\|')
}

/** A fenced block whose fence is longer than any run of backticks inside; each line at most `limit` UTF-16 code units. */
export function fence(lines: readonly string[], language = '', limit = 500): string {
  const body = lines
    .flatMap((line) => shortRuns(clean(line.slice(0, limit * slack))).split('\n'))
    .map((line) => cut(line.trimEnd(), limit))
  const ticks = '`'.repeat(Math.max(3, longestRun(body.join('\n')) + 1))
  return [`${ticks}${language}`, ...body, ticks].join('\n')
}

/** Text for the inside of an HTML element such as `<summary>`, as code, so that GitHub makes no mention or reference of it. */
export function forHtml(text: string, limit = 253): string {
  return `<code>${escapeHtml(oneLine(text, limit))}</code>`
}

/** One word of a shell command, quoted where it has to be; what is not seen is left out. */
export function shellWord(text: string): string {
  const word = oneLine(text)
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

function inert(line: string): string {
  return line.replace(/^(\s*:)(?=:)/u, '$1\u200B').replaceAll('##[', '##\u200B[')
}

function prose(text: string, limit: number, code: (text: string) => string): string {
  const parts = oneLine(text, limit).split(/`([^`]+)`/)
  const safe = parts.map((part, index) => (index % 2 === 1 ? code(part) : escapeWords(part, code))).reduce(join, '')
  return safe.replace(/^[-+=]/, '\\$&').replace(/^(\d+)([.)])/, '$1\\$2')
}

/** Backticks of two pieces of code must not run together. */
function join(before: string, after: string): string {
  return before.endsWith('`') && after.startsWith('`') ? `${before} ${after}` : before + after
}

function escapeWords(text: string, code: (text: string) => string): string {
  return text
    .split(' ')
    .map((word) => {
      if (!active.test(word)) return escapeProse(word)
      const [, before = '', core = word, after = ''] = /^([("'[]*)(.*?)([)"'\],.;:!?]*)$/u.exec(word) ?? []
      return core === '' ? code(word) : `${escapeProse(before)}${code(core)}${escapeProse(after)}`
    })
    .join(' ')
}

function escapeProse(text: string): string {
  return escapeHtml(text).replaceAll(/[\\*_[\]|~]/g, '\\$&')
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** GitHub's parser knows no code span of more than 80 backticks, and ends a longer fence at the 255th: runs stay far below. */
function shortRuns(text: string): string {
  return text.replaceAll(/`{21,}/g, `${'`'.repeat(20)}…`)
}

function longestRun(text: string): number {
  return Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length))
}
