import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Pair } from 'yaml'

/** A value as Helm sees it, and where it is written; `file` is null where nobody can be shown a line of it. */
export type ValueNode =
  | { readonly kind: 'scalar'; readonly file: string | null; readonly line: number; readonly texts: readonly string[] }
  | {
      readonly kind: 'map' | 'list'
      readonly file: string | null
      readonly line: number
      readonly children: ReadonlyMap<string, ValueNode>
    }

/** A scalar with its path, as `image.tag` is `['image', 'tag']`; items of lists have their index. */
export interface ValueLeaf {
  readonly path: readonly string[]
  /** The value as it is written and as it is read: `1.10` is both `1.10` and `1.1`; none of null. */
  readonly texts: readonly string[]
  readonly file: string | null
  readonly line: number
}

/** More is no file that people write: aliases can make billions of a few lines. */
const mostNodes = 50_000

/** Reads a file of values; null for one that is no YAML map. Later keys of the same name win, as they do in Helm. */
export function readValues(text: string, file: string | null): ValueNode | null {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, logLevel: 'silent' })
  if (document.errors.length > 0) return null
  let budget = mostNodes

  function read(node: unknown, fallback: number): ValueNode {
    if (--budget < 0) throw new RangeError('too many values')
    const found = resolved(node, document)
    const line = lineOf(found, fallback)
    if (isMap(found)) return { kind: 'map', file, line: fallback, children: new Map(found.items.flatMap(entries)) }
    if (isSeq(found)) {
      const items = found.items.map((item, index) => [String(index), read(item, lineOf(item, line))] as const)
      return { kind: 'list', file, line: fallback, children: new Map(items) }
    }
    const texts =
      isScalar(found) && found.value !== null ? [found.source ?? '', `${found.value as string | number}`] : []
    return { kind: 'scalar', file, line, texts: [...new Set(texts)] }
  }

  function entries({ key, value }: Pair): (readonly [string, ValueNode])[] {
    const line = lineOf(key, 1)
    const name = isScalar(key) ? String(key.value) : ''
    const child = read(value, line)
    if (name !== '<<' || child.kind === 'scalar') return [[name, child]]
    const merged = child.kind === 'map' ? [child] : [...child.children.values()]
    return merged.flatMap((one) => (one.kind === 'map' ? [...one.children] : []))
  }

  function lineOf(node: unknown, fallback: number): number {
    const start = (node as { readonly range?: readonly number[] } | null)?.range?.[0]
    return start === undefined ? fallback : lines.linePos(start).line
  }

  try {
    const root = read(document.contents, 1)
    if (root.kind === 'map') return root
    return isNull(root) ? emptyMap : null
  } catch {
    return null
  }
}

function resolved(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node
}

export const emptyMap: ValueNode = { kind: 'map', file: null, line: 1, children: new Map() }

/** Lays values over others as Helm does: maps are merged, everything else replaces what was there, and null takes it away. */
export function overlay(below: ValueNode, above: ValueNode): ValueNode {
  if (below.kind !== 'map' || above.kind !== 'map') return above
  const children = new Map(below.children)
  for (const [key, value] of above.children) {
    const known = children.get(key)
    if (isNull(value)) children.delete(key)
    else children.set(key, known ? overlay(known, value) : value)
  }
  return { ...above, children }
}

/** Empty values without quotes are null too. */
function isNull(node: ValueNode): boolean {
  return node.kind === 'scalar' && node.texts.length === 0
}

/** The values at a path as a tree of their own: those of a subchart, or what one assignment sets. */
export function under(path: readonly string[], node: ValueNode): ValueNode {
  return path.reduceRight<ValueNode>(
    (inner, key) => ({ kind: 'map', file: node.file, line: node.line, children: new Map([[key, inner]]) }),
    node,
  )
}

/** What stands at a path; null when nothing does. */
export function at(root: ValueNode, path: readonly string[]): ValueNode | null {
  let node: ValueNode | undefined = root
  for (const key of path) node = node && node.kind !== 'scalar' ? node.children.get(key) : undefined
  return node ?? null
}

/** All scalars of a tree. */
export function leavesOf(node: ValueNode, path: readonly string[] = []): ValueLeaf[] {
  if (node.kind === 'scalar') return [{ path, texts: node.texts, file: node.file, line: node.line }]
  return [...node.children].flatMap(([key, child]) => leavesOf(child, [...path, key]))
}
