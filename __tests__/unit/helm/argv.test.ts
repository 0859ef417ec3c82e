import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readContext } from '../../../src/context/context.ts'
import {
  dryRunArguments,
  revisionDescription,
  revisionLabels,
  rollbackArguments,
  uninstallArguments,
  upgradeArguments,
  waitFlag,
} from '../../../src/helm/argv.ts'
import type { UpgradeRequest } from '../../../src/helm/argv.ts'
import type { ChartSource } from '../../../src/inputs/files.ts'
import { parseInputs } from '../../../src/inputs/parse.ts'

const target = { release: 'shop', namespace: 'prod', kubeconfigPath: '/tmp/k c', kubeContext: 'main' }
const bare = { ...target, kubeconfigPath: null, kubeContext: '' }

function request(raw: Readonly<Record<string, string>> = {}, parts: Partial<UpgradeRequest> = {}): UpgradeRequest {
  const all = { release: 'shop', chart: './chart', ...raw }
  const { inputs } = parseInputs((name) => (all as Record<string, string>)[name] ?? '')
  const chart: ChartSource = { reference: '/w/chart', kind: 'directory' }
  return { target, inputs, chart, valueFiles: [], description: 'by us', labels: { a: '1', b: '2' }, ...parts }
}

const least = [
  'upgrade',
  'shop',
  '/w/chart',
  '--install',
  '--namespace=prod',
  '--kubeconfig=/tmp/k c',
  '--kube-context=main',
  '--wait',
  '--timeout=10m',
  '--reset-values',
  '--history-max=10',
  '--description=by us',
  '--labels=a=1,b=2',
]

test('an upgrade with nothing asked for', () => {
  assert.deepEqual(upgradeArguments(request(), '--wait'), least)
  const plain = upgradeArguments(request({}, { target: bare }), '--wait')
  assert.deepEqual(
    plain,
    least.filter((argument) => !argument.startsWith('--kube')),
  )
})

test('an upgrade with everything asked for, values in the order in which Helm applies them', () => {
  const raw = {
    'create-namespace': 'true',
    'wait-for-jobs': 'true',
    'chart-version': '^1.2',
    repo: 'https://charts.example',
    timeout: '90s',
    'history-max': '0',
    'reuse-values': 'true',
    'set-file': 'cert=./a b.pem',
    'set-string': 'id=007',
    set: 'list={a,b}\nname=--dry-run\ntext= two  spaces ',
    'set-json': 'o={"a,b": [1, "--x"]}',
  }
  const parts = { chart: { reference: 'shop', kind: 'repository' } as const, valueFiles: ['/w/a.yaml', '/w/-b c.yaml'] }
  assert.deepEqual(upgradeArguments(request(raw, parts), '--wait').slice(8), [
    '--timeout=1m30s',
    '--reuse-values',
    '--history-max=0',
    '--description=by us',
    '--labels=a=1,b=2',
    '--wait-for-jobs',
    '--values=/w/a.yaml',
    '--values=/w/-b c.yaml',
    '--set-json=o={"a,b": [1, "--x"]}',
    '--set=list={a,b}',
    '--set=name=--dry-run',
    '--set=text= two  spaces ',
    '--set-string=id=007',
    '--set-file=cert=./a b.pem',
  ])
})

test('Helm never rolls back by itself, and always hears what becomes of old values', () => {
  for (const reuse of ['true', 'false']) {
    for (const make of [(one: UpgradeRequest) => upgradeArguments(one, '--wait'), dryRunArguments]) {
      const all = make(request({ 'reuse-values': reuse }))
      assert.doesNotMatch(all.join('\n'), /--(atomic|rollback-on-failure|force|cleanup-on-fail)/)
      assert.equal(all.filter((argument) => /^--re(set|use)-values$/.test(argument)).length, 1)
    }
  }
})

test('the namespace is made by us: Helm would apply one that is there already', () => {
  const all = upgradeArguments(request({ 'create-namespace': 'true' }), '--wait')
  assert.ok(!all.some((argument) => argument.startsWith('--create-namespace')))
})

test('inline values are never an argument', () => {
  assert.doesNotMatch(upgradeArguments(request({ values: 'password: hunter2' }), '--wait').join(' '), /hunter2/)
})

test('whatever a user gives stands behind an equals sign', () => {
  const hostile = request({ set: '--post-renderer=/bin/sh\nx=1', 'chart-version': '1' })
  for (const argument of upgradeArguments(hostile, '--wait').slice(3)) assert.match(argument, /^--[a-z-]+(=|$)/)
  assert.ok(upgradeArguments(hostile, '--wait').includes('--set=--post-renderer=/bin/sh'))
})

test('a dry run renders against the server as JSON and waits for nothing', () => {
  const all = dryRunArguments(request({ 'wait-for-jobs': 'true' }))
  assert.ok(all.includes('--dry-run=server') && all.includes('--output=json'))
  assert.doesNotMatch(all.join(' '), /--wait/)
})

test('Helm 4 waits in the old way where its watcher would give up at the first failed pod', () => {
  const objects = (...kinds: string[]) => kinds.map((kind) => ({ kind, metadata: { name: 'x' } }))
  assert.equal(waitFlag(4, objects('Deployment', 'Service')), '--wait')
  assert.equal(waitFlag(4, objects('Deployment', 'StatefulSet')), '--wait=legacy')
  assert.equal(waitFlag(4, objects('Pod')), '--wait=legacy')
  assert.equal(waitFlag(4, objects()), '--wait')
  assert.equal(waitFlag(3, objects('StatefulSet', 'Pod')), '--wait')
  const job = (suspend: boolean) => [{ kind: 'Job', metadata: { name: 'x' }, spec: { suspend } }]
  assert.deepEqual(
    [waitFlag(4, job(true)), waitFlag(4, job(false)), waitFlag(3, job(true))],
    ['--wait=legacy', '--wait', '--wait'],
  )
  const daemon = (type: string) => [{ kind: 'DaemonSet', metadata: { name: 'x' }, spec: { updateStrategy: { type } } }]
  assert.deepEqual(
    [waitFlag(4, daemon('OnDelete')), waitFlag(4, daemon('RollingUpdate')), waitFlag(4, objects('DaemonSet'))],
    ['--wait=legacy', '--wait', '--wait'],
  )
})

test('a rollback goes to an explicit revision and prunes nothing', () => {
  const all = rollbackArguments(bare, 41, 300_000, { force: false, noHooks: false })
  assert.deepEqual(all, ['rollback', 'shop', '41', '--namespace=prod', '--timeout=5m', '--history-max=0'])
  const forced = rollbackArguments(bare, 41, 300_000, { force: true, noHooks: true })
  assert.deepEqual(forced, [...all, '--force-conflicts', '--no-hooks'])
})

test('an uninstall waits', () => {
  assert.deepEqual(uninstallArguments(bare, 1000, false), [
    'uninstall',
    'shop',
    '--namespace=prod',
    '--wait',
    '--timeout=1s',
  ])
  assert.equal(uninstallArguments(bare, 1000, true).at(-1), '--keep-history')
})

test('labels are in the alphabet of label values, whatever the actor is called', () => {
  const env = {
    GITHUB_RUN_ID: '9001',
    GITHUB_RUN_ATTEMPT: '2',
    GITHUB_ACTOR: 'robot[bot],x=y',
    GITHUB_SHA: 'a'.repeat(40),
  }
  assert.deepEqual(revisionLabels(readContext(env, null), request().inputs), {
    'atomic-helm.dev/managed': 'true',
    'atomic-helm.dev/run': '9001',
    'atomic-helm.dev/attempt': '2',
    'atomic-helm.dev/actor': 'robot-bot--x-y',
    'atomic-helm.dev/commit': 'a'.repeat(40),
    'atomic-helm.dev/timeout': '900',
  })
  const actors = ['[]', '-', 'ünï', 'a'.repeat(62) + '--', '_x_']
  for (const GITHUB_ACTOR of actors) {
    const value = revisionLabels(readContext({ GITHUB_ACTOR }, null), request().inputs)['atomic-helm.dev/actor'] ?? ''
    assert.match(value, /^$|^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, GITHUB_ACTOR)
  }
})

test('the description names commit, actor and run as far as they are known', () => {
  assert.equal(revisionDescription(readContext({}, null)), 'Deployed by atomic-helm-action')
  const env = { GITHUB_REPOSITORY: 'o/r', GITHUB_RUN_ID: '7', GITHUB_SHA: 'abcdef0123456789', GITHUB_ACTOR: 'me' }
  assert.equal(
    revisionDescription(readContext(env, null)),
    'Deployed by atomic-helm-action of abcdef012345 for me in https://github.com/o/r/actions/runs/7',
  )
})
