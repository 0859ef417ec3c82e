import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import formats from 'ajv-formats'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { findingClasses } from '../../../src/health/finding.ts'
import { errorAnnotations } from '../../../src/report/annotation.ts'
import { renderComment } from '../../../src/report/comment.ts'
import { renderConsole } from '../../../src/report/console.ts'
import { applyEvidence } from '../../../src/report/evidence.ts'
import { renderJson } from '../../../src/report/json.ts'
import { duration } from '../../../src/report/markdown.ts'
import { commentMarker, readState } from '../../../src/report/marker.ts'
import { statuses } from '../../../src/report/model.ts'
import { outputs } from '../../../src/report/outputs.ts'
import { succeeded } from '../../../src/report/status.ts'
import { crashEvidence, evidence, fatal, finding, report, states } from './fixtures.ts'

const docs = new URL('../../../docs/', import.meta.url)
const schema = JSON.parse(readFileSync(new URL('report.schema.json', docs), 'utf8')) as Record<string, never>
const failed = states['rolled-back'] ?? report()

test('every report is valid by the published schema', () => {
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true })
  formats.default(ajv)
  const validate = ajv.compile(schema)
  const withSource = report({
    findings: [
      finding({ severity: { kind: 'grace', afterMs: 5000 }, evidence: evidence({ source: { file: 'a', line: 1 } }) }),
    ],
  })
  for (const state of [...Object.values(states), withSource]) {
    assert.ok(validate(JSON.parse(renderJson(state))), ajv.errorsText(validate.errors))
  }
  assert.equal(validate({ ...report(), status: 'fine' }), false)
})

test('schema and documentation know every status and class', () => {
  const { properties, $defs } = schema as unknown as {
    properties: { status: { enum: string[] } }
    $defs: { finding: { properties: { class: { enum: string[] } } } }
  }
  assert.deepEqual(properties.status.enum, statuses)
  assert.deepEqual($defs.finding.properties.class.enum, findingClasses)
  const rows = readFileSync(new URL('diagnosis.md', docs), 'utf8').matchAll(/^## `([\w-]+)`$/gm)
  assert.deepEqual(
    Array.from(rows, ([, word]) => word),
    findingClasses,
  )
})

test('outputs are those of the contract, all of them, always', () => {
  const all = outputs(failed, { commentUrl: 'https://github.example/c', reportFile: 'report.json' })
  assert.deepEqual(Object.keys(all), [
    'status',
    'reason',
    'failing-resources',
    'revision',
    'previous-revision',
    'rollback',
    'changed',
    'helm-version',
    'helm-path',
    'release',
    'namespace',
    'chart-digest',
    'comment-url',
    'environment-url',
    'report-file',
  ])
  assert.equal(all['revision'], '43')
  assert.equal(all['changed'], 'true')
  assert.equal(all['chart-digest'], '')
  const [first] = JSON.parse(all['failing-resources'] ?? '') as Record<string, unknown>[]
  assert.deepEqual(Object.keys(first ?? {}), ['kind', 'namespace', 'name', 'class', 'cause', 'evidence'])
  assert.equal(outputs(states['rejected'] ?? report())['reason']?.includes('\n'), false)
})

test('verdict and cause are in the first line that is seen', () => {
  for (const state of Object.values(states)) {
    const [first = ''] = renderComment(state, { evidence: 'full' })
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('<!--'))
    assert.match(first, /^### (?:✅|❌|⚠️|🚨|⛔|✋|📝) /u)
    assert.match(first, state.sweep ? /Previews: \d/ : /`(?:shop|pr-7)`/)
    // An address is code, so that it is no link.
    const words = (text: string): string => text.replaceAll('`', '')
    if (state.findings.length > 0) assert.ok(words(first).endsWith(words(state.findings[0]?.cause ?? '?')), first)
  }
})

test('a failed rollback shows the commands before anything else', () => {
  const comment = renderComment(states['rollback-failed'] ?? report(), { evidence: 'none' })
  assert.ok(comment.indexOf('helm -n shop rollback') < comment.indexOf('between two revisions'))
})

test('without logs nothing that a pod wrote is left, also where it is quoted', () => {
  const quoting = report({
    ...failed,
    reason: `container app exited with 1: ${fatal}`,
    findings: [
      finding({
        cause: `container app exited with 1 (${fatal})`,
        evidence: {
          ...crashEvidence,
          status: { 'exit code': '1', 'termination message': 'last words here' },
          events: [{ reason: 'BackOff', message: `it said "${fatal}"`, count: 1, atSeconds: 1 }],
          message: fatal,
        },
      }),
    ],
  })
  for (const policy of ['no-logs', 'none'] as const) {
    const shown = applyEvidence(quoting, policy)
    const text = JSON.stringify([
      shown,
      renderComment(quoting, { evidence: policy }),
      errorAnnotations(shown),
      renderConsole(shown),
    ])
    for (const word of ['FATAL', 'authentication', 'last words', 'Traceback'])
      assert.equal(text.includes(word), false, word)
    assert.equal(shown.findings[0]?.cause, 'container app exited with 1')
  }
  assert.equal(applyEvidence(quoting, 'no-logs').findings[0]?.evidence.status['exit code'], '1')
  assert.deepEqual(applyEvidence(quoting, 'none').findings[0]?.evidence.status, {})
  assert.equal(applyEvidence(quoting, 'full'), quoting)
})

test('the first annotation is the verdict, on the file when it is one of the repository', () => {
  assert.deepEqual(errorAnnotations(report()), [])
  const at = (file: string) =>
    errorAnnotations({ ...failed, findings: [finding({ evidence: evidence({ source: { file, line: 7 } }) })] })[0]
  assert.deepEqual(
    [at('chart/templates/a.yaml')?.file, at('chart/templates/a.yaml')?.startLine],
    ['chart/templates/a.yaml', 7],
  )
  for (const file of ['/etc/passwd', '../x', 'a/../../x', 'C:\\x']) assert.equal(at(file)?.file, undefined)
  assert.match(errorAnnotations(failed)[0]?.message ?? '', /^container app exited with 1[^\n]*\nFATAL: .*\nNext: /)
  assert.match(errorAnnotations(states['rejected'] ?? report())[0]?.message ?? '', /timeout[\s\S]*chart/)
})

test('each further fault is an annotation of its own, what comes from one line is one, and ten are all', () => {
  const at = (name: string, source?: { file: string; line?: number }) =>
    finding({
      resource: { kind: 'Deployment', namespace: 'shop', name },
      cause: `${name} is broken`,
      evidence: evidence(source ? { source } : {}),
    })
  const annotate = (...findings: ReturnType<typeof at>[]) => errorAnnotations({ ...failed, findings })
  const values = { file: 'values.yaml', line: 3 }
  const three = annotate(at('a', values), at('b'), at('c', values), at('d', { file: 'values.yaml', line: 4 }))
  assert.deepEqual(
    three.map(({ title, file, startLine }) => [title, file, startLine]),
    [
      ['shop was not deployed to production', 'values.yaml', 3],
      ['Deployment b failed too', undefined, undefined],
      ['Deployment d failed too', 'values.yaml', 4],
    ],
  )
  assert.match(three[0]?.message ?? '', /^a is broken\nDeployment c: c is broken\nNext: /)
  assert.equal(three[1]?.message, 'b is broken')
  const many = annotate(...Array.from({ length: 200 }, (_, index) => at(`web-${String(index)}`, { file: 'web.yaml' })))
  assert.equal(many.length, 10)
  assert.match(many[0]?.message ?? '', /\n190 more: Deployment web-10 /)
})

test('an annotation is never longer than GitHub takes, and ends in no half of a character', () => {
  const cause = `a${'😀'.repeat(900)}`
  const findings = Array.from({ length: 30 }, () =>
    finding({ cause, evidence: evidence({ source: { file: 'v', line: 1 } }) }),
  )
  const [first, ...others] = errorAnnotations({ ...failed, findings })
  const { message = '' } = first ?? {}
  assert.ok(message.length > 4000 && message.length <= 4096)
  assert.ok(message.isWellFormed())
  assert.deepEqual(others, [])
})

test('a problem in a file is annotated there', () => {
  const problem = (source?: { file: string; line: number }) => ({
    problem: 'no',
    remedy: 'do',
    ...(source ? { source } : {}),
  })
  const places = (...problems: ReturnType<typeof problem>[]) =>
    errorAnnotations({ ...(states['rejected'] ?? report()), problems }).map(({ file, startLine }) => [file, startLine])
  assert.deepEqual(places(problem({ file: 'a', line: 2 })), [['a', 2]])
  assert.deepEqual(places(problem(), problem(), problem({ file: 'a', line: 2 })), [
    [undefined, undefined],
    ['a', 2],
  ])
})

test('the last block of the log says it in plain text', () => {
  assert.deepEqual(renderConsole(states['rollback-failed'] ?? report()), [
    '✗ shop in production is half-changed and needs a person: image `registry.example/shop:b81e77d` does not exist',
    '  rollback to 41: failed, 11 of 12 objects as before (the API server refused Service shop: spec.clusterIP: field is immutable)',
    '    Service/shop: changed (spec.clusterIP)',
    '  next: Run these commands, then deploy again:',
    '    kubectl -n shop delete service shop',
    '    helm -n shop rollback shop 41 --wait',
  ])
  assert.deepEqual(renderConsole(report()), ['✓ shop is deployed to production'])
})

test('a state survives the comment, and a comment that was edited has none', () => {
  const body = renderComment(failed, { evidence: 'full' })
  assert.deepEqual(readState(body), {
    status: 'rolled-back',
    verdict: 'rolled-back',
    revision: 42,
    run: '9001',
    attempt: '2',
    number: '1234',
    commit: 'b81e77d',
    startedAt: '2026-11-22T10:42:17.000Z',
    cause: 'container app exited with 1 three times in 34 s',
    earlier: [],
  })
  assert.deepEqual(readState(body.replaceAll('\n', '\r\n')), readState(body))
  for (const edited of [
    '',
    'x',
    body.slice(body.indexOf('\n\n')),
    body.replace('"status":"rolled-back"', '"status":"x"'),
    body.replace('{"', '{'),
    `${commentMarker('a', 'b')}\n<!-- state: [] -->`,
    `${commentMarker('a', 'b')}\n<!-- state: {"status":null} -->`,
  ]) {
    assert.equal(readState(edited), null)
  }
})

test('a marker belongs to one release in one namespace', () => {
  const markers = [commentMarker('a', 'b'), commentMarker('b', 'a'), commentMarker('a-b', ''), commentMarker('', 'a-b')]
  assert.equal(new Set(markers).size, 4)
  for (const marker of markers) assert.match(marker, /^<!-- atomic-helm-action: [\da-f]{16} -->$/)
})

test('green is what the contract says', () => {
  const green = statuses.filter((status) => succeeded({ status, mode: 'deploy' }))
  assert.deepEqual(green, ['deployed', 'planned', 'recovered', 'removed', 'installed'])
  assert.deepEqual(
    statuses.filter((status) => succeeded({ status, mode: 'rollback' })),
    ['deployed', 'rolled-back', 'planned', 'recovered', 'removed', 'installed'],
  )
})

test('durations are as people say them', () => {
  assert.deepEqual(
    [0, 400, 3120, 9940, 9960, 48_000, 59_600, 125_000, 120_000, 3_780_000].map((ms) =>
      duration(ms).replaceAll('\u00A0', ' '),
    ),
    ['0 s', '0.4 s', '3.1 s', '9.9 s', '10 s', '48 s', '1 min', '2 min 5 s', '2 min', '1 h 3 min'],
  )
})
