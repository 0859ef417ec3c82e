import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseInputs } from '../../../src/inputs/parse.ts'

const given = (raw: Readonly<Record<string, string>>) =>
  parseInputs((name) => ({ release: 'shop', chart: 'shop', ...raw })[name] ?? '')

const good: [string, Record<string, string>, string][] = [
  ['a repository', { repo: 'https://charts.example/a' }, 'https://charts.example/a  '],
  ['a registry', { repo: 'oci://registry.example/a' }, 'oci://registry.example/a  '],
  [
    'a login',
    { repo: 'https://charts.example', 'repo-username': 'bob', 'repo-password': ' pa ss ' },
    'https://charts.example bob pa ss',
  ],
  ['a login in the URL', { repo: 'https://bob:p%40ss@charts.example/a' }, 'https://charts.example/a bob p@ss'],
  ['a login for an OCI chart', { chart: 'oci://r.example/c', 'repo-username': 'b', 'repo-password': 'p' }, ' b p'],
]

for (const [name, raw, expected] of good)
  test(`where a chart comes from: ${name}`, () => {
    const { inputs, problems } = given(raw)
    assert.deepEqual(problems, [])
    assert.equal(`${inputs.repo} ${inputs.repoUsername} ${inputs.repoPassword}`, expected)
  })

const bad: [string, Record<string, string>, RegExp][] = [
  ['only a user', { repo: 'https://c.example', 'repo-username': 'b' }, /Only one of/],
  ['only a password', { repo: 'https://c.example', 'repo-password': 'hunter2' }, /Only one of/],
  ['no repository for it', { 'repo-username': 'b', 'repo-password': 'hunter2' }, /no `repo` to use it for/],
  ['twice', { repo: 'https://b:hunter2@c.example', 'repo-username': 'b', 'repo-password': 'x' }, /both give/],
  ['in an OCI chart', { chart: 'oci://b:hunter2@r.example/c' }, /`chart` has credentials/],
  ['no URL', { repo: 'charts.example' }, /is not a URL/],
  ['a short digest', { 'chart-digest': 'sha256:abc' }, /`chart-digest`: "sha256:abc" is not a SHA-256/],
  ['another kind of digest', { 'chart-digest': `sha512:${'a'.repeat(128)}` }, /is not a SHA-256/],
  ['a short hash', { 'helm-sha256': 'abc' }, /`helm-sha256`: "abc" is not a SHA-256/],
  ['a mirror that is no URL', { 'helm-download-url': 'mirror/helm' }, /is not an http or https URL/],
  ['a mirror by ftp', { 'helm-download-url': 'ftp://m.example' }, /is not an http or https URL/],
  ['a mirror with a query', { 'helm-download-url': 'https://m.example/?token=x' }, /has a query/],
  ['a mirror with a password', { 'helm-download-url': 'ftp://b:hunter2@m.example' }, /ftp:\/\/m\.example/],
]

for (const [name, raw, expected] of bad)
  test(`what is refused: ${name}`, () => {
    const texts = given(raw).problems.map(({ problem, remedy }) => `${problem}. ${remedy}`)
    assert.equal(texts.length, 1, texts.join('\n'))
    assert.match(texts[0] ?? '', expected)
    assert.doesNotMatch(texts[0] ?? '', /hunter2/)
  })

test('digests and hashes are read in any case, with and without their kind', () => {
  const hash = 'AB'.repeat(32)
  const { inputs, problems } = given({ 'chart-digest': hash, 'helm-sha256': `sha256:${hash}` })
  assert.deepEqual(problems, [])
  assert.equal(inputs.chartDigest, `sha256:${hash.toLowerCase()}`)
  assert.equal(inputs.helmSha256, hash.toLowerCase())
})

test('mirrors are kept in order', () => {
  const { inputs } = given({ 'helm-download-url': 'https://a.example/helm/\n\n http://127.0.0.1:8080/m ' })
  assert.deepEqual(inputs.helmDownloadUrls, ['https://a.example/helm/', 'http://127.0.0.1:8080/m'])
  assert.deepEqual(given({}).inputs.helmDownloadUrls, ['https://get.helm.sh'])
})

test('`setup` needs neither release nor chart', () => {
  assert.deepEqual(parseInputs((name) => ({ mode: 'setup' })[name] ?? '').problems, [])
})

test('an environment has a name of one line and a web address that is shown as it is', () => {
  const { inputs, problems } = given({
    environment: ' production ',
    'environment-url': ' https://shop.example.com/?a=(b) ',
  })
  assert.deepEqual(problems, [])
  assert.deepEqual([inputs.environment, inputs.environmentUrl], ['production', 'https://shop.example.com/?a=(b)'])
  assert.deepEqual([given({}).inputs.environment, given({}).inputs.environmentUrl], ['', ''])
  for (const url of [
    'shop.example.com',
    'javascript:alert(1)',
    'https://',
    'ftp://a.example',
    'https:shop',
    'https://a b',
    'https://a\n.example',
  ]) {
    const [problem, ...more] = given({ 'environment-url': url }).problems
    assert.deepEqual([problem?.problem, more], [`\`environment-url\`: "${url}" is not an http or https URL`, []])
    assert.match(problem?.remedy ?? '', /such as https:/)
  }
  assert.deepEqual(
    given({ environment: 'a\nb', 'environment-url': 'https://me:pw@a.example' }).problems.map(({ problem }) => problem),
    ['`environment` has more than one line', '`environment-url` has credentials in it'],
  )
  assert.match(given({ environment: 'a'.repeat(256) }).problems[0]?.problem ?? '', /256 characters/)
})
