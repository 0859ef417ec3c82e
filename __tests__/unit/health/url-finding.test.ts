// What is told of an environment that does not answer.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerText, goodAnswer, isDowngrade, type UrlAnswer } from '../../../src/health/url-answer.ts'
import { urlAdvice, urlFinding } from '../../../src/health/url-finding.ts'

const url = 'https://shop.test'
const status = (code: number, leadsTo: string | null = null, body: string[] = []): UrlAnswer => ({
  kind: 'status',
  status: code,
  text: 'Words',
  tookMs: 20,
  leadsTo,
  body,
})
const silent = (why: (UrlAnswer & { kind: 'silent' })['why'], message = 'it broke'): UrlAnswer => ({
  kind: 'silent',
  why,
  message,
  certificate: null,
})
const chart = { kind: 'Chart', namespace: 'web', name: 'shop' }
const finding = (last: UrlAnswer, address: string | null = url) =>
  urlFinding({ url: address, resource: null, last, tries: 3, waitedMs: 4200 }, chart)

test('2xx and 3xx are good answers, and nothing else', () => {
  for (const code of [200, 204, 299, 301, 304, 399])
    assert.deepEqual(goodAnswer(url, status(code)), { url, status: code, tookMs: 20, leadsTo: null })
  for (const code of [101, 199, 400, 404, 500, 503]) assert.equal(goodAnswer(url, status(code)), null)
  assert.equal(goodAnswer(url, silent('refused')), null)
  assert.equal(goodAnswer(url, { kind: 'no-url', why: 'it has none' }), null)
})

test('only a redirect from https to http leads out of TLS', () => {
  assert.equal(isDowngrade({ url, leadsTo: 'http://shop.test/' }), true)
  assert.equal(isDowngrade({ url, leadsTo: 'https://shop.test/a' }), false)
  assert.equal(isDowngrade({ url: 'http://shop.test', leadsTo: 'http://shop.test/a' }), false)
  assert.equal(isDowngrade({ url, leadsTo: null }), false)
})

const answers: [last: UrlAnswer, words: string, advice: string][] = [
  [status(401), 'answers HTTP 401 Words', urlAdvice.login],
  [status(403), 'answers HTTP 403 Words', urlAdvice.login],
  [status(404), 'answers HTTP 404 Words', urlAdvice.path],
  [status(410), 'answers HTTP 410 Words', urlAdvice.answer],
  [status(500), 'answers HTTP 500 Words', urlAdvice.answer],
  [status(502), 'answers HTTP 502 Words', urlAdvice.backend],
  [status(504), 'answers HTTP 504 Words', urlAdvice.backend],
  [silent('name'), 'has a name that does not resolve', urlAdvice.name],
  [silent('refused'), 'refuses connections', urlAdvice.refused],
  [silent('timeout'), 'does not answer in time', urlAdvice.timeout],
  [silent('certificate', 'expired'), 'has a certificate that is not trusted: expired', urlAdvice.certificate],
  [silent('broken'), 'does not answer: it broke', urlAdvice.broken],
]
for (const [last, words, advice] of answers)
  test(`one that ${words} says so, and what to do`, () => {
    const { cause, resource, advice: told, evidence } = finding(last)
    assert.deepEqual([cause, resource, told], [`everything is ready, but ${url} ${words}`, chart, advice])
    assert.deepEqual(evidence.status, { URL: url, tries: '3', waited: '4.2 s' })
  })

test('of which nobody knows the URL says why', () => {
  const { cause, advice, evidence } = finding({ kind: 'no-url', why: 'Ingress/shop has no host' }, null)
  assert.deepEqual(
    [cause, advice],
    ['everything is ready, but no URL is known: Ingress/shop has no host', urlAdvice.none],
  )
  assert.deepEqual(evidence.status, { tries: '3', waited: '4.2 s' })
})

test('the body and the certificate are evidence', () => {
  const { evidence } = finding(status(503, null, ['no healthy upstream', 'envoy']))
  assert.deepEqual([evidence.logs, evidence.decisiveLine], [['no healthy upstream', 'envoy'], 'no healthy upstream'])
  const certificate = { subject: 'CN=a', issuer: 'CN=b', validTo: 'Nov 30 11:00:00 2026 GMT', names: 'DNS:a.test' }
  const shown = finding({ kind: 'silent', why: 'certificate', message: 'expired', certificate }).evidence
  assert.deepEqual(Object.values(shown.status).slice(3), Object.values(certificate))
  assert.equal(shown.message, 'expired')
})

test('what the server says stays one line', () => {
  const text = answerText({ ...status(500), text: 'a\n::error::b\u001B[31m' } as UrlAnswer)
  assert.equal(text, 'answers HTTP 500 a ::error::b')
})
