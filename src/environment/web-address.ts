import { isIP } from 'node:net'

/** The parts of an address on the web. */
export interface WebAddress {
  readonly scheme: 'http' | 'https'
  /** A name or an IP address, as an object of the cluster has it. */
  readonly host: string
  /** Left out: that of the scheme. */
  readonly port?: number
  /** Left out: the root. */
  readonly path?: string
}

/** A name of DNS, a wildcard not. */
const hostName = /^(?=.{1,253}$)[a-z\d]([-a-z\d]*[a-z\d])?(\.[a-z\d]([-a-z\d]*[a-z\d])?)*$/i

/** The URL of these parts, which a chart may have written; null when the host is no name and no address, or would be read as another one. */
export function webUrl({ scheme, host, port, path = '/' }: WebAddress): string | null {
  const isIpv6 = isIP(host) === 6
  if (!isIpv6 && !hostName.test(host)) return null
  const url = URL.parse(`${scheme}://${isIpv6 ? `[${host}]` : host}`)
  // `0x7f.1` is read as 127.0.0.1.
  if (!url || (!isIpv6 && url.hostname !== host.toLowerCase())) return null
  if (port !== undefined) url.port = String(port)
  url.pathname = path
  return url.pathname === '/' ? url.origin : url.href
}
