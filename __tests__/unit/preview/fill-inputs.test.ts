import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fillInputs } from '../../../src/preview/fill-inputs.ts'
import { preview } from './previews.ts'

const filled = (raw: Readonly<Record<string, string>>, of = preview) => fillInputs((name) => raw[name] ?? '', of)
const problemsOf = (raw: Readonly<Record<string, string>>, of = preview) =>
  filled(raw, of).problems.map(({ problem }) => problem)

test('without templates the names come from the number and the repository', () => {
  assert.deepEqual(filled({}), {
    filled: {
      release: 'pr-7',
      namespace: 'preview-shop-pr-7',
      values: '',
      environment: '',
      'environment-url': '',
    },
    problems: [],
  })
})

test('every template is filled, and names may stand in the others', () => {
  const { filled: inputs, problems } = filled({
    release: 'web-{{pr}}',
    namespace: '{{ release }}-{{ branch }}',
    values: 'host: "{{ release }}.{{ namespace }}.example.com"\n',
    environment: 'preview/{{ pr }}',
    'environment-url': 'https://{{ release }}.example.com/?v={{ sha }}',
  })
  assert.deepEqual(problems, [])
  assert.equal(inputs['release'], 'web-7')
  assert.match(inputs['namespace'] ?? '', /^web-7-feature-login-[\da-f]{8}$/)
  assert.equal(inputs['values'], `host: "web-7.${inputs['namespace']}.example.com"\n`)
  assert.equal(inputs['environment'], 'preview/7')
  assert.equal(inputs['environment-url'], `https://web-7.example.com/?v=${'c'.repeat(40)}`)
})

test('names stay the same with every push, and fit', () => {
  const raw = { release: 'a-very-long-name-for-a-release-of-a-shop-{{ branch }}', namespace: '{{ branch }}-{{ repo }}' }
  const long = { ...preview, branch: `feature/${'x'.repeat(240)}` }
  const first = filled(raw, long).filled
  assert.deepEqual(filled(raw, { ...long, sha: 'd'.repeat(40) }).filled, first)
  assert.ok((first['release'] ?? '').length <= 53)
  assert.ok((first['namespace'] ?? '').length <= 63)
  assert.notDeepEqual(filled(raw, { ...long, branch: `${long.branch}y` }).filled['release'], first['release'])
})

test('a name that is the same for every pull request is rejected, with the remedy', () => {
  const { problems } = filled({ release: 'shop', namespace: 'shared' })
  assert.equal(problems.length, 2)
  assert.match(problems[0]?.problem ?? '', /^`release`: "shop" is the same for every pull request/)
  assert.match(problems[1]?.problem ?? '', /^`namespace`: "shared" is the same for every pull request/)
  assert.match(problems[0]?.remedy ?? '', /\{\{ pr \}\} or \{\{ branch \}\}/)
})

test('the commit makes no name', () => {
  const [problem] = filled({ release: 'pr-{{ pr }}-{{ sha }}' }).problems
  assert.equal(problem?.problem, '`release`: "{{ sha }}" cannot be used here')
  assert.match(problem?.remedy ?? '', /stay the same/)
})

test('unknown words are an error with the list of those that are known, everywhere but in values', () => {
  const raw = {
    release: 'pr-{{ pr }}-{{ x }}',
    namespace: 'pr-{{ pr }}-{{ }}',
    'environment-url': 'https://{{ .Host }}',
  }
  const { problems } = filled(raw)
  assert.deepEqual(
    problems.map(({ problem }) => problem),
    [
      '`release`: "{{ x }}" is unknown',
      '`namespace`: "{{  }}" is unknown',
      '`environment-url`: "{{ .Host }}" is unknown',
    ],
  )
  for (const { remedy } of problems)
    assert.equal(remedy, 'Use {{ pr }}, {{ branch }}, {{ sha }}, {{ repo }}, {{ release }}, {{ namespace }}')
  assert.deepEqual(problemsOf({ values: 'a: "{{ .Values.x }} {{ x }}"' }), [])
})

test('braces that do not close are an error', () => {
  assert.deepEqual(problemsOf({ 'environment-url': 'https://{{ pr }.example.com' }), [
    '`environment-url`: braces without a word',
  ])
})

test('a branch that GitHub did not tell is no text', () => {
  assert.deepEqual(problemsOf({ namespace: 'x-{{ branch }}' }, { ...preview, branch: null }), [
    '`namespace`: "{{ branch }}" cannot be used here',
  ])
})

test('a hostile branch is text and nothing else', () => {
  const hostile = { ...preview, branch: '$(rm -rf)`x`";\n- {{ sha }} --kubeconfig=/etc' }
  const raw = { release: '{{ branch }}', values: 'a: "{{ branch }}"', 'environment-url': 'https://{{ branch }}.x' }
  const { filled: inputs, problems } = filled(raw, hostile)
  assert.deepEqual(problems, [])
  assert.match(inputs['release'] ?? '', /^rm-rf-x-sha-kubeconfig-etc-[\da-f]{8}$/)
  assert.match(inputs['values'] ?? '', /^a: "[-a-z0-9]+"$/)
  assert.match(inputs['environment-url'] ?? '', /^https:\/\/[-a-z0-9]+\.x$/)
})
