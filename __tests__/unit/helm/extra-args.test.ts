import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  allowedFlags,
  argumentsFor,
  extraArgumentProblems,
  parseExtraArgument,
  type ExtraArgument,
} from '../../../src/helm/extra-args.ts'

const parsed: [string, string][] = [
  ['--plain-http', '--plain-http'],
  ['--plain-http=true', '--plain-http=true'],
  ['--plain-http false', '--plain-http=false'],
  ['--ca-file=ca.pem', '--ca-file=ca.pem'],
  ['--ca-file ca.pem', '--ca-file=ca.pem'],
  ['  --ca-file   my ca.pem ', '--ca-file=my ca.pem'],
  ['--post-renderer-args=--label=a', '--post-renderer-args=--label=a'],
  ['--server-side=false', '--server-side=false'],
]

for (const [line, text] of parsed)
  test(`helm-args takes ${JSON.stringify(line)}`, () => {
    const argument = parseExtraArgument(line, 3)
    assert.ok(!('problem' in argument))
    assert.equal(argument.text, text)
  })

const refused: [string, RegExp, RegExp][] = [
  ['--atomic', /"--atomic" is not allowed/, /does this itself/],
  ['--rollback-on-failure', /not allowed/, /does this itself/],
  ['--wait=legacy', /"--wait" is not allowed/, /does this itself/],
  ['--timeout 5m', /"--timeout"/, /`timeout`/],
  ['--set=password=hunter2', /"--set"/, /input of the same name/],
  ['-f values.yaml', /"-f"/, /`value-files`/],
  ['--password=hunter2', /"--password"/, /`repo-password`/],
  ['--kube-token=hunter2', /"--kube-token"/, /`kubeconfig`/],
  ['-n prod', /"-n"/, /`namespace`/],
  ['--force', /"--force"/, /could not be undone/],
  ['--take-ownership', /not allowed/, /could not be undone/],
  ['--insecure-skip-tls-verify', /not allowed/, /--ca-file/],
  ['--nonsense', /not allowed/, /Use one of --plain-http/],
  ['plain-http', /line 3 is not an option/, /Give one option a line/],
  ['shop ./other-chart', /line 3 is not an option/, /Give one option a line/],
  ['hunter2', /line 3 is not an option/, /Give one option a line/],
  ['--constructor', /not allowed/, /Use one of/],
  ['--ca-file', /needs a value/, /--ca-file=value/],
  ['--ca-file=', /needs a value/, /--ca-file=value/],
  ['--plain-http=hunter2', /takes no value/, /Write --plain-http/],
  ['; rm -rf /', /line 3 is not an option/, /Give one option a line/],
]

for (const [line, problem, remedy] of refused)
  test(`helm-args refuses ${JSON.stringify(line)}`, () => {
    const argument = parseExtraArgument(line, 3)
    assert.ok('problem' in argument)
    assert.match(argument.problem, problem)
    assert.match(argument.remedy, remedy)
    assert.doesNotMatch(argument.problem + argument.remedy, /hunter2/)
  })

const lines = ['--plain-http', '--ca-file=a', '--post-renderer=x', '--force-conflicts', '--verify', '--hide-notes']
const extra = lines.map((line) => parseExtraArgument(line, 3) as ExtraArgument)

test('each command gets what it knows, in the given order', () => {
  assert.deepEqual(argumentsFor('upgrade', extra), ['--post-renderer=x', '--force-conflicts', '--hide-notes'])
  assert.deepEqual(argumentsFor('template', extra), ['--post-renderer=x'])
  assert.deepEqual(argumentsFor('pull', extra), ['--plain-http', '--ca-file=a', '--verify'])
  assert.deepEqual(argumentsFor('dependencies', extra), ['--plain-http', '--ca-file=a'])
  assert.deepEqual(argumentsFor('login', extra), ['--plain-http', '--ca-file=a'])
  assert.deepEqual(argumentsFor('repository', extra), ['--ca-file=a'])
})

test('Helm 3 is not given what only Helm 4 knows', () => {
  assert.deepEqual(extraArgumentProblems(extra, 4), [])
  const [only, ...others] = extraArgumentProblems(extra, 3)
  assert.match(only?.problem ?? '', /--force-conflicts is an option of Helm 4/)
  assert.deepEqual(others, [])
})

test('the README lists what is allowed', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
  const table = /\| argument .*?\n\n/s.exec(readme)?.[0] ?? ''
  const listed = [...table.matchAll(/`(--[a-z-]+)`/g)].map(([, flag]) => flag)
  assert.deepEqual(new Set(listed), new Set(Object.keys(allowedFlags)))
})
