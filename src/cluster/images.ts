import type { ManifestObject } from './manifest.ts'
import type { PodSpec, Workload } from './types.ts'

/** The images of a workload's or a pod's containers, by the container's name; empty for every other object. */
export function containerImages({ kind, object }: ManifestObject): ReadonlyMap<string, string> {
  const spec = kind === 'Pod' ? (object as { spec?: PodSpec }).spec : podSpec(object)
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
  return new Map(containers.flatMap(({ name, image }) => (image ? [[name, image] as const] : [])))
}

function podSpec({ spec }: Workload): PodSpec | undefined {
  const { jobTemplate } = (spec ?? {}) as { jobTemplate?: Workload }
  return (jobTemplate?.spec ?? spec)?.template?.spec
}
