import { isMap, isScalar, parseDocument, visit, type Document, type Pair, type YAMLMap } from 'yaml'
import { fill, hasPlaced, type Placed } from './placeholders.ts'

/** The values with placeholders put in, or the line of a placeholder that YAML reads as something else. */
export type FilledValues = { readonly text: string } | { readonly unquotedLine: number; readonly word: string }

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * Puts known placeholders into the strings of a YAML text, keys and values alike. A string in which one stands is written anew, in quotes:
 * what is put in can change nothing around it. Everything else stays as it is, byte for byte. Text that is no YAML comes back as it was.
 */
export function fillValues(text: string, placed: Placed): FilledValues {
  const document = parseDocument(text, { keepSourceTokens: true, logLevel: 'error', prettyErrors: false })
  if (document.errors.length > 0) return { text }
  const unquoted = findUnquoted(document, placed)
  if (unquoted) return { unquotedLine: text.slice(0, unquoted.offset).split('\n').length, word: unquoted.word }
  const edits: Edit[] = []
  visit(document, {
    Scalar: (_key, { value, type, range }) => {
      if (typeof value !== 'string' || !range || !hasPlaced(value, placed)) return
      const isBlock = type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED'
      const [start, end] = range
      edits.push({ start, end, text: quoted(fill(value, placed)) + (isBlock ? '\n' : '') })
    },
  })
  return { text: applyEdits(text, edits) }
}

/** JSON is YAML; beyond it, what YAML readers take for the end of a line or refuse. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = text
  for (const { start, end, text: put } of edits.toSorted((a, b) => b.start - a.start))
    result = result.slice(0, start) + put + result.slice(end)
  return result
}

/** `tag: {{ sha }}` without quotes is a map in a map for YAML. */
function findUnquoted(document: Document, placed: Placed): { readonly offset: number; readonly word: string } | null {
  let found: { offset: number; word: string } | null = null
  visit(document, {
    Map: (_key, map) => {
      const inner = onlyKey(map)
      const word = isMap(inner) ? onlyKey(inner) : null
      if (!isScalar(word) || typeof word.value !== 'string' || !Object.hasOwn(placed, word.value)) return
      found ??= { offset: map.range?.[0] ?? 0, word: word.value }
    },
  })
  return found
}

/** The key of a map in braces that has one, and no value for it. */
function onlyKey({ items, flow }: YAMLMap): unknown {
  const [pair, ...others] = items as readonly Pair[]
  if (!flow || !pair || others.length > 0) return null
  return isScalar(pair.value) && pair.value.value !== null ? null : pair.key
}
