import type { ManifestObject } from '../cluster/manifest.ts'
import type { KubeObject } from '../cluster/types.ts'

/** A URL, or why there is none, in words that go on after the name of the object: `has no host`. */
export type UrlOrWhy = { readonly url: string } | { readonly url: null; readonly why: string }

/** One kind of object that says where people find a release. */
export interface UrlSource {
  readonly kind: string
  /** The group of its API; empty for the core. */
  readonly group: string
  /** Whether this one may have a URL at all. */
  readonly isOne: (manifest: ManifestObject) => boolean
  /** What has to be read beside the manifest: nothing, the object as it is, or another one. */
  readonly reads: (manifest: ManifestObject) => 'nothing' | 'itself' | ManifestObject
  /** The URL by its manifest and what `reads` names, which is null when it is not there or may not be read. */
  readonly urlOf: (manifest: ManifestObject, seen: KubeObject | null) => UrlOrWhy
}

/** There is no URL. */
export function noUrl(why: string): UrlOrWhy {
  return { url: null, why }
}

/** A URL, or that the host is none. */
export function orNoHost(url: string | null, host: string): UrlOrWhy {
  return url === null ? noUrl(`has the host "${host}", which is no name`) : { url }
}
