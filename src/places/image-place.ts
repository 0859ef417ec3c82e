import { splitImage } from './clues.ts'
import type { ValueLeaf } from './value-tree.ts'

const tagKey = /^(?:image)?_?(?:tag|version|digest)$/i
const nameKey = /^(?:image)?_?(?:repository|repo|name|image)$/i
const registryKey = /(?:registry|host)$/i

/** An image as the values of one part of a chart make it. */
export interface ImageMatch {
  /** The values that hold what of the image is wrong. */
  readonly leaves: readonly ValueLeaf[]
  /** The values name the image and leave its tag to the version of the application. */
  readonly isTagOfChart: boolean
}

/** The values of which an image is made: whole, in parts that stand beside one another, or only its tag. */
export function findImage(leaves: readonly ValueLeaf[], image: string, part: 'tag' | 'name'): ImageMatch {
  const whole = leaves.filter(({ texts }) => texts.includes(image))
  if (whole.length > 0) return { leaves: whole, isTagOfChart: false }
  const { name, tag } = splitImage(image)
  const names = leaves.filter(
    (leaf) =>
      nameKey.test(lastKey(leaf)) && registriesFor(leaves, leaf).some((registry) => isOneOf(leaf, name, registry)),
  )
  const pairs = names.map((leaf) => ({ leaf, tags: besides(leaves, leaf).filter((one) => tagKey.test(lastKey(one))) }))
  const complete = pairs.filter(({ tags }) => tags.some(({ texts }) => texts.includes(tag ?? '')))
  if (complete.length > 0)
    return {
      leaves: complete.flatMap(({ leaf, tags }) =>
        part === 'name' ? [leaf] : tags.filter(({ texts }) => texts.includes(tag ?? '')),
      ),
      isTagOfChart: false,
    }
  const untagged = pairs.filter(({ tags }) => tags.every(({ texts }) => texts.every((text) => text === '')))
  if (untagged.length > 0 && part === 'tag') return { leaves: [], isTagOfChart: untagged.length === 1 }
  if (part === 'name') return { leaves: names, isTagOfChart: false }
  const loose = leaves.filter(
    (leaf) => /(?:tag|version|digest)$/i.test(lastKey(leaf)) && leaf.texts.includes(tag ?? ''),
  )
  return { leaves: tag === null ? [] : loose.filter((leaf) => isOfImage(leaves, leaf, name)), isTagOfChart: false }
}

/** Beside a tag no other image is named. */
function isOfImage(leaves: readonly ValueLeaf[], leaf: ValueLeaf, name: string): boolean {
  const others = besides(leaves, leaf).filter((one) => nameKey.test(lastKey(one)))
  return others.every(({ texts }) => texts.some((text) => text === '' || `/${name}`.endsWith(`/${text}`)))
}

function isOneOf({ texts }: ValueLeaf, name: string, registry: string): boolean {
  return texts.some((text) => text !== '' && (registry === '' ? text : `${registry}/${text}`) === name)
}

/** The registry beside an image's name, or the one for all. */
function registriesFor(leaves: readonly ValueLeaf[], leaf: ValueLeaf): string[] {
  const own = [...besides(leaves, leaf), ...leaves.filter(({ path }) => path[0] === 'global')]
  return ['', ...own.filter((one) => registryKey.test(lastKey(one))).flatMap(({ texts }) => texts)]
}

function besides(leaves: readonly ValueLeaf[], leaf: ValueLeaf): ValueLeaf[] {
  const parent = JSON.stringify(leaf.path.slice(0, -1))
  return leaves.filter((one) => one !== leaf && JSON.stringify(one.path.slice(0, -1)) === parent)
}

function lastKey({ path }: ValueLeaf): string {
  return path.at(-1) ?? ''
}
