import { toRef, type ManifestObject } from '../cluster/manifest.ts'
import type { KubeObject, Pod, Workload } from '../cluster/types.ts'
import { hasReadiness, wasEverReady } from '../health/ever-ready.ts'
import type { LiveFact } from '../release/recovery-facts.ts'

/** A PersistentVolumeClaim, as far as it is read here. */
export interface Claim extends KubeObject {
  readonly spec?: { readonly volumeName?: string }
  readonly status?: { readonly phase?: string }
}

/** What lies in the namespaces of a release beside its own objects; null is what may not be listed. */
export interface Surroundings {
  readonly pods: readonly Pod[] | null
  readonly claims: readonly Claim[] | null
  /** Whatever stands between an object and its pods: ReplicaSets, and what operators make. */
  readonly between: readonly KubeObject[] | null
}

/** Creation times have whole seconds, and clocks differ. */
const toleranceMs = 5000

/** Tells of one object of a release what decides whether it may be deleted; `installedAt` is null when it is not known. */
export function judgeLive(
  manifest: ManifestObject,
  live: Workload | null,
  around: Surroundings,
  installedAt: number | null,
): LiveFact {
  const object = toRef(manifest)
  if (!live) {
    const boundClaims = boundClaimsOf(manifest, null, around)
    return { object, exists: false, existedBefore: false, everReady: false, hasReadiness: false, boundClaims }
  }
  const known = { ...live, kind: manifest.kind }
  const owned = descendants(known, around)
  const pods = (around.pods ?? []).filter(({ metadata }) => owned.has(metadata.uid ?? ''))
  const isReady = wasEverReady(known, pods)
  return {
    object,
    exists: true,
    existedBefore: existedBefore(live, installedAt),
    everReady: isReady || !needsPods(manifest) || arePodsKnown(around) ? isReady : null,
    hasReadiness: hasReadiness(known) || pods.length > 0,
    boundClaims: isHeldVolume(known) ? [manifest.name] : boundClaimsOf(manifest, owned, around),
  }
}

/** A volume of the release's own that a claim holds, or has held. */
function isHeldVolume({ kind, status }: KubeObject & { readonly status?: unknown }): boolean {
  const { phase } = (status ?? {}) as { readonly phase?: string }
  return kind === 'PersistentVolume' && (phase === 'Bound' || phase === 'Released')
}

/** Kinds whose own status may hide that a pod was ready once. A Job tells all by itself. */
const kindsWithPods: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
])

function needsPods({ kind, apiVersion }: ManifestObject): boolean {
  return kindsWithPods.has(kind) || isCustom(apiVersion)
}

/** Of a group that is not Kubernetes' own: its operator may have made anything for it. */
function isCustom(apiVersion: string): boolean {
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : ''
  return group.includes('.') && !group.endsWith('.k8s.io')
}

function arePodsKnown({ pods, between }: Surroundings): boolean {
  return pods !== null && between !== null
}

function existedBefore({ metadata }: KubeObject, installedAt: number | null): boolean | null {
  const createdAt = Date.parse(metadata.creationTimestamp ?? '')
  if (installedAt === null || Number.isNaN(createdAt)) return null
  return createdAt < installedAt - toleranceMs
}

/** The uids of an object and of all that it owns, however far down. */
function descendants(live: KubeObject, { pods, between, claims }: Surroundings): ReadonlySet<string> {
  const others = [...(between ?? []), ...(pods ?? []), ...(claims ?? [])]
  const found = new Set([live.metadata.uid ?? ''])
  // What a round finds may own more; each round finds something, so it ends.
  for (let before = 0; before < found.size;) {
    before = found.size
    for (const { metadata } of others)
      if (metadata.uid && metadata.ownerReferences?.some(({ uid }) => found.has(uid))) found.add(metadata.uid)
  }
  return found
}

/** The claims with a volume that an object is, owns, or has had made from its templates; null when claims may not be listed. */
function boundClaimsOf(
  manifest: ManifestObject,
  owned: ReadonlySet<string> | null,
  { claims }: Surroundings,
): readonly string[] | null {
  const prefixes = templatePrefixes(manifest)
  const mayHave =
    manifest.kind === 'PersistentVolumeClaim' || prefixes.length > 0 || (owned && isCustom(manifest.apiVersion))
  if (claims === null) return mayHave ? null : []
  return claims
    .filter(isBound)
    .filter(({ metadata }) => {
      const isItself = manifest.kind === 'PersistentVolumeClaim' && metadata.name === manifest.name
      const isOfTemplate = prefixes.some((prefix) => isOrdinal(metadata.name, prefix))
      const isThere = metadata.namespace === manifest.namespace && (isItself || isOfTemplate)
      return isThere || (owned?.has(metadata.uid ?? '') ?? false)
    })
    .map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)
}

/** What the claims of a StatefulSet are called before the pod's number (kubernetes stateful_set_utils.go, getPersistentVolumeClaimName). */
function templatePrefixes({ kind, name, object }: ManifestObject): string[] {
  if (kind !== 'StatefulSet') return []
  const { spec } = object as { readonly spec?: { readonly volumeClaimTemplates?: readonly KubeObject[] | null } }
  return (spec?.volumeClaimTemplates ?? []).map(({ metadata }) => `${metadata.name}-${name}-`)
}

function isOrdinal(name: string, prefix: string): boolean {
  return name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length))
}

/** `Lost` had a volume as well, and what it held may still be there. */
function isBound({ spec, status }: Claim): boolean {
  return status?.phase === 'Bound' || status?.phase === 'Lost' || (spec?.volumeName ?? '') !== ''
}
