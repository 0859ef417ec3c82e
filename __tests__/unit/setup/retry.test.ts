import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backOffMs, meaningOf, retryAfterMs } from '../../../src/setup/retry.ts'
import { hashInAdvance, hashProblem, publishedHash } from '../../../src/setup/trust.ts'

const meanings: Record<string, string> = {
  200: 'here',
  404: 'absent',
  410: 'absent',
  408: 'later',
  429: 'later',
  500: 'later',
  502: 'later',
  503: 'later',
  504: 'later',
  599: 'later',
  204: 'refused',
  206: 'refused',
  304: 'refused',
  400: 'refused',
  401: 'refused',
  403: 'refused',
  407: 'refused',
  451: 'refused',
}

for (const [status, expected] of Object.entries(meanings))
  test(`HTTP ${status} means ${expected}`, () => assert.equal(meaningOf(Number(status)), expected))

const now = Date.parse('2026-11-23T03:00:00Z')
const waits: [string | null, number | null][] = [
  ['0', 0],
  ['7', 7000],
  [' 120 ', 120_000],
  ['Mon, 23 Nov 2026 03:00:05 GMT', 5000],
  ['Mon, 23 Nov 2026 02:59:00 GMT', 0],
  ['Monday, 23-Nov-26 03:00:05 GMT', 5000],
  ['-5', null],
  ['soon', null],
  ['1.5', null],
  ['2026-11-23', null],
  ['', null],
  [null, null],
]

for (const [header, expected] of waits)
  test(`Retry-After ${JSON.stringify(header)}: ${String(expected)} ms`, () => {
    // The middle one of the three date forms that HTTP allows is obsolete, and may be not understood, but never misread.
    const wait = retryAfterMs(header, now)
    if (header?.includes('-Nov-')) assert.ok(wait === null || wait === expected)
    else assert.equal(wait, expected)
  })

test('the back-off doubles up to ten seconds, half of it by chance', () => {
  const rounds = [1, 2, 3, 4, 5, 6, 20]
  assert.deepEqual(
    rounds.map((round) => backOffMs(round, 0)),
    [250, 500, 1000, 2000, 4000, 5000, 5000],
  )
  assert.deepEqual(
    rounds.map((round) => backOffMs(round, 1)),
    [500, 1000, 2000, 4000, 8000, 10_000, 10_000],
  )
})

const hash = 'ab'.repeat(32)
const archive = 'helm-v4.3.1-linux-amd64.tar.gz'
const sums: [string, string | null][] = [
  [`${hash}  ${archive}\n`, hash],
  [`${hash} *${archive}`, hash],
  [`${hash.toUpperCase()}  ${archive}`, hash],
  [`${hash}  _dist/${archive}`, hash],
  [hash, hash],
  [`${hash}  helm-v4.3.1-linux-arm64.tar.gz`, null],
  [`${hash.slice(1)}  ${archive}`, null],
  ['<html>Not found</html>', null],
  ['', null],
  [`${hash}  ${archive}\n${hash}  other`, null],
]

for (const [content, expected] of sums)
  test(`a published hash: ${JSON.stringify(content.slice(0, 90))}`, () => {
    const found = publishedHash(content, archive, 'https://x/y')
    assert.equal('problem' in found ? null : found.sha256, expected)
    if ('problem' in found) assert.match(found.problem, /https:\/\/x\/y does not hold the hash of helm-v4/)
  })

test("the user's hash comes before the table's, and there may be none", () => {
  const table = { '4.3.1': { 'linux-amd64': hash } }
  assert.deepEqual(hashInAdvance('cd'.repeat(32), '4.3.1', 'linux-amd64', table), {
    sha256: 'cd'.repeat(32),
    from: 'input',
  })
  assert.deepEqual(hashInAdvance('', '4.3.1', 'linux-amd64', table), { sha256: hash, from: 'known' })
  assert.equal(hashInAdvance('', '4.3.1', 'linux-arm64', table), null)
  assert.equal(hashInAdvance('', '4.3.2', 'linux-amd64', table), null)
})

test('a mismatch shows both hashes and who says what', () => {
  const other = 'cd'.repeat(32)
  for (const [from, words] of [
    ['input', '`helm-sha256` says'],
    ['known', 'this release of the action knows'],
    ['published', 'the .sha256sum beside it says'],
  ] as const) {
    const problem = hashProblem({ sha256: hash, from }, other, 'https://x/y')
    for (const text of [hash, other, words, 'https://x/y']) assert.ok(problem?.problem.includes(text), text)
    assert.equal(hashProblem({ sha256: hash, from }, hash, 'https://x/y'), null)
  }
})
