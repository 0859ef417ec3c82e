import { isDeepStrictEqual } from 'node:util'
import { structuredPatch } from 'diff'
import { stringify } from 'yaml'
import { parseManifest, refKey, toRef, type ManifestObject } from '../cluster/manifest.ts'
import { containerImages, imageChanges } from '../cluster/images.ts'
import { hideValues } from './hidden-values.ts'
import type { ObjectChange } from './model.ts'

/** A diff is for reading: of a longer one the head is kept, and the rest is counted. */
const mostLines = 400
const contextLines = 3
/** What has more changed lines is not compared line by line, which would cost their square, but shown as gone and new. */
const mostEdits = 500

/**
 * What is different between two manifests of a release, an entry an object: first those that change an image or a number of replicas, last
 * those of which nothing but labels changes. The order of fields, comments and white space are no change. `key` hides what may be
 * secret, see `hideValues`: a new one for every report.
 */
export function changesBetween(before: string, after: string, key: string): ObjectChange[] {
  const [old, now] = [byKey(before), byKey(after)]
  const keys = new Set([...now.keys(), ...old.keys()])
  const changes = [...keys].flatMap((id) => changeOf(old.get(id), now.get(id), key) ?? [])
  return limited(changes.sort((a, b) => weight(a) - weight(b)))
}

/** After so many lines the rest of the objects are named without their diffs. */
const mostLinesAltogether = 20_000

function limited(changes: readonly ObjectChange[]): ObjectChange[] {
  let lines = 0
  return changes.map((change) => {
    lines += change.diff.length
    return lines > mostLinesAltogether ? { ...change, diff: [] } : change
  })
}

function byKey(manifest: string): ReadonlyMap<string, ManifestObject> {
  return new Map(parseManifest(manifest).map((object) => [refKey(object), object]))
}

function changeOf(old: ManifestObject | undefined, now: ManifestObject | undefined, key: string): ObjectChange | null {
  const either = now ?? old
  if (!either) return null
  if (old && now && isDeepStrictEqual(old.object, now.object)) return null
  const [before, after] = [textOf(old, key), textOf(now, key)]
  if (before === after) return null
  return {
    object: toRef(either),
    kind: !old ? 'added' : !now ? 'removed' : 'changed',
    source: either.source,
    highlights: old && now ? highlights(old, now) : [],
    labelsOnly: old !== undefined && now !== undefined && isDeepStrictEqual(unlabelled(old), unlabelled(now)),
    diff: cutLines(diffLines(before, after)),
  }
}

function weight({ highlights, labelsOnly, kind }: ObjectChange): number {
  if (highlights.length > 0) return 0
  if (kind !== 'changed') return 1
  return labelsOnly ? 3 : 2
}

/** The object as YAML with sorted keys; empty when there is none. */
function textOf(object: ManifestObject | undefined, key: string): string {
  if (!object) return ''
  const shown = hideValues(object.object as unknown as Record<string, unknown>, key)
  return stringify(shown, { sortMapEntries: true, lineWidth: 0, aliasDuplicateObjects: false })
}

function diffLines(before: string, after: string): string[] {
  const patch = structuredPatch('', '', before, after, '', '', { context: contextLines, maxEditLength: mostEdits })
  if (!patch) return [...prefixed('-', before), ...prefixed('+', after)]
  return patch.hunks.flatMap(({ lines }, index) => [...(index > 0 ? ['…'] : []), ...lines])
}

function prefixed(sign: string, text: string): string[] {
  return text === ''
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line) => sign + line)
}

function cutLines(lines: readonly string[]): string[] {
  const rest = lines.length - mostLines
  return rest > 0 ? [...lines.slice(0, mostLines), `… and ${rest} more lines`] : [...lines]
}

/** What people look for first: `app: shop:1 → shop:2`, `replicas: 2 → 3`. */
function highlights(old: ManifestObject, now: ManifestObject): string[] {
  const images = imageChanges(containerImages(old), containerImages(now)).map(
    ({ container, before, after }) => `${container}: ${before ?? 'none'} → ${after ?? 'none'}`,
  )
  const [was, is] = [replicasOf(old), replicasOf(now)]
  return was === is ? images : [...images, `replicas: ${was} → ${is}`]
}

function replicasOf({ object }: ManifestObject): string {
  const { spec } = object as { spec?: { replicas?: unknown } | null }
  return typeof spec?.replicas === 'number' ? String(spec.replicas) : 'not set'
}

/** Without the labels of an object and of its pods: `helm.sh/chart` alone changes all of them with every version. */
function unlabelled({ object }: ManifestObject): object {
  const { spec } = object as { spec?: { template?: { metadata?: object } } | null }
  const template = spec?.template
  return {
    ...object,
    metadata: { ...object.metadata, labels: {} },
    ...(template
      ? { spec: { ...spec, template: { ...template, metadata: { ...template.metadata, labels: {} } } } }
      : {}),
  }
}
