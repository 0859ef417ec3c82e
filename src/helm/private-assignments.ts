import type { Assignment } from '../inputs/inputs.ts'
import { cutAssignments, itemsOf, unescaped } from './assignment-syntax.ts'

/** Writes a file that only we can read, and gives its path. */
export type WritePrivate = (name: string, content: string) => string

interface Pair {
  readonly flag: Assignment['flag']
  readonly key: string
  /** As it is written. */
  readonly value: string
}

/**
 * The same assignments with every text that is assigned in a private file, which `--set-file` reads: arguments can be seen by everybody on
 * the machine. What is no text (numbers, lists) stays, and so does a text that one of those assigns over later, because Helm applies
 * `--set-file` last.
 */
export function privateAssignments(assignments: readonly Assignment[], write: WritePrivate): Assignment[] {
  const staying: Assignment[] = []
  const files: Assignment[] = []
  const stayingKeys: string[] = []
  for (const pair of assignments.flatMap(pairsOf).toReversed()) {
    const text = textOf(pair)
    if (pair.flag === '--set-file') files.unshift({ flag: pair.flag, text: `${pair.key}=${pair.value}` })
    else if (text === null || stayingKeys.some((key) => overlaps(key, pair.key))) {
      staying.unshift({ flag: pair.flag, text: `${pair.key}=${pair.value}` })
      stayingKeys.push(pair.key)
    } else {
      const path = write(`value-${String(files.length)}`, text)
      files.unshift({ flag: '--set-file', text: `${pair.key}=${path.replaceAll(/[\\,]/g, '\\$&')}` })
    }
  }
  return [...staying, ...files]
}

/** `a=1,b=2` is two assignments, and each text of a list is one; JSON is one with its texts by themselves. */
function pairsOf({ flag, text }: Assignment): Pair[] {
  if (flag === '--set-json') return jsonPairs(pairOf(flag, text))
  const cut = flag === '--set-file' ? null : cutAssignments(text)
  // Helm says what is wrong with it.
  if (cut === null) return [pairOf(flag, text)]
  return cut.flatMap(({ key, value }) => listPairs({ flag, key, value }))
}

/** A list with its texts empty, and then each text by itself: Helm puts it where the empty one is. */
function listPairs(pair: Pair): Pair[] {
  const items = itemsOf(pair.value)
  if (items === null) return [pair]
  const isText = items.map((value) => textOf({ ...pair, value }) !== null)
  const rest = items.map((value, index) => (isText[index] ? '' : value)).join(',')
  const texts = items.map((value, index) => ({ ...pair, key: `${pair.key}[${String(index)}]`, value }))
  return [{ ...pair, value: `{${rest}}` }, ...texts.filter((_, index) => isText[index])]
}

function pairOf(flag: Assignment['flag'], text: string): Pair {
  const [, key = '', value = text] = /^((?:[^\\=]|\\.)*)=(.*)$/s.exec(text) ?? []
  return { flag, key, value }
}

/** JSON with empty texts, and then each text by itself: Helm puts it where the empty one is. */
function jsonPairs(pair: Pair): Pair[] {
  const texts: Pair[] = []
  const emptied = (value: unknown, key: string): unknown => {
    if (typeof value === 'string' && key !== '') {
      texts.push({ flag: pair.flag, key, value: JSON.stringify(value) })
      return ''
    }
    if (Array.isArray(value)) return value.map((item, index) => emptied(item, key && `${key}[${String(index)}]`))
    if (typeof value !== 'object' || value === null) return value
    // A name that means something to Helm's syntax, and what is below it, stays.
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        name,
        emptied(item, key && /^[\w-]+$/.test(name) ? `${key}.${name}` : ''),
      ]),
    )
  }
  try {
    const value: unknown = JSON.parse(pair.value)
    if (typeof value !== 'object' || value === null) return [pair]
    const rest = JSON.stringify(emptied(value, pair.key))
    return [{ ...pair, value: rest }, ...texts]
  } catch {
    // Helm says what is wrong with it.
    return [pair]
  }
}

/** The text that Helm takes the value for (strvals `typedVal`); null when it is something else, or nothing that Helm would take. */
function textOf({ flag, value }: Pair): string | null {
  if (flag === '--set-json') return parsedText(value)
  if (value.startsWith('{') || /(?:^|[^\\])(?:\\\\)*(?:,|\\$)/.test(value)) return null
  const text = unescaped(value)
  const isTyped = flag === '--set' && /^(?:true|false|null|0|[+-]?[1-9]\d*|[+-]0+)$/i.test(text)
  return isTyped ? null : text
}

function parsedText(json: string): string | null {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'string' ? value : null
  } catch {
    return null
  }
}

function overlaps(one: string, other: string): boolean {
  const isWithin = (inner: string, outer: string): boolean =>
    inner === outer || (inner.startsWith(outer) && /^[.[]/.test(inner.slice(outer.length)))
  const [first, second] = [plain(one), plain(other)]
  return isWithin(first, second) || isWithin(second, first)
}

/** A key without the backslashes that mean nothing. */
function plain(key: string): string {
  return key.replaceAll(/\\(.)/gs, (written, char: string) => ('.[=,\\'.includes(char) ? written : char))
}
