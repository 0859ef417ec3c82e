import { parseAllDocuments, type Document, type Tags } from 'yaml'
import type { ResourceRef } from '../health/finding.ts'
import type { KubeObject } from './types.ts'

/** One object of a release's manifest, as Helm stored it. */
export interface ManifestObject {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  /** As written; empty when the manifest leaves it to the release's namespace. */
  readonly namespace: string
  readonly object: KubeObject
  /** The chart file that it was rendered from, as in `# Source: shop/templates/deployment.yaml`; empty when unknown. */
  readonly source: string
}

/** A run has few manifests (the old, the new, a rendering) and their hooks, and reads each for several ends. */
const keptManifests = 32
const kept = new Map<string, readonly ManifestObject[]>()

/**
 * Reads a rendered manifest: documents in order, lists unfolded, documents without kind or name left out. The last few are kept,
 * because parsing is what costs most in the release of a large chart.
 * YAML 1.1 as Helm's own parser (0644 is octal, `yes` is true), but timestamps stay text.
 */
export function parseManifest(manifest: string): readonly ManifestObject[] {
  const known = kept.get(manifest)
  if (known) return known
  const objects = readManifest(manifest)
  const [oldest] = kept.keys()
  if (kept.size >= keptManifests && oldest !== undefined) kept.delete(oldest)
  kept.set(manifest, objects)
  return objects
}

function readManifest(manifest: string): ManifestObject[] {
  return splitDocuments(manifest).flatMap(({ text, source }) => {
    const objects: ManifestObject[] = []
    for (const document of parseAllDocuments(text, yamlOptions)) {
      if (!('toJS' in document)) continue
      for (const object of unfold(contentOf(document))) objects.push(toManifestObject(object, source))
    }
    return objects
  })
}

const yamlOptions = {
  version: '1.1' as const,
  merge: true,
  uniqueKeys: false,
  logLevel: 'silent' as const,
  customTags: (tags: Tags) =>
    tags.filter((tag) => tag !== 'timestamp' && (typeof tag === 'string' || !tag.tag.endsWith(':timestamp'))),
}

/** Null for a document that cannot be resolved: what Kubernetes has taken is none, so it is no object of the release. */
function contentOf(document: Document): Candidate | null {
  try {
    return document.toJS({ maxAliasCount: 10_000 }) as Candidate | null
  } catch {
    return null
  }
}

interface Candidate {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata?: { readonly name?: string | number; readonly namespace?: string }
  readonly items?: readonly Candidate[]
}

function unfold(candidate: Candidate | null): Candidate[] {
  if (!candidate?.kind) return []
  if (candidate.kind.endsWith('List') && Array.isArray(candidate.items))
    return candidate.items.flatMap((item) => unfold(item))
  return candidate.metadata?.name ? [candidate] : []
}

function toManifestObject(object: Candidate, source: string): ManifestObject {
  return {
    apiVersion: object.apiVersion ?? 'v1',
    kind: object.kind ?? '',
    name: String(object.metadata?.name ?? ''),
    namespace: object.metadata?.namespace ?? '',
    object: object as KubeObject,
    source,
  }
}

function splitDocuments(manifest: string): { text: string; source: string }[] {
  return manifest
    .split(/^---[ \t]*$/m)
    .filter((text) => text.trim() !== '')
    .map((text) => ({ text, source: /^# Source: (.+)$/m.exec(text)?.[1]?.trim() ?? '' }))
}

/** The object as findings and reports name it; cluster-scoped objects keep an empty namespace. */
export function toRef(object: {
  readonly kind: string
  readonly name: string
  readonly namespace: string
}): ResourceRef {
  return { kind: object.kind, namespace: object.namespace, name: object.name }
}

/** Writes a reference as people do: `Deployment/shop`. */
export function refText(ref: ResourceRef): string {
  return `${ref.kind}/${ref.name}`
}

/** An object's identity within a cluster, whatever version it was written with. */
export function refKey(object: {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}): string {
  const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : ''
  return [group, object.kind, object.namespace, object.name].join('|')
}
