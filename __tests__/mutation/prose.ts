// A plugin of Stryker that leaves out the prose of the rows. `npm run check` compares each word of it with docs/diagnosis.md, so a
// unit test of it would only say everything twice. It is told by where it stands:
// - the value of a property `sign`, `why`, `advice` or `source`, where it is a fixed text;
// - a fixed text of several words that a module computes while it is loaded: what a row is made with.
// Texts that are put together from what was seen, and all causes, stay: those are behaviour.
import type { NodePath } from './stryker.ts'

const proseNames = new Set(['sign', 'why', 'advice', 'source'])

export const strykerPlugins = [{ kind: 'Ignore', name: 'prose', value: { shouldIgnore } }]

/** Why a part of the source is not mutated; undefined for one that is. */
export function shouldIgnore(path: NodePath): string | undefined {
  const { node, parentPath } = path
  if (node.type !== 'StringLiteral') return undefined
  const owner = parentPath?.node
  const isProperty = owner?.type === 'ObjectProperty' && proseNames.has(owner.key?.name ?? '')
  const isMadeOf = !path.getFunctionParent() && String(node.value).trim().includes(' ')
  return isProperty || isMadeOf ? 'prose of a row, compared with docs/diagnosis.md by `npm run check`' : undefined
}
