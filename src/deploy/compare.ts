import type { KubeObject } from '../cluster/types.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Bookkeeping of the API server and of controllers, different after every write. */
const volatileMetadata = new Set([
  'resourceVersion',
  'generation',
  'managedFields',
  'uid',
  'creationTimestamp',
  'selfLink',
  'ownerReferences',
])
const volatileAnnotations = new Set([
  'deployment.kubernetes.io/revision',
  'deprecated.daemonset.template.generation',
  'control-plane.alpha.kubernetes.io/leader',
])

/** Labels by which the Job controller knows its pods: new for every Job, whatever it does. */
const volatileLabels = new Set(['batch.kubernetes.io/controller-uid', 'controller-uid'])

/** The part of an object that a deploy decides: without status and bookkeeping. */
export function essence(object: KubeObject): Record<string, Json> {
  const { status: _status, metadata, ...rest } = object as KubeObject & { status?: unknown }
  const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => !volatileMetadata.has(key)))
  const annotations = Object.fromEntries(
    Object.entries(metadata.annotations ?? {}).filter(([key]) => !volatileAnnotations.has(key)),
  )
  return withoutLabels({ ...rest, metadata: { ...kept, annotations } }) as Record<string, Json>
}

function withoutLabels(value: Json): Json {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(withoutLabels)
  const kept = Object.entries(value).filter(([key]) => !volatileLabels.has(key))
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutLabels(item)]))
}

/** One field that differs, as a path of keys; list items that have a name are told apart by it. */
export interface FieldDifference {
  readonly path: readonly string[]
  readonly before: Json | undefined
  readonly after: Json | undefined
}

/** Lists the fields in which two values differ, deepest paths first found first; absent, null and empty are the same. */
export function differences(
  before: Json | undefined,
  after: Json | undefined,
  path: readonly string[] = [],
): FieldDifference[] {
  if (isEmpty(before) && isEmpty(after)) return []
  const left = asMap(before)
  const right = asMap(after)
  if (left && right) {
    const keys = new Set([...Object.keys(left), ...Object.keys(right)])
    return [...keys].flatMap((key) => differences(own(left, key), own(right, key), [...path, key]))
  }
  return before === after ? [] : [{ path, before, after }]
}

/** Writes a path as people read it: `spec.template.spec.containers[app].image`. */
export function pathText(path: readonly string[]): string {
  return path
    .map((key, index) =>
      key.startsWith('[') ? key : index === 0 ? key : /^[\w-]+$/.test(key) ? `.${key}` : `["${key}"]`,
    )
    .join('')
}

/** The value at a path; undefined when there is none. */
export function valueAt(value: Json | undefined, path: readonly string[]): Json | undefined {
  let current = value
  for (const key of path) current = own(asMap(current), key)
  return current
}

/** A field by its name; a key such as `constructor` is no field unless the object has it. */
function own(map: Readonly<Record<string, Json>> | null, key: string): Json | undefined {
  return map && Object.hasOwn(map, key) ? map[key] : undefined
}

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** Maps as they are; lists as maps by the items' names, or by their places. */
function asMap(value: Json | undefined): Readonly<Record<string, Json>> | null {
  if (value === null || typeof value !== 'object') return null
  if (!Array.isArray(value)) return value as Record<string, Json>
  const names = value.map((item) => nameOf(item as Json))
  const isNamed = names.every((name) => name !== null) && new Set(names).size === names.length
  return Object.fromEntries(value.map((item, index) => [`[${isNamed ? names[index] : index}]`, item as Json]))
}

function nameOf(item: Json): string | null {
  if (item === null || typeof item !== 'object' || Array.isArray(item)) return null
  const { name } = item as { readonly name?: Json }
  return typeof name === 'string' ? name : null
}
