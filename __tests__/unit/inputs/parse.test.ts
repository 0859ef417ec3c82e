import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { parseInputs } from '../../../src/inputs/parse.ts'

const needed = { release: 'shop', chart: './chart' }

const parsed = (raw: Readonly<Record<string, string>>) => parseInputs((name) => ({ ...needed, ...raw })[name] ?? '')
const inputs = (raw: Readonly<Record<string, string>>) => {
  const { inputs: found, problems } = parsed(raw)
  assert.deepEqual(problems, [])
  return found
}
const problems = (raw: Readonly<Record<string, string>>) => parsed(raw).problems.map(({ problem }) => problem)

test('action.yml and the parser agree on names and defaults', () => {
  const file = new URL('../../../action.yml', import.meta.url)
  const declared = (parse(readFileSync(file, 'utf8')) as { inputs: Record<string, { default?: string }> }).inputs
  const asked = new Set<string>()
  const fromNothing = parseInputs((name) => {
    asked.add(name)
    return { ...needed, 'github-token': '${{ github.token }}' }[name] ?? ''
  })
  assert.deepEqual([...asked].sort(), Object.keys(declared).sort())
  const fromDefaults = parseInputs((name) => ({ ...needed })[name] ?? declared[name]?.default ?? '')
  assert.deepEqual(fromNothing, fromDefaults)
  assert.deepEqual(fromNothing.problems, [])
})

test('an empty string means the default, and so does white space', () => {
  const empty = inputs(
    Object.fromEntries(
      ['mode', 'timeout', 'fail-fast', 'comment', 'evidence', 'pr-number', 'history-max'].map((name) => [name, ' \n']),
    ),
  )
  assert.deepEqual(empty, inputs({}))
  assert.deepEqual(
    [empty.timeoutMs, empty.rollbackTimeoutMs, empty.failFast, empty.historyMax],
    [600_000, 300_000, true, 10],
  )
  assert.deepEqual(
    [empty.evidence, empty.prNumber, empty.createNamespace, empty.reuseValues],
    [null, null, false, false],
  )
})

test('booleans are those of YAML 1.2, and nothing else', () => {
  for (const text of ['true', 'True', 'TRUE', ' true '])
    assert.equal(inputs({ 'create-namespace': text }).createNamespace, true)
  assert.equal(inputs({ 'verify-url': 'true' }).verifyUrl, true)
  for (const text of ['false', 'False', 'FALSE']) assert.equal(inputs({ 'fail-fast': text }).failFast, false)
  for (const text of ['yes', 'no', 'on', '1', '0', 'tRUE', 'true false', 'y', "'true'"]) {
    assert.deepEqual(problems({ 'wait-for-jobs': text }), [`\`wait-for-jobs\`: "${text}" is not a boolean`])
  }
})

test('all problems are told at once, each with a remedy', () => {
  const found = parsed({
    mode: 'explode',
    release: 'Shop_1',
    chart: '',
    namespace: 'a.b',
    'create-namespace': 'yes',
    values: '[1]',
    set: 'novalue',
    timeout: 'soon',
    'rollback-timeout': '0',
    'crash-tolerance': '-1',
    'history-max': 'all',
    comment: 'sometimes',
    evidence: 'some',
    'pr-number': '0',
  }).problems
  assert.equal(found.length, 14)
  for (const { problem, remedy } of found) {
    assert.match(problem, /^`[a-z-]+`/)
    assert.match(remedy, /\S/)
    assert.doesNotMatch(problem + remedy, /[\r\n]|\.$/)
  }
})

test('a release is a DNS name that Helm takes', () => {
  for (const name of ['a', 'shop', 'shop-1', 'a.b', '0', 'x'.repeat(53)])
    assert.equal(inputs({ release: name }).release, name)
  for (const name of ['Shop', '-shop', 'shop-', 'a..b', '.a', 'a_b', 'a b', '--help', 'ünï', 'a/b', 'x'.repeat(54)]) {
    assert.equal(problems({ release: name }).length, 1, name)
  }
  assert.deepEqual(problems({ release: '' }), ['`release` is missing'])
  assert.match(problems({ release: 'x'.repeat(54) })[0] ?? '', /has 54 characters$/)
})

test('a namespace is a DNS label', () => {
  assert.equal(inputs({ namespace: ' shop-1 ' }).namespace, 'shop-1')
  for (const name of ['a.b', 'A', '-a', 'a-', '--all-namespaces', 'x'.repeat(64)])
    assert.equal(problems({ namespace: name }).length, 1, name)
})

test('nothing that becomes an argument of Helm looks like an option or has two lines', () => {
  for (const name of ['chart', 'chart-version', 'repo']) {
    assert.match(problems({ [name]: '--post-renderer=/bin/sh' })[0] ?? '', /begins with a dash$/)
    assert.match(problems({ [name]: 'a\nb' })[0] ?? '', /more than one line$/)
  }
  assert.match(problems({ chart: 'a\0b' })[0] ?? '', /more than one line$/)
  assert.match(problems({ 'value-files': 'a.yaml\n- b.yaml' })[0] ?? '', /"- b.yaml" begins with a dash$/)
})

test('lists are one item a line, in order, without empty ones, with any line ends', () => {
  assert.deepEqual(inputs({ 'value-files': '\r\n a.yaml \r\n\n  b c.yaml\n\n' }).valueFiles, ['a.yaml', 'b c.yaml'])
})

test('assignments are verbatim, and in the order in which Helm applies them', () => {
  const found = inputs({
    set: 'a=1,2 \n  b={x,y}\n\nc=-1\nd=e=f',
    'set-string': 'e=01',
    'set-json': 'g={"a": [1, 2]}',
    'set-file': 'h=./cert.pem',
  }).assignments
  assert.deepEqual(
    found.map(({ flag, text }) => `${flag} ${text}`),
    [
      '--set-json g={"a": [1, 2]}',
      '--set a=1,2 ',
      '--set   b={x,y}',
      '--set c=-1',
      '--set d=e=f',
      '--set-string e=01',
      '--set-file h=./cert.pem',
    ],
  )
})

test('an assignment that is none is told by its place, because its text may be a secret', () => {
  const found = problems({ set: 'a=1\n\nhunter2\nb=2', 'set-string': 'hunter2' })
  assert.deepEqual(found, ['`set`: line 3 is not an assignment', '`set-string`: line 1 is not an assignment'])
})

test('an assignment without a key is none', () => {
  assert.deepEqual(problems({ set: '=hunter2' }), ['`set`: line 1 is not an assignment'])
})

test('values are a YAML map, empty or not', () => {
  for (const text of ['a: 1', '{}', 'a: 1\nb: [1, 2]\n', '{"a": 1}', '# nothing\n', 'null', '---\na: 1\n']) {
    assert.equal(inputs({ values: text }).values, text)
  }
  assert.equal(inputs({ values: ' \n' }).values, '')
  for (const text of ['[1]', 'text', '3', '- a\n- b'])
    assert.deepEqual(problems({ values: text }), ['`values` is not a YAML map'])
})

test('a YAML error names line and kind and quotes nothing', () => {
  for (const [text, line] of [
    ['a: 1\npassword: "hunter2\n', 3],
    ['a: [hunter2\nb: 1', 2],
    ['a: 1\na: hunter2', 2],
    ['a: hunter2: x', 1],
    ['a: 1\n\thunter2: x', 2],
  ] as const) {
    const [problem = '', ...more] = problems({ values: text })
    assert.equal(more.length, 0)
    assert.match(problem, /^`values` is not valid YAML: line \d+ \([a-z ]+\)$/, text)
    assert.doesNotMatch(problem, /hunter2/)
    assert.equal(Number(/line (\d+)/.exec(problem)?.[1]), line, text)
  }
})

test('an alias without its anchor is told, not thrown, and not quoted', () => {
  const [problem = ''] = problems({ values: 'a: *hunter2' })
  assert.match(problem, /^`values` is not valid YAML: an alias/)
  assert.doesNotMatch(problem, /hunter2/)
})

test('two documents are not values', () => {
  assert.equal(problems({ values: 'a: 1\n---\nb: 2' }).length, 1)
})

test('aliases that grow without end are told, not followed', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefgh'.split('').map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join()}]`),
  ]
  const started = performance.now()
  assert.equal(problems({ values: bomb.join('\n') }).length, 1)
  assert.ok(performance.now() - started < 500)
})

test('no secret is in a message', () => {
  const secret = 'hunter2'
  const found = parsed({
    values: `a: "${secret}`,
    set: secret,
    'set-json': secret,
    'set-string': secret,
    'set-file': secret,
    'github-token': `-${secret}\n`,
    kubeconfig: `-${secret}`,
  }).problems
  assert.equal(found.length, 5)
  assert.doesNotMatch(JSON.stringify(found), new RegExp(secret))
})

test('credentials in a repository URL are not told', () => {
  assert.doesNotMatch(JSON.stringify(parsed({ repo: '-https://user:hunter2@charts.example' }).problems), /hunter2/)
})

test('numbers are whole and not below their least', () => {
  assert.equal(inputs({ 'crash-tolerance': '0' }).crashTolerance, 0)
  assert.equal(inputs({ 'history-max': '0' }).historyMax, 0)
  assert.equal(inputs({ 'pr-number': '12' }).prNumber, 12)
  for (const text of ['1.5', '1e3', '-1', '0x10', '+1', '9999999999', 'NaN', 'Infinity']) {
    assert.equal(problems({ 'crash-tolerance': text }).length, 1, text)
  }
  assert.deepEqual(problems({ 'pr-number': '0' }), ['`pr-number`: "0" is not a whole number of at least 1'])
})

test('a deadline is at least a second', () => {
  assert.equal(inputs({ timeout: '1s' }).timeoutMs, 1000)
  for (const text of ['0', '0s', '999ms', '-5m']) assert.equal(problems({ timeout: text }).length, 1, text)
})

test('a kubeconfig is passed on as it is', () => {
  const yaml = 'apiVersion: v1\nclusters: []\n'
  assert.equal(inputs({ kubeconfig: yaml }).kubeconfig, yaml)
})

test('the inputs of a preview', () => {
  assert.deepEqual(
    ['', '7d', '36h', '1d12h', '90s'].map((text) => inputs({ 'preview-ttl': text }).previewTtlMs),
    [null, 604_800_000, 129_600_000, 129_600_000, 90_000],
  )
  for (const text of ['7', 'd', '7d7', '-1d', '1w', '1h7d', 'soon'])
    assert.deepEqual(problems({ 'preview-ttl': text }), [`\`preview-ttl\`: "${text}" is not a duration`])
  assert.deepEqual(problems({ 'preview-ttl': '0d' }), ['`preview-ttl`: "0d" is under a second'])
  assert.deepEqual(inputs({ 'preview-copy-secrets': 'ci/registry\n\n other/pull.secret \n' }).previewCopySecrets, [
    { namespace: 'ci', name: 'registry' },
    { namespace: 'other', name: 'pull.secret' },
  ])
  for (const text of ['registry', 'CI/x', 'a/b/c', '/x', 'x/', 'x/..', 'x/Y', '-x/y'])
    assert.deepEqual(problems({ 'preview-copy-secrets': text }), [
      `\`preview-copy-secrets\`: "${text}" does not name a secret`,
    ])
  assert.deepEqual(problems({ 'preview-copy-secrets': 'a/x\nb/x' }), [
    '`preview-copy-secrets`: "b/x" is the second with this name',
  ])
  assert.deepEqual(problems({ 'preview-quota': 'pods: 3' }), ['`preview-quota` has an unknown key "pods"'])
  assert.deepEqual(parseInputs((name) => ({ mode: 'preview' })[name] ?? '').problems, [])
  assert.deepEqual(
    parseInputs((name) => ({ mode: 'preview' })[name] ?? '', true).problems.map(({ problem }) => problem),
    ['`chart` is missing'],
  )
})
