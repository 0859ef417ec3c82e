import type { Assignment } from '../inputs/inputs.ts'
import { emptyMap, overlay, readValues, under, type ValueNode } from './value-tree.ts'

/** Lays what `set` and its like assign over values, in order. Where the value itself is not known, only that the key is taken is. */
export function overlayAssignments(values: ValueNode, assignments: readonly Assignment[]): ValueNode {
  return assignments
    .flatMap(({ flag, text }) =>
      (flag === '--set' || flag === '--set-string' ? splitAt(text, ',') : [text]).map((one) => assigned(flag, one)),
    )
    .reduce(overlay, values)
}

function assigned(flag: Assignment['flag'], text: string): ValueNode {
  const equals = text.indexOf('=')
  const path = keysOf(text.slice(0, equals).trim())
  const value = text.slice(equals + 1)
  if (equals < 0 || path.length === 0) return emptyMap
  // A list that is changed at one place is not followed further: nobody is sent to its other lines.
  const isInList = path.some((key) => /^\d+$/.test(key))
  const taken: ValueNode = { kind: 'list', file: null, line: 1, children: new Map() }
  if (isInList || flag === '--set-file') return under(path.slice(0, listStart(path)), taken)
  if (flag === '--set-json') return under(path, replacing(readValues(`v: ${value}`, null)) ?? taken)
  if (/^\{.*\}$/.test(value)) return under(path, taken)
  const texts = flag === '--set' && value === 'null' ? [] : [value.replaceAll(/\\(.)/g, '$1')]
  return under(path, { kind: 'scalar', file: null, line: 1, texts })
}

function listStart(path: readonly string[]): number {
  const index = path.findIndex((key) => /^\d+$/.test(key))
  return index < 0 ? path.length : index
}

/** JSON replaces what was there, also where both are maps. */
function replacing(read: ValueNode | null): ValueNode | null {
  const value = read && read.kind !== 'scalar' ? read.children.get('v') : undefined
  return value?.kind === 'map' ? { ...value, kind: 'list' } : (value ?? null)
}

/** `a.b\.c[0]` as `a`, `b.c`, `0`. */
function keysOf(text: string): string[] {
  return splitAt(text, '.').flatMap((part) => {
    const [name = '', ...indices] = part.split('[')
    return [name.replaceAll(/\\(.)/g, '$1'), ...indices.map((index) => index.replace(/\].*$/, ''))].filter(Boolean)
  })
}

/** Splits at a separator that no backslash and no braces protect. */
function splitAt(text: string, separator: string): string[] {
  const parts = ['']
  let depth = 0
  for (const [char] of text.matchAll(/\\.|[\s\S]/g)) {
    if (char === '{') depth += 1
    if (char === '}') depth -= 1
    if (char === separator && depth <= 0) parts.push('')
    else parts[parts.length - 1] += char
  }
  return parts
}
