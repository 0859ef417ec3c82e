import type { Assignment } from '../inputs/inputs.ts'

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

/** A comma, and not one of a value, which has a backslash before it. */
const comma = /(?<=(?:^|[^\\])(?:\\\\)*),/

/** `a=1,b=2` is two assignments; where there is a list or JSON, all of it is one. */
function pairsOf({ flag, text }: Assignment): Pair[] {
  if (flag === '--set-json') return jsonPairs(pairOf(flag, text))
  const parts = text.split(comma)
  const isSplit = flag !== '--set-file' && !text.includes('={') && parts.every((part) => part.includes('='))
  return (isSplit ? parts : [text]).map((part) => pairOf(flag, part))
}

function pairOf(flag: Assignment['flag'], text: string): Pair {
  const at = text.indexOf('=')
  return { flag, key: text.slice(0, at), value: text.slice(at + 1) }
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
  if (value.startsWith('{') || comma.test(value) || /(?:^|[^\\])(?:\\\\)*\\$/.test(value)) return null
  const text = value.replaceAll(/\\(.)/gs, '$1')
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
  return isWithin(one, other) || isWithin(other, one)
}
