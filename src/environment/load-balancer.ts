import type { ManifestObject } from '../cluster/manifest.ts'
import type { KubeObject } from '../cluster/types.ts'
import { balancerHost } from './balancer.ts'
import { noUrl, orNoHost, type UrlSource } from './source.ts'
import { webUrl } from './web-address.ts'

/** A Service of the type LoadBalancer, at the address of its balancer; only a port that may be one of the web counts. */
export const loadBalancer: UrlSource = {
  kind: 'Service',
  group: '',
  isOne: (manifest) => specOf(manifest).type === 'LoadBalancer' && webPort(manifest) !== undefined,
  reads: () => 'itself',
  urlOf: (manifest, seen) => {
    const host = balancerHost(seen)
    const port = webPort(manifest)
    if (!host) return noUrl('has no address yet')
    if (!port) return noUrl('has no port for the web')
    return orNoHost(webUrl({ scheme: isSecure(port) ? 'https' : 'http', host, port: port.port }), host)
  },
}

interface Port {
  readonly port: number
  readonly name?: string
  readonly appProtocol?: string
  readonly protocol?: string
}
interface Spec {
  readonly type?: string
  readonly ports?: readonly Port[] | null
}

function specOf({ object }: ManifestObject): Spec {
  return (object as KubeObject & { readonly spec?: Spec }).spec ?? {}
}

/** https before http before one that says nothing of itself: a port called `postgres` is none of them. */
function webPort(manifest: ManifestObject): Port | undefined {
  const ports = (specOf(manifest).ports ?? []).filter(({ protocol }) => (protocol ?? 'TCP') === 'TCP')
  return ports.find(isSecure) ?? ports.find(isPlain) ?? ports.find(({ name, appProtocol }) => !name && !appProtocol)
}

function isSecure({ port, name = '', appProtocol = '' }: Port): boolean {
  return port === 443 || /^https\b/i.test(appProtocol || name)
}

function isPlain({ port, name = '', appProtocol = '' }: Port): boolean {
  return port === 80 || /^(http|web)\b|\/(h2c|ws)$/i.test(appProtocol || name)
}
