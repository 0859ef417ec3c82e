import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  allowedFlags,
  argumentsFor,
  extraArgumentProblems,
  parseExtraArgument,
  type ExtraArgument,
  type HelmCommand,
} from '../../../src/helm/extra-args.ts'

const charts = readFileSync(new URL('../../../docs/charts.md', import.meta.url), 'utf8')

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

const all: HelmCommand[] = ['upgrade', 'template', 'pull', 'dependencies', 'login', 'repository']
const deploying: HelmCommand[] = ['upgrade', 'template']
const versions: [version: string, commands: HelmCommand[], lines: string[], needed: string[]][] = [
  ['v4.3.1', all, Object.keys(allowedFlags), []],
  ['v3.22.0', all, ['--plain-http', '--force-conflicts', '--server-side'], ['4', '4']],
  ['v3.18.0', all, ['--plain-http', '--hide-notes'], []],
  ['v3.18.0-rc.1', all, ['--plain-http'], []],
  ['v3.17.9', all, ['--plain-http'], ['3.18']],
  ['v3.17.9', [...deploying, 'pull'], ['--plain-http'], []],
  ['v3.17.0', [...deploying, 'dependencies'], ['--plain-http', '--ca-file', '--cert-file', '--key-file'], []],
  [
    'v3.16.4',
    [...deploying, 'dependencies'],
    ['--plain-http', '--ca-file', '--cert-file', '--key-file'],
    Array(4).fill('3.17'),
  ],
  ['v3.16.4', [...deploying, 'dependencies', 'login'], ['--plain-http', '--ca-file'], ['3.18', '3.17']],
  ['v3.16.4', [...deploying, 'pull', 'login', 'repository'], ['--ca-file', '--cert-file', '--key-file'], []],
  ['v3.16.0', deploying, ['--hide-notes', '--skip-schema-validation'], []],
  ['v3.15.4', deploying, ['--hide-notes', '--skip-schema-validation', '--skip-crds'], ['3.16', '3.16']],
  ['v3.14.0', all, ['--post-renderer', '--devel', '--verify', '--keyring', '--pass-credentials', '--enable-dns'], []],
]

for (const [version, commands, flags, needed] of versions)
  test(`Helm ${version} with ${flags.join(' ')} for ${commands.join(' ')}: ${needed.join(' ') || 'known'}`, () => {
    const problems = extraArgumentProblems(
      flags.map((flag) => ({ flag, text: flag })),
      version,
      commands,
    )
    const told = problems.map(({ problem }) => /needs Helm (\S+) or newer, and this is Helm \d/.exec(problem)?.[1])
    assert.deepEqual(told, needed)
    for (const [index, { remedy }] of problems.entries())
      assert.match(remedy, new RegExp(`helm-version: ${needed[index]}`))
  })

test('docs/charts.md tells which Helm an argument needs', () => {
  const lines = charts.split('\n').filter((line) => line.startsWith('| `--'))
  for (const [flag, { for: commands }] of Object.entries(allowedFlags))
    for (const first of new Set(Object.values(commands)))
      if (first !== '3.14.0')
        assert.ok(
          lines.some((line) => line.includes(`\`${flag}\``) && line.includes(`Helm ${first.replace(/(\.0)+$/, '')}`)),
          `${flag} needs Helm ${first}`,
        )
})

test('docs/charts.md lists what is allowed', () => {
  const table = /\| argument .*?\n\n/s.exec(charts)?.[0] ?? ''
  const listed = [...table.matchAll(/`(--[a-z-]+)`/g)].map(([, flag]) => flag)
  assert.deepEqual(new Set(listed), new Set(Object.keys(allowedFlags)))
})
