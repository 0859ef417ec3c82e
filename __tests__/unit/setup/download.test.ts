// Which places are asked, in which order, how often and when: with servers that answer by a script, and a clock that only waits.
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { download } from '../../../src/setup/download.ts'
import { latestVersion, publishedVersion } from '../../../src/setup/lookup.ts'
import { helmPlatform } from '../../../src/setup/platform.ts'

type Answer = number | Error | { body: string; status?: number; retryAfter?: string; length?: number }

/** Answers by path or host; the last of several answers is repeated. */
function world(script: Record<string, Answer | Answer[]>, bases = ['https://a.test/m', 'https://b.test/']) {
  const asked: string[] = []
  const waits: number[] = []
  let now = 0
  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      waits.push(ms)
      now += ms
    },
  }
  const get = async (url: string) => {
    asked.push(url.replace('https://', ''))
    const key = Object.keys(script).find((part) => url.includes(part))
    const list = key === undefined ? [404] : [script[key] ?? 404].flat()
    const answer = (list.length > 1 ? list.shift() : list[0]) as Answer
    if (key && Array.isArray(script[key])) script[key] = list
    if (answer instanceof Error) throw answer
    const {
      body,
      status = 200,
      retryAfter,
      length,
    } = typeof answer === 'number' ? { body: '', status: answer } : answer
    const headers: Record<string, string | undefined> = {
      'retry-after': retryAfter,
      'content-length': length === undefined ? undefined : String(length),
    }
    return {
      status,
      header: (name: string) => headers[name] ?? null,
      body: Readable.from(body ? [Buffer.from(body)] : []),
      discard: () => undefined,
    }
  }
  const downloads = {
    get,
    clock,
    bases,
    endsAtMs: 120_000,
    random: () => 1,
    onProgress: () => undefined,
    onRetry: () => undefined,
  }
  return { downloads, asked, waits }
}

const certificate = Object.assign(new Error('self-signed'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })

const cases: {
  name: string
  script: Record<string, Answer | Answer[]>
  kind: string
  asked: string[]
  waits?: number[]
  tried?: RegExp
}[] = [
  { name: 'the first place has it', script: { 'a.test': { body: 'x' } }, kind: 'found', asked: ['a.test/m/f'] },
  {
    name: 'a 404 asks the next',
    script: { 'b.test': { body: 'x' } },
    kind: 'found',
    asked: ['a.test/m/f', 'b.test/f'],
  },
  {
    name: 'a 403 asks the next',
    script: { 'a.test': 403, 'b.test': { body: 'x' } },
    kind: 'found',
    asked: ['a.test/m/f', 'b.test/f'],
  },
  {
    name: 'nobody has it',
    script: {},
    kind: 'absent',
    asked: ['a.test/m/f', 'b.test/f'],
    tried: /a\.test\/m\/f: HTTP 404.*b\.test\/f: HTTP 404/,
  },
  {
    name: 'one has it not and one refuses',
    script: { 'b.test': 401 },
    kind: 'failed',
    asked: ['a.test/m/f', 'b.test/f'],
    tried: /HTTP 401/,
  },
  {
    name: 'a 503 passes by',
    script: { 'a.test': [503, { body: 'x' }] },
    kind: 'found',
    asked: ['a.test/m/f', 'b.test/f', 'a.test/m/f'],
    waits: [500],
  },
  {
    name: 'a 408 passes by',
    script: { 'a.test': [408, { body: 'x' }] },
    kind: 'found',
    asked: ['a.test/m/f', 'b.test/f', 'a.test/m/f'],
    waits: [500],
  },
  {
    name: 'a reset passes by',
    script: { 'a.test': [reset, reset, { body: 'x' }] },
    kind: 'found',
    asked: ['a.test/m/f', 'b.test/f', 'a.test/m/f', 'a.test/m/f'],
    waits: [500, 1000],
  },
  {
    name: 'the next place is not made to wait for the first',
    script: { 'a.test': 503, 'b.test': { body: 'x' } },
    kind: 'found',
    asked: ['a.test/m/f', 'b.test/f'],
    waits: [],
  },
  {
    name: 'Retry-After is honoured',
    script: { 'a.test': [{ body: '', status: 429, retryAfter: '20' }, { body: 'x' }] },
    kind: 'found',
    asked: ['a.test/m/f', 'b.test/f', 'a.test/m/f'],
    waits: [20_000],
  },
  {
    name: 'Retry-After of one place is honoured while another one is asked',
    script: { 'a.test': [{ body: '', status: 503, retryAfter: '60' }, { body: 'x' }], 'b.test': 503 },
    kind: 'found',
    asked: ['a.test/m/f', ...Array.from({ length: 10 }, () => 'b.test/f'), 'a.test/m/f'],
    waits: [500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000, 10_000, 10_000],
  },
  {
    name: 'Retry-After of two places is honoured for each',
    script: {
      'a.test': [{ body: '', status: 503, retryAfter: '60' }, { body: 'x' }],
      'b.test': [{ body: '', status: 429, retryAfter: '30' }, 404],
    },
    kind: 'found',
    asked: ['a.test/m/f', 'b.test/f', 'b.test/f', 'a.test/m/f'],
    waits: [30_000, 30_000],
  },
  {
    name: 'Retry-After beyond the budget leaves the other place all of its attempts',
    script: { 'a.test': { body: '', status: 503, retryAfter: '600' }, 'b.test': [503, 503, { body: 'x' }] },
    kind: 'found',
    asked: ['a.test/m/f', 'b.test/f', 'b.test/f', 'b.test/f'],
    waits: [500, 1000],
  },
  {
    name: 'Retry-After beyond the budget ends it',
    script: { 'a.test': { body: '', status: 429, retryAfter: '600' } },
    kind: 'failed',
    asked: ['a.test/m/f', 'b.test/f'],
    waits: [],
    tried: /HTTP 429/,
  },
  {
    name: 'a certificate that is not trusted is not tried again',
    script: { 'a.test': certificate },
    kind: 'failed',
    asked: ['a.test/m/f', 'b.test/f'],
    waits: [],
    tried: /self-signed/,
  },
  {
    name: 'too much is refused',
    script: { 'a.test': { body: 'x'.repeat(101) } },
    kind: 'failed',
    asked: ['a.test/m/f', 'b.test/f'],
    tried: /larger than/,
  },
]

for (const { name, script, kind, asked, waits, tried } of cases)
  test(`download: ${name}`, async () => {
    const it = world(script)
    const result = await download(it.downloads, 'f', 100)
    assert.equal(result.kind, kind)
    assert.deepEqual(it.asked, asked)
    if (waits) assert.deepEqual(it.waits, waits)
    if (tried) assert.match('tried' in result ? result.tried.join(' ') : '', tried)
  })

test('download: what fails for ever ends with the budget, after waits that grow to ten seconds', async () => {
  const it = world({ test: 503 })
  const result = await download(it.downloads, 'f', 100)
  assert.equal(result.kind, 'failed')
  assert.deepEqual(it.waits.slice(0, 6), [500, 1000, 2000, 4000, 8000, 10_000])
  const total = it.waits.reduce((sum, wait) => sum + wait, 0)
  assert.ok(total < 120_000 && total > 100_000, String(total))
})

test('download: credentials and queries are not told', async () => {
  const it = world({}, ['https://user:pass@a.test/m'])
  const result = await download(it.downloads, 'f', 100)
  assert.doesNotMatch(JSON.stringify(result), /pass/)
})

const platform = helmPlatform('linux', 'x64')
const sum = { body: `${'ab'.repeat(32)}  ` }
const published = (...versions: string[]): Record<string, Answer> =>
  Object.fromEntries(
    versions.map((version) => [
      `helm-v${version}-linux-amd64.tar.gz.sha256sum`,
      { body: `${sum.body}helm-v${version}-linux-amd64.tar.gz` },
    ]),
  )

const lookups: [string, string, Record<string, Answer>, string | RegExp][] = [
  ['that of Helm for its major', '^4.5', { 'helm4-latest-version': { body: 'v4.9.2\n' } }, '4.9.2'],
  ['the other major', '>=3.14 <4', { 'helm3-latest-version': { body: 'v3.99.0' } }, '3.99.0'],
  [
    'by asking upwards',
    '~4.4.0',
    { 'helm4-latest-version': { body: 'v4.9.2' }, ...published('4.4.0', '4.4.1', '4.4.3') },
    '4.4.3',
  ],
  [
    'by asking upwards in each alternative',
    '3.50.x || 3.60.x',
    published('3.50.0', '3.50.1', '3.60.0', '3.60.2'),
    '3.60.2',
  ],
  ['whatever their order', '3.60.x || 3.50.x', published('3.50.0', '3.50.1', '3.60.0'), '3.60.0'],
  ['of the alternatives that which has one', '3.50.x || 3.60.x', published('3.50.0', '3.50.1'), '3.50.1'],
  [
    'of the newest major that has one',
    '3.60.x || 4.50.x',
    {
      ...published('4.50.0', '4.50.1'),
      'helm4-latest-version': { body: 'v4.60.0' },
      'helm3-latest-version': { body: 'v3.60.1' },
    },
    '4.50.1',
  ],
  ['in both majors of one alternative', '>=3.60 <5', published('3.60.0', '4.0.0', '4.0.1'), '4.0.1'],
  ['in the older major when the newer has none', '>=3.60 <5', published('3.60.0', '3.60.1'), '3.60.1'],
  ['by asking upwards over minors', '^4.4', published('4.4.0', '4.5.0', '4.6.0', '4.6.1'), '4.6.1'],
  ['none', '^4.9', {}, /"\^4\.9" cannot be found at https:\/\/a\.test\/m, https:\/\/b\.test\//],
  [
    'an answer that is no version',
    '^4.9',
    { 'helm4-latest-version': { body: '<html>503</html>' } },
    /does not answer with a version of Helm 3 or 4 but "<html>503<\/html>"/,
  ],
  [
    'a page instead of a hash',
    '~4.4.0',
    { 'helm-v4.4.0': { body: '<html>welcome</html>' } },
    /does not hold the hash.*welcome/,
  ],
]

for (const [name, range, script, expected] of lookups)
  test(`a range by asking: ${name}`, async () => {
    assert.ok(!('problem' in platform))
    const found = await publishedVersion(world(script).downloads, range, platform)
    if (typeof expected === 'string') assert.equal(found, expected)
    else assert.match(typeof found === 'string' ? found : found.problem, expected)
  })

const answers: [string, string | RegExp][] = [
  ['v4.3.1\n', '4.3.1'],
  ['v3.22.0', '3.22.0'],
  ['4.3.1', /but "4\.3\.1"/],
  ['v4', /but "v4"/],
  ['v4.4.0-rc.1', /but "v4\.4\.0-rc\.1"/],
  ['v5.0.0', /Helm 3 or 4 but "v5\.0\.0"/],
  ['', /but ""/],
  ['<html>503 Service Unavailable</html>', /but "<html>503 Service Unavailable<\/html>"/],
  ['::error::gotcha', /but/],
]

for (const [body, expected] of answers)
  test(`the newest version: ${JSON.stringify(body)}`, async () => {
    const found = await latestVersion(world({ 'helm-latest-version': { body } }).downloads)
    if (typeof expected === 'string') assert.equal(found, expected)
    else assert.match(typeof found === 'string' ? found : found.problem, expected)
  })
