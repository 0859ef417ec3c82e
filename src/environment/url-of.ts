import type { ManifestObject } from '../cluster/manifest.ts'
import { httpRoute } from './http-route.ts'
import { ingress } from './ingress.ts'
import { loadBalancer } from './load-balancer.ts'
import type { UrlSource } from './source.ts'

/** An object of a release that may say where people find it. */
export interface Candidate {
  readonly manifest: ManifestObject
  readonly source: UrlSource
}

/** The first that has a URL wins. */
const sources: readonly UrlSource[] = [ingress, httpRoute, loadBalancer]

/** Chooses one object where there are several. */
const annotation = 'atomic-helm.dev/environment-url'

/** The objects that may have the URL of a release, in the order in which to ask them; those with the annotation alone, if there are any. */
export function urlCandidates(objects: readonly ManifestObject[]): readonly Candidate[] {
  const all = sources.flatMap((source) =>
    objects.filter((manifest) => isOf(source, manifest)).map((manifest) => ({ manifest, source })),
  )
  const chosen = all.filter(({ manifest }) => manifest.object.metadata.annotations?.[annotation] === 'true')
  return chosen.length > 0 ? chosen : all
}

function isOf({ kind, group, isOne }: UrlSource, manifest: ManifestObject): boolean {
  const own = manifest.apiVersion.includes('/') ? manifest.apiVersion.split('/')[0] : ''
  return manifest.kind === kind && own === group && isOne(manifest)
}
