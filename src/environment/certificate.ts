import { isIP } from 'node:net'
import { connect, type PeerCertificate } from 'node:tls'
import type { Certificate } from '../health/url-answer.ts'

/** The certificate that a server shows, trusted or not; null when there is none within `limitMs`. Sends nothing but the handshake. */
export function readCertificate({ hostname, port }: URL, limitMs: number): Promise<Certificate | null> {
  const { promise, resolve } = Promise.withResolvers<Certificate | null>()
  const host = hostname.replace(/^\[|\]$/g, '')
  const socket = connect({
    host,
    port: Number(port || 443),
    ...(isIP(host) ? {} : { servername: host }),
    // To see what is wrong with it: it was refused already, and nothing is asked over this connection.
    rejectUnauthorized: false,
  })
  const end = (found: Certificate | null): void => {
    socket.destroy()
    resolve(found)
  }
  socket.setTimeout(limitMs, () => end(null))
  socket.once('secureConnect', () => end(toCertificate(socket.getPeerCertificate())))
  socket.once('error', () => end(null))
  return promise
}

function toCertificate({
  subject,
  issuer,
  valid_to: validTo,
  subjectaltname: names = '',
}: PeerCertificate): Certificate | null {
  return subject ? { subject: named(subject), issuer: named(issuer), validTo, names } : null
}

function named(name: PeerCertificate['subject']): string {
  return Object.entries(name)
    .flatMap(([key, values]) => [values ?? []].flat().map((value) => `${key}=${value}`))
    .join(', ')
}
