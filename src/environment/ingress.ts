import type { ManifestObject } from '../cluster/manifest.ts'
import type { KubeObject } from '../cluster/types.ts'
import { balancerHost } from './balancer.ts'
import { noUrl, orNoHost, type UrlSource } from './source.ts'
import { webUrl } from './web-address.ts'

/**
 * An Ingress: its first rule with a host that is no wildcard, else the address of its load balancer; https where `spec.tls` covers the
 * host (https://kubernetes.io/docs/concepts/services-networking/ingress/#tls).
 */
export const ingress: UrlSource = {
  kind: 'Ingress',
  group: 'networking.k8s.io',
  isOne: () => true,
  reads: (manifest) => (namedRule(manifest) || !isOpen(manifest) ? 'nothing' : 'itself'),
  urlOf: (manifest, seen) => {
    const rule = namedRule(manifest)
    if (!rule && !isOpen(manifest)) return noUrl('has wildcards for hosts')
    const host = rule?.host ?? balancerHost(seen)
    if (!host) return noUrl('has no host, and no address yet')
    const open = rulesOf(manifest).find((one) => !one.host)
    const path = pathOf(rule ?? open)
    return orNoHost(webUrl({ scheme: isCovered(manifest, host) ? 'https' : 'http', host, path }), host)
  },
}

interface Rule {
  readonly host?: string
  readonly http?: { readonly paths?: readonly { readonly path?: string; readonly pathType?: string }[] | null }
}
interface Ingress extends KubeObject {
  readonly spec?: {
    readonly rules?: readonly Rule[] | null
    readonly tls?: readonly { readonly hosts?: readonly string[] | null }[] | null
  }
}

function rulesOf({ object }: ManifestObject): readonly Rule[] {
  return (object as Ingress).spec?.rules ?? []
}

function namedRule(manifest: ManifestObject): Rule | undefined {
  return rulesOf(manifest).find(({ host }) => host && !host.startsWith('*'))
}

/** Whether any host is taken: without rules there is the default backend. */
function isOpen(manifest: ManifestObject): boolean {
  const rules = rulesOf(manifest)
  return rules.length === 0 || rules.some(({ host }) => !host)
}

/** A path with another type may be an expression. */
function pathOf(rule: Rule | undefined): string {
  const plain = rule?.http?.paths?.find(({ pathType }) => pathType === 'Prefix' || pathType === 'Exact')
  return plain?.path ?? '/'
}

/** An entry without hosts covers all of them. */
function isCovered({ object }: ManifestObject, host: string): boolean {
  const parent = host.slice(host.indexOf('.') + 1)
  return ((object as Ingress).spec?.tls ?? []).some(
    ({ hosts }) => !hosts?.length || hosts.some((one) => one === host || one === `*.${parent}`),
  )
}
