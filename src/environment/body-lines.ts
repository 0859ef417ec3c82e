import { oneLine } from '../platform/untrusted.ts'

const mostLines = 10
const mostLength = 300

/** What a person reads in the beginning of an answer's body: at most ten lines, of HTML its text; none of what is not text. */
export function bodyLines(bytes: Buffer, contentType: string): string[] {
  if (!/^\s*($|text\/|application\/([\w.+-]*\+)?(json|xml|xhtml))/i.test(contentType) || bytes.includes(0)) return []
  const text = bytes.toString('utf8')
  const plain = /<(!doctype|html|head|body)\b/i.test(text) ? withoutTags(text) : text
  return plain
    .split(/[\r\n]+/)
    .map((line) => oneLine(line, mostLength))
    .filter((line) => line !== '')
    .slice(0, mostLines)
}

/** Not to make it harmless, which is done where it is shown, but to find the words. */
function withoutTags(html: string): string {
  return html.replaceAll(/<(script|style)\b[\s\S]*?(<\/\1>|$)/gi, '\n').replaceAll(/<[^>]*(>|$)/g, '\n')
}
