import { refText, toRef, type ManifestObject } from '../cluster/manifest.ts'
import type { Metadata } from '../cluster/types.ts'
import type { Problem } from '../platform/errors.ts'
import { oneLine } from '../platform/untrusted.ts'
import type { Snapshot } from './snapshot.ts'

/** Whoever else deploys an object. */
interface Owner {
  /** In words: `the Argo CD application "shop"`. */
  readonly name: string
  readonly kind: OwnerKind
}

type OwnerKind = 'argo' | 'flux' | 'helm'

const namedObjects = 10
const nameLength = 100

const remedies: Readonly<Record<OwnerKind, string>> = {
  argo: 'Deploy what Argo CD manages there, or take it out of its Application (without pruning) and remove the annotation `argocd.argoproj.io/tracking-id` and the label `argocd.argoproj.io/instance`',
  flux: 'Deploy what Flux manages there, or suspend and then delete its HelmRelease or Kustomization (so that nothing is removed) and remove its labels `…toolkit.fluxcd.io/…`',
  helm: 'Choose other names in the chart, or uninstall the other release, or take the object out of it with `helm.sh/resource-policy: keep`',
}

/**
 * Refuses objects that Argo CD, Flux or another Helm release deploys: two of them would undo each other's work without end. What is
 * live and what the chart renders counts alike. `app.kubernetes.io/instance` alone is no evidence, for most charts set it.
 */
export function foreignOwnerProblem(snapshot: Snapshot, release: string, namespace: string): Problem | null {
  const foreign = [...snapshot.values()].flatMap(({ object, live }) => {
    const owner =
      (live && ownerOf(object, live.metadata, release, namespace)) ??
      ownerOf(object, object.object.metadata, release, namespace)
    return owner ? [{ object, owner }] : []
  })
  if (foreign.length === 0) return null
  const named = foreign.slice(0, namedObjects).map(({ object, owner }) => `${refText(toRef(object))} (${owner.name})`)
  const more = foreign.length > named.length ? ` and ${foreign.length - named.length} more` : ''
  const kinds = [...new Set(foreign.map(({ owner }) => owner.kind))]
  return {
    problem: `The release "${release}" would deploy what somebody else deploys: ${named.join(', ')}${more}`,
    remedy: kinds.map((kind) => remedies[kind]).join('. '),
  }
}

function ownerOf(object: ManifestObject, metadata: Metadata, release: string, namespace: string): Owner | null {
  return argoOwner(object, metadata) ?? fluxOwner(metadata) ?? helmOwner(metadata, release, namespace)
}

/**
 * A tracking id that names another object was copied from it, as operators do; Argo CD does not own such an object either
 * (argo-cd controller/state.go, isSelfReferencedObj).
 */
function argoOwner(object: ManifestObject, { annotations, labels }: Metadata): Owner | null {
  const tracking = textOf(annotations, 'argocd.argoproj.io/tracking-id')
  const [, application, kind, name] = /^(.*?):[^/:]*\/([^/:]*):[^/]*\/(.*)$/s.exec(tracking) ?? []
  const isCopied = kind !== undefined && (kind !== object.kind || name !== object.name)
  const tracked = tracking && !isCopied ? (application ?? tracking) : ''
  // Of several Argo CDs each leaves its own id, also where it tracks by the label that everybody uses.
  const isByLabel = textOf(annotations, 'argocd.argoproj.io/installation-id') !== '' && !isCopied
  const labelled =
    textOf(labels, 'argocd.argoproj.io/instance') || (isByLabel ? textOf(labels, 'app.kubernetes.io/instance') : '')
  const owner = tracked || labelled
  return owner ? { kind: 'argo', name: `the Argo CD application "${shown(owner)}"` } : null
}

function fluxOwner({ labels }: Metadata): Owner | null {
  for (const [group, kind] of [
    ['helm.toolkit.fluxcd.io', 'HelmRelease'],
    ['kustomize.toolkit.fluxcd.io', 'Kustomization'],
  ]) {
    const [name, namespace] = [textOf(labels, `${group}/name`), textOf(labels, `${group}/namespace`)]
    if (name || namespace) return { kind: 'flux', name: `the Flux ${kind} "${shown(`${namespace}/${name}`)}"` }
  }
  return null
}

function helmOwner({ annotations }: Metadata, release: string, namespace: string): Owner | null {
  const name = textOf(annotations, 'meta.helm.sh/release-name')
  const where = textOf(annotations, 'meta.helm.sh/release-namespace')
  const isOurs = (name === '' || name === release) && (where === '' || where === namespace)
  if (isOurs) return null
  const place = where && where !== namespace ? ` in the namespace "${shown(where)}"` : ''
  return { kind: 'helm', name: `the Helm release "${shown(name || release)}"${place}` }
}

/** A chart renders what it likes: what is no text is none. */
function textOf(values: Readonly<Record<string, unknown>> | null | undefined, key: string): string {
  const value = values?.[key]
  return typeof value === 'string' ? value.trim() : ''
}

function shown(text: string): string {
  return oneLine(text, nameLength)
}
