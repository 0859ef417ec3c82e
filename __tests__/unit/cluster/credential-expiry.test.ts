import assert from 'node:assert/strict'
import { test } from 'node:test'
import { credentialExpiryWarning, type Credential } from '../../../src/cluster/credential-expiry.ts'

const now = Date.parse('2026-11-22T10:00:00Z')
const budgetMs = 15 * 60_000
/** Ends at 10:10:00 of that day; its key is gone. */
const pem = `-----BEGIN CERTIFICATE-----
MIIBDjCBtAIBATAKBggqhkjOPQQDAjATMREwDwYDVQQDDAhkZXBsb3llcjAeFw0y
NjExMjExMDAwMDBaFw0yNjExMjIxMDEwMDBaMBMxETAPBgNVBAMMCGRlcGxveWVy
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEG+W3kLYqHrNGkPIySMPn6Ahf+MHC
/iWfxSCSXTwpkGrnlvRT8PAxPQiMQL18k+M7Ui+bdpsecSPtMnrkNXL/LDAKBggq
hkjOPQQDAgNJADBGAiEA8XUPiMnFHeHNaPsXlgIXHq/JCFaLp6a4W9u33dILdXYC
IQDccGXGAeR3XIWCYgbZNOpWbcvmwYEZB3F5YrAfe9KGDg==
-----END CERTIFICATE-----
`
const base64 = (text: string) => Buffer.from(text).toString('base64')
const jwt = (payload: unknown) => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'RS256' })}.${part(payload)}.c2lnbmF0dXJl`
}
const inMinutes = (minutes: number) => jwt({ sub: 'deployer', exp: now / 1000 + minutes * 60 })
type Parts = Partial<NonNullable<Credential['user']>>
const warning = (user: Parts, more: Partial<Credential> = {}, at = now) =>
  credentialExpiryWarning({ user: { name: 'deployer', ...user }, tokenFile: null, ...more }, at, budgetMs)

test('a token that ends too early is told, without the token', () => {
  const token = inMinutes(12)
  const text = warning({ token }) ?? ''
  assert.equal(
    text,
    'The token of the kubeconfig\'s user "deployer" ends in 12m (2026-11-22T10:12:00.000Z), and nothing renews it, but a deploy ' +
      'and its undo may take 15m: after that nothing can be undone. Use one that lives longer, an exec plugin, or a shorter ' +
      '`timeout` and `rollback-timeout`',
  )
  for (const part of token.split('.')) assert.ok(!text.includes(part))
  assert.match(warning({ token: inMinutes(-1) }) ?? '', /has ended \(2026-11-22T09:59:00/)
})

test('a client certificate likewise, in whatever form it comes', () => {
  for (const [user, more] of [
    [{ certData: base64(pem) }, {}],
    [{ certData: pem }, {}],
    [{}, { certificate: pem }],
    [{ certData: base64(pem + pem) }, {}],
  ] as const)
    assert.match(warning(user, more) ?? '', /^The client certificate .* ends in 10m \(2026-11-22T10:10:00/)
  assert.equal(warning({ certData: base64(pem) }, {}, now - 3_600_000), null)
})

test('of two the one that ends first is told', () => {
  const of = (minutes: number) => warning({ token: inMinutes(minutes), certData: pem })?.slice(0, 10)
  assert.deepEqual([of(9), of(11), of(600)], ['The token ', 'The client', 'The client'])
})

test('what lasts, or is renewed, is not told', () => {
  const token = inMinutes(1)
  assert.equal(warning({ token: inMinutes(15) }), null)
  assert.equal(warning({ token: inMinutes(600) }), null)
  assert.equal(warning({ token: jwt({ sub: 'a service account of old' }) }), null)
  assert.equal(warning({ token, exec: { command: 'aws' } }), null)
  assert.equal(warning({ token, authProvider: { name: 'oidc' } }), null)
  assert.equal(warning({ certData: pem }, { tokenFile: '/var/run/secrets/token' }), null)
  assert.equal(credentialExpiryWarning({ user: null, tokenFile: null }, now, budgetMs), null)
  assert.equal(warning({}), null)
})

test('garbage is no reason to fail', () => {
  const tokens = [
    '',
    '.',
    '..',
    'a.b.c',
    'opaque-token',
    `x.${base64('null')}.y`,
    `x.${base64('"text"')}.y`,
    `x.${base64('{')}.y`,
  ]
  for (const token of tokens) assert.equal(warning({ token }), null, token)
  for (const exp of [null, '1', Number.MAX_VALUE, 1e300, -5, 0, {}, true])
    assert.equal(warning({ token: jwt({ exp }) }), null, JSON.stringify(exp))
  for (const certData of [
    '',
    'x',
    base64('x'),
    pem.slice(0, 200),
    base64(pem.slice(0, 200)),
    '-----BEGIN CERTIFICATE-----',
  ])
    assert.equal(warning({ certData }), null, certData)
  for (const odd of [7, {}, []]) assert.equal(warning({ token: odd, certData: odd } as unknown as Parts), null)
})
