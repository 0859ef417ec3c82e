// Whether what lives in the cluster is what a revision's manifest says; the manifest rules, and the cluster may add its defaults.
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../helpers/cluster/api.ts'
import type { PodHash } from '../helpers/cluster/pods.ts'

type Json = unknown
type Named = { name: string }

/** The objects of a manifest by `Kind/name`. */
export function objectsOf(manifest: string): Map<string, KubeObject> {
  const all = parseAllDocuments(manifest).map((document) => document.toJS() as KubeObject | null)
  return new Map(all.filter((one) => one !== null).map((one) => [`${one.kind}/${one.metadata.name}`, one]))
}

/** Where the live object is not what is wanted: paths with both values. */
export function missingParts(wanted: Json, live: Json, path = ''): string[] {
  if (wanted === null || wanted === undefined || isEmpty(wanted)) return []
  if (Array.isArray(wanted)) {
    if (!Array.isArray(live)) return [`${path} is not a list`]
    if (live.length !== wanted.length) return [`${path} has ${live.length} entries, not ${wanted.length}`]
    return wanted.flatMap((one: Json, index) =>
      missingParts(
        one,
        isNamed(one) ? live.find((other) => isNamed(other) && other.name === one.name) : live[index],
        `${path}[${index}]`,
      ),
    )
  }
  if (typeof wanted === 'object') {
    if (typeof live !== 'object' || live === null) return [`${path} is missing`]
    return Object.entries(wanted).flatMap(([key, value]) =>
      missingParts(value, (live as Record<string, Json>)[key], path === '' ? key : `${path}.${key}`),
    )
  }
  // A port may be a number on one side and a name on the other.
  return JSON.stringify(wanted).replaceAll('"', '') === JSON.stringify(live ?? null).replaceAll('"', '')
    ? []
    : [`${path} is ${JSON.stringify(live)}, not ${JSON.stringify(wanted)}`]
}

/** Where two values differ. */
export function differences(a: Json, b: Json, path = ''): string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return []
  const isPair = typeof a === 'object' && typeof b === 'object' && a !== null && b !== null
  if (!isPair) return [`${path}: ${short(a)} was ${short(b)}`]
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].flatMap((key) =>
    differences(
      (a as Record<string, Json>)[key],
      (b as Record<string, Json>)[key],
      path === '' ? key : `${path}.${key}`,
    ),
  )
}

/** What is wrong with the pods of a workload that should have settled on this template. */
export function podProblems(workload: KubeObject, replicas: number, pods: readonly PodHash[]): string[] {
  const { kind, metadata } = workload
  const name = `${kind}/${metadata.name}`
  const own = pods.filter(({ owner, hash }) =>
    kind === 'Deployment' ? owner === `ReplicaSet/${metadata.name}-${hash}` : owner === name,
  )
  const { spec } = workload as unknown as { spec: { template: { spec: { containers: { image: string }[] } } } }
  const images = spec.template.spec.containers.map(({ image }) => image).join()
  const wrong = own
    .filter((pod) => pod.images.join() !== images)
    .map((pod) => `pod ${pod.name} runs ${pod.images.join()}`)
  const unready = own.filter(({ ready }) => !ready).map((pod) => `pod ${pod.name} is not ready`)
  const hashes = new Set(own.map(({ hash }) => hash)).size > 1 ? [`${name} has pods of several templates`] : []
  const count = own.length === replicas ? [] : [`${name} has ${own.length} pods, not ${replicas}`]
  return [...wrong, ...unready, ...hashes, ...count]
}

function isNamed(value: Json): value is Named {
  return typeof value === 'object' && value !== null && 'name' in value
}

function isEmpty(value: Json): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function short(value: Json): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}
