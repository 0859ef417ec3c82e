import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSecretKeeper } from '../../../src/platform/secret-keeper.ts'
import { redactReport } from '../../../src/report/redact-report.ts'
import { renderComment } from '../../../src/report/comment.ts'
import { renderJson } from '../../../src/report/json.ts'
import { outputs } from '../../../src/report/outputs.ts'
import { evidence, finding, report } from '../report/fixtures.ts'

const secret = 'hu+nter/2"<é> s3cret?'
const { learn, redact } = createSecretKeeper()
learn([secret, 'short', 'first line of a key\nsecond line of it\nx\n', 'postgres'], ['postgres'])

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

test('a known secret is found in every encoding', () => {
  const json = JSON.stringify(secret).slice(1, -1)
  const forms = [
    secret,
    json,
    json.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e'),
    JSON.stringify(json).slice(1, -1),
    encodeURIComponent(secret),
    encodeURIComponent(secret).replaceAll('%20', '+'),
    base64(secret),
    base64(secret).replaceAll('+', '-').replaceAll('/', '_'),
    base64(secret).replace(/=+$/, ''),
  ]
  for (const form of forms) assert.equal(redact(`before ${form} after`).includes(form), false, form)
})

test('base64 around a secret gives no more than its edges away', () => {
  for (const prefix of ['', 'a', 'ab', 'user:', 'user1:']) {
    const text = redact(base64(`${prefix}${secret}@host`))
    const rest = text.split('***').map((part) => Buffer.from(part, 'base64').toString())
    assert.ok(text.includes('***'), prefix)
    assert.equal(
      rest.some((part) => part.includes('s3cret') || part.includes('nter')),
      false,
      prefix,
    )
  }
})

test('a secret that a line break cuts in two is found, and nothing else of the lines is lost', () => {
  const text = ['one', `two ${secret.slice(0, 9)}`, `   ${secret.slice(9)} three`, 'four'].join('\n')
  assert.equal(redact(text), 'one\ntwo *** three\nfour')
  const wrapped = base64(`some more ${secret} and more`).replaceAll(/.{12}/g, '$&\r\n')
  assert.doesNotMatch(Buffer.from(redact(wrapped), 'base64').toString(), /nter|s3cret/)
  assert.equal(redact(`a\r\nb ${secret}\n\n  c`), 'a\r\nb ***\n\n  c')
})

test('Go writes a secret into URLs in other ways than JavaScript', () => {
  const keeper = createSecretKeeper()
  keeper.learn(["it's(a)$ecret&more/of:it"])
  const forms = [
    'it%27s%28a%29%24ecret%26more%2Fof%3Ait',
    'it%27s%28a%29%24ecret%26more%2fof%3ait',
    'it%27s%28a%29$ecret&more%2Fof:it',
    'it%27s%28a%29$ecret&more%2Fof%3Ait',
  ]
  for (const form of forms) assert.equal(keeper.redact(`<${form}>`), '<***>', form)
})

test('five hundred secrets cost no more than one pass over the text, also when they begin alike and come one by one', () => {
  for (const beginning of ['', 'all-of-them-begin-like-this-']) {
    const keeper = createSecretKeeper()
    const values = Array.from({ length: 500 }, (_, index) => `${beginning}${base64(`secret ${String(index * 7919)}`)}`)
    const lines = values.map((value, index) => `${String(index)} ${beginning}handled a request\n`.repeat(40) + value)
    const text = lines.join('\n')
    const start = performance.now()
    for (const value of values) {
      keeper.learn([value])
      keeper.redact('a line of the log')
    }
    assert.equal(keeper.redact(text).match(/\*\*\*/g)?.length, 500)
    // Gone through for each secret by itself it would be a minute.
    assert.ok(performance.now() - start < 10_000)
  }
})

test('lines of a secret are secret, short values and public words are not', () => {
  assert.equal(redact('a second line of it b'), 'a *** b')
  assert.equal(redact('short postgres x'), 'short postgres x')
})

test('well-known shapes are found without being known', () => {
  const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlIn0.c2lnbmF0dXJl'
  const cases: readonly (readonly [string, string])[] = [
    [`token is ${jwt} ok`, 'token is *** ok'],
    [`ghp_${'a1'.repeat(18)}`, '***'],
    [`ghs_${'a1'.repeat(18)}`, '***'],
    [`github_pat_${'a1_'.repeat(12)}`, '***'],
    ['key AKIAIOSFODNN7EXAMPLE used', 'key *** used'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nrest', '***\nrest'],
    ['-----BEGIN PRIVATE KEY-----\nMIIcut', '***'],
    ['dial postgres://shop:hunter2@db:5432/shop', 'dial postgres://shop:***@db:5432/shop'],
    ['shop:hunter2@tcp(db:3306)/shop', 'shop:***@tcp(db:3306)/shop'],
    ['host=db password=hunter2 user=shop', 'host=db password=*** user=shop'],
    ['DB_PASSWORD=hunter2', 'DB_PASSWORD=***'],
    ['{"token":"abc","a":1}', '{"token":"***","a":1}'],
    ['{\\"api_key\\":\\"abc\\"}', '{\\"api_key\\":\\"***\\"}'],
    ["apiKey: 'a b c'", "apiKey: '***'"],
    ['  token: abc123', '  token: ***'],
    ['password = hunter2', 'password = ***'],
    ['up\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCKcwggSjAgEAAoIBAQ==\n-----END PRIVATE KEY-----', 'up\n***'],
    ['curl -u bob:hunter2 https://x', 'curl -u bob:*** https://x'],
    ['AccountName=a;AccountKey=aGVsbG8=;x=1', 'AccountName=a;AccountKey=***;x=1'],
    ['run --password hunter2 --verbose', 'run --password *** --verbose'],
    ['Authorization: Bearer abcdefgh12345678', 'Authorization: Bearer ***'],
    ['authorization: basic dXNlcjpwYXNz', 'authorization: basic ***'],
    ['authorization: basic dXNlcjpwYQ==', 'authorization: basic ***'],
    ['GET "https://r/v2/": basic credential not found', 'GET "https://r/v2/": basic credential not found'],
    [
      "toomanyrequests: You have reached your pull rate limit as 'acme': dckr_jti_abc-DEF=. You may increase the limit",
      'toomanyrequests: You have reached your pull rate limit as ***. You may increase the limit',
    ],
    ['You have reached your pull rate limit as acme: 7f9e-11', 'You have reached your pull rate limit as ***'],
  ]
  for (const [text, expected] of cases) assert.equal(redact(text), expected)
})

test('prose about credentials is left alone', () => {
  const sentences = [
    'FATAL: password authentication failed for user "shop"',
    'error parsing: invalid token: unexpected end of input',
    'secret "shop-db" not found',
    "couldn't find key password in Secret shop/shop-db",
    'failed to pull image "registry.example:5000/shop:b81e77d": not found',
    'Get "https://10.0.0.1:6443/api?timeout=32s": dial tcp 10.0.0.1:6443: connection refused',
    'tokens: 12 of 40 used',
  ]
  for (const sentence of sentences) assert.equal(redact(sentence), sentence)
})

test('a report tells no secret in any view, and keeps its names', () => {
  const key = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----'.split('\n')
  const leaky = report({
    status: 'rollback-failed',
    rollback: 'failed',
    reason: `it said ${secret}`,
    release: 'postgres',
    warnings: [secret],
    notUndone: [{ object: { kind: 'Job', namespace: 'shop', name: 'postgres' }, why: secret }],
    images: [{ container: 'app', before: `a/${secret}`, after: null }],
    undo: {
      action: 'rollback',
      toRevision: 1,
      durationMs: 1,
      checkedObjects: 1,
      error: secret,
      commands: [`echo ${secret}`],
      drifts: [{ object: { kind: 'Job', namespace: 'shop', name: 'x' }, kind: 'changed', details: [secret] }],
    },
    findings: [
      finding({
        cause: `cause ${secret}`,
        advice: secret,
        evidence: evidence({
          status: { message: secret, DB_PASSWORD: 'plain1' },
          excerpt: { env: secret },
          events: [{ reason: 'Failed', message: secret, count: 1, atSeconds: 0 }],
          logs: ['before', ...key, secret, 'after'],
          decisiveLine: 'MIIEvQIBADANBgkq',
          message: secret,
        }),
      }),
    ],
  })
  const safe = redactReport(leaky, redact)
  const views = [renderComment(safe, { evidence: 'full' }), renderJson(safe), JSON.stringify(outputs(safe))]
  for (const view of views) {
    for (const word of ['s3cret', 'MIIEv', 'plain1']) assert.equal(view.includes(word), false, word)
    assert.ok(view.includes('postgres'))
  }
})
