import type { ManifestObject } from '../cluster/manifest.ts'
import type { KubeObject } from '../cluster/types.ts'
import { noUrl, orNoHost, type UrlSource } from './source.ts'
import { webUrl } from './web-address.ts'

/**
 * An HTTPRoute: its first host that is no wildcard, else that of the listener; the scheme by the listener of its Gateway that takes it
 * (https://gateway-api.sigs.k8s.io/reference/spec/).
 */
export const httpRoute: UrlSource = {
  kind: 'HTTPRoute',
  group: 'gateway.networking.k8s.io',
  isOne: (manifest) => (parentOf(manifest).kind ?? 'Gateway') === 'Gateway',
  reads: (manifest) => {
    const { name, namespace } = parentOf(manifest)
    if (!name) return 'nothing'
    const { apiVersion } = manifest
    const place = namespace ?? manifest.namespace
    const object = { apiVersion, kind: 'Gateway', metadata: { name, namespace: place } }
    return { apiVersion, kind: 'Gateway', name, namespace: place, object, source: '' }
  },
  urlOf: (manifest, seen) => {
    const { hostnames } = (manifest.object as Route).spec ?? {}
    const named = hostnames?.find(isPlain)
    if (hostnames?.length && named === undefined) return noUrl('has wildcards for hosts')
    const listener = listenerFor(manifest, seen, named)
    const host = named ?? [listener?.hostname].find(isPlain)
    if (!host) return noUrl('has no host')
    // Where a Gateway runs behind another balancer its ports are not those of the outside (Traefik's 8000 and 8443).
    if (listener?.port !== undefined && ![80, 443].includes(listener.port))
      return noUrl(`is served at port ${listener.port} of its Gateway, which may be another one outside`)
    const isSecure = listener ? isTls(listener) : looksSecure(parentOf(manifest))
    return orNoHost(webUrl({ scheme: isSecure ? 'https' : 'http', host, path: pathOf(manifest) }), host)
  },
}

interface Parent {
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
  readonly sectionName?: string
  readonly port?: number
}
interface Match {
  readonly path?: { readonly type?: string; readonly value?: string }
}
interface Route extends KubeObject {
  readonly spec?: {
    readonly hostnames?: readonly string[] | null
    readonly parentRefs?: readonly Parent[] | null
    readonly rules?: readonly { readonly matches?: readonly Match[] | null }[] | null
  }
}
interface Listener {
  readonly name?: string
  readonly hostname?: string
  readonly port?: number
  readonly protocol?: string
}

function parentOf({ object }: ManifestObject): Parent {
  return (object as Route).spec?.parentRefs?.[0] ?? {}
}

function isPlain(host: string | undefined): host is string {
  return host !== undefined && host !== '' && !host.startsWith('*')
}

/** Of the listeners that may take the route, one with TLS: people go there, or are sent there. */
function listenerFor(
  manifest: ManifestObject,
  gateway: KubeObject | null,
  host: string | undefined,
): Listener | undefined {
  const { sectionName, port } = parentOf(manifest)
  const { spec } = (gateway ?? {}) as { readonly spec?: { readonly listeners?: readonly Listener[] | null } }
  const fitting = (spec?.listeners ?? []).filter(
    (one) =>
      (sectionName === undefined || one.name === sectionName) &&
      (port === undefined || one.port === port) &&
      (one.protocol === 'HTTP' || isTls(one)) &&
      takes(one, host),
  )
  return fitting.find(isTls) ?? fitting[0]
}

function isTls({ protocol }: Listener): boolean {
  return protocol === 'HTTPS' || protocol === 'TLS'
}

/** A wildcard of the Gateway API stands for one label or more. */
function takes({ hostname }: Listener, host: string | undefined): boolean {
  if (!hostname || host === undefined) return true
  return hostname.startsWith('*.') ? host.endsWith(hostname.slice(1)) : hostname === host
}

/** What is left to go by when the Gateway may not be read. */
function looksSecure({ sectionName = '', port }: Parent): boolean {
  return port === 443 || /https|tls|secure/i.test(sectionName)
}

function pathOf({ object }: ManifestObject): string {
  const matches = ((object as Route).spec?.rules ?? []).flatMap((rule) => rule.matches ?? [])
  const plain = matches.find(({ path }) => path && path.type !== 'RegularExpression')
  return plain?.path?.value ?? '/'
}
