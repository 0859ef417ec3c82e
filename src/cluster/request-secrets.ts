import type https from 'node:https'

/** What a request shows to the API server and would open the cluster to anybody: token, password, private key. */
export function secretsOfRequest({ headers, auth, key, passphrase }: https.RequestOptions): string[] {
  const authorization = (headers as Record<string, string> | undefined)?.['Authorization'] ?? ''
  const [, , credential = ''] = /^(\S+)\s+(.*)$/s.exec(authorization) ?? []
  const keys = [key].flat().map((one) => (typeof one === 'string' || Buffer.isBuffer(one) ? String(one) : ''))
  return [credential, auth?.replace(/^[^:]*:/, '') ?? '', passphrase ?? '', ...keys].filter((text) => text !== '')
}
