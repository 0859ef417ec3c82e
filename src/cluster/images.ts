import type { ManifestObject } from './manifest.ts'
import type { PodSpec, Workload } from './types.ts'

/** The images of a workload's or a pod's containers, by the container's name; empty for every other object. */
export function containerImages({ kind, object }: ManifestObject): ReadonlyMap<string, string> {
  const spec = kind === 'Pod' ? (object as { spec?: PodSpec }).spec : podSpec(object)
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
  return new Map(containers.flatMap(({ name, image }) => (image ? [[name, image] as const] : [])))
}

/** A container of which two revisions have different images; null where one of them has no such container. */
export interface ImageChange {
  readonly container: string
  readonly before: string | null
  readonly after: string | null
}

/** The images that differ between two sets of containers. */
export function imageChanges(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly ImageChange[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((container) => before.get(container) !== after.get(container))
    .map((container) => ({ container, before: before.get(container) ?? null, after: after.get(container) ?? null }))
}

function podSpec({ spec }: Workload): PodSpec | undefined {
  const { jobTemplate } = (spec ?? {}) as { jobTemplate?: Workload }
  return (jobTemplate?.spec ?? spec)?.template?.spec
}
