import { forHtml } from '../platform/untrusted.ts'

/** A small Markdown writer. Its arguments are Markdown already: untrusted text goes through `platform/untrusted.ts` first. */

/** A table; every row has as many cells as the head. Empty without rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A folded part. `summary` is HTML, not Markdown. Empty without a body. */
export function details(summary: string, body: string): string {
  return body === '' ? '' : `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`
}

/** A list, one line an item; of more than `most` items the rest is counted. */
export function bullets(items: readonly string[], most = 20): string {
  const shown = items.slice(0, most).map((item) => `- ${item}`)
  return [...shown, ...more(items.length - most)].join('\n')
}

/** A link when the address is a plain web address, else only its text. */
export function link(text: string, url: string | null): string {
  return url !== null && /^https?:\/\/[^\s()<>[\]]+$/.test(url) ? `[${text}](${url})` : text
}

/** A link to an address of the user's: brackets in it would end the link. */
export function addressLink(text: string, url: string): string {
  const escape = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`
  return link(text, url.replaceAll(/[()<>[\]]/g, escape))
}

/** Paragraphs, empty ones left out. */
export function paragraphs(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n')
}

/** `1 pod`, `3 pods`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${String(count)} ${count === 1 ? noun : plural}`
}

/** Milliseconds as people say them, with spaces that do not break: `3.2 s`, `48 s`, `2 min 5 s`, `1 h 3 min`. */
export function duration(ms: number): string {
  return spoken(ms).replaceAll(' ', '\u00A0')
}

function spoken(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 9.95) return `${String(Number(seconds.toFixed(1)))} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${String(whole)} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return [`${String(minutes)} min`, ...(whole % 60 > 0 ? [`${String(whole % 60)} s`] : [])].join(' ')
  return [`${String(Math.floor(minutes / 60))} h`, ...(minutes % 60 > 0 ? [`${String(minutes % 60)} min`] : [])].join(
    ' ',
  )
}

/** `Deployment <code>shop</code>` for places that are HTML. */
export function objectHtml(object: { readonly kind: string; readonly name: string }): string {
  const kind = /^[A-Za-z]{1,63}$/.test(object.kind) ? object.kind : forHtml(object.kind, 63)
  return object.name === '' ? kind : `${kind} ${forHtml(object.name)}`
}

function more(count: number): string[] {
  return count > 0 ? [`- and ${String(count)} more`] : []
}
