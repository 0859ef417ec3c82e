// What a workflow gets of `mode: setup`: outputs, Helm on PATH, and a log that can be read.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { describe, test } from 'node:test'
import { parseInputs } from '../../../src/inputs/parse.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { systemOf } from '../../../src/platform/system.ts'
import { prepareHelm } from '../../../src/prepare-helm.ts'
import type { World } from '../../../src/world.ts'
import { published, sha256Of, smallArchive } from '../../helpers/downloads.ts'
import { fixtureChart } from '../../helpers/helm.ts'
import { runAction } from '../../helpers/runner.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { assertInstalled, assertRefused, assertTidy, install, realHelm, serve, versionOf } from './install.ts'

const helms = [await realHelm(3), await realHelm(4)]
const version = '4.99.0'
const files = published(version, await smallArchive(version))

describe('setup', { concurrency: 2 }, () => {
  for (const { version, archive } of helms)
    test(`puts Helm ${version} on PATH for later steps`, async (context) => {
      const server = await serve(context, published(version, await archive()))
      const hash = { 'helm-sha256': sha256Of(await archive()) }
      const run = await install({ 'helm-version': version, ...hash, 'helm-download-url': server.url })
      assertInstalled(run, version)
      const path = [...run.main.path, '/usr/bin', '/bin'].join(':')
      const env = { PATH: path, HOME: temporaryDirectory('home') }
      const said = execFileSync('sh', ['-c', 'helm version --short && command -v helm'], { env, encoding: 'utf8' })
      assert.equal(said.split('\n')[0]?.replace(/\+.*/, ''), `v${version}`)
      assert.equal(said.split('\n')[1], run.outputs['helm-path'])
    })

  test('tells its outputs, and leaves those of a deploy empty', async (context) => {
    const server = await serve(context, files)
    const run = await install({ 'helm-version': version, 'helm-download-url': server.url })
    assertInstalled(run, version)
    const { status, reason, 'report-file': report = '', 'helm-version': _, 'helm-path': __, ...others } = run.outputs
    assert.deepEqual([status, reason], ['installed', `Helm ${version} is on PATH`])
    const told = Object.entries(others).filter(([, value]) => value !== '')
    assert.deepEqual(told, [
      ['failing-resources', '[]'],
      ['rollback', 'none'],
    ])
    const { status: inReport, helm } = JSON.parse(readFileSync(report, 'utf8')) as Record<string, unknown>
    assert.deepEqual([inReport, helm], ['installed', { version, path: run.outputs['helm-path'] }])
    assert.deepEqual([run.summary, run.annotations, run.main.env], ['', [], {}])
  })

  test('is a warning when PATH cannot be told to later steps, and Helm is there all the same', async (context) => {
    const server = await serve(context, files)
    const warnings: string[] = []
    const world: Partial<World> = {
      system: systemOf(process.platform, process.arch),
      env: { RUNNER_TOOL_CACHE: temporaryDirectory('tools'), PATH: '/nowhere' },
      clock: systemClock,
      log: { line: () => undefined, warning: (text: string) => warnings.push(text) } as unknown as World['log'],
      secrets: { learn: () => undefined } as unknown as World['secrets'],
      exportPath: () => {
        throw new Error('Missing file at path: /nowhere/add_path')
      },
    }
    const given: Record<string, string> = { mode: 'setup', 'helm-version': version, 'helm-download-url': server.url }
    const { inputs } = parseInputs((name) => given[name] ?? '')
    const setup = await prepareHelm(world as World, inputs, false)
    assert.ok('helm' in setup, JSON.stringify(setup))
    assert.equal(versionOf(setup.helm.path), `v${version}`)
    assert.deepEqual(warnings, ['Helm is not on PATH for later steps: Missing file at path: /nowhere/add_path'])
  })

  test('needs neither a cluster, nor a workspace, nor a token', async (context) => {
    const server = await serve(context, files)
    const inputs = { 'helm-version': version, 'helm-download-url': server.url, 'github-token': '' }
    const env = { HOME: '/nowhere', KUBECONFIG: '/nowhere/config', GITHUB_WORKSPACE: '', GITHUB_EVENT_PATH: '' }
    assertInstalled(await install(inputs, { env }), version)
  })

  test('leaves nothing for the post step', async (context) => {
    const server = await serve(context, files)
    const run = await install({ 'helm-version': version, 'helm-download-url': server.url })
    assert.deepEqual([run.main.state, run.post?.lines, run.post?.exitCode], [{}, [], 0])
    assert.deepEqual(run.orphans, [])
    assertTidy(run)
  })

  test('tells all problems at once, and downloads nothing', async (context) => {
    const server = await serve(context, files)
    const inputs = { 'helm-version': '5.0.0', 'helm-sha256': 'abc', 'helm-download-url': `${server.url}\nftp://x` }
    const run = await install(inputs)
    assertRefused(run, /Helm 5\.0\.0 is not Helm 3 or 4/, /"abc" is not a SHA-256/, /"ftp:\/\/x" is not an http/)
    assert.deepEqual(server.requests(), [])
  })

  test('downloads nothing for a deploy that cannot begin', async (context) => {
    const server = await serve(context, files)
    const download = { 'helm-version': version, 'helm-download-url': server.url }
    const inputs = { mode: 'deploy', timeout: 'soon', comment: 'never', ...download }
    const run = await runAction({ inputs, env: { PATH: '/nowhere' } })
    assert.equal(run.outputs['status'], 'rejected', run.log)
    assert.deepEqual([server.requests(), run.main.path], [[], []])
  })

  test('installs for a deploy as well, whose cluster is not there', async (context) => {
    const server = await serve(context, files)
    const chart = fixtureChart('shop')
    const inputs = {
      mode: 'deploy',
      comment: 'never',
      release: 'shop',
      chart,
      'helm-version': version,
      'helm-download-url': server.url,
      kubeconfig: kubeconfigFor('http://127.0.0.1:9'),
    }
    const run = await runAction({ inputs, env: { PATH: '/nowhere' } })
    assert.equal(run.outputs['status'], 'rejected', run.log)
    assert.equal(basename(run.outputs['helm-path'] ?? ''), 'helm')
    assert.deepEqual(run.main.path, [dirname(run.outputs['helm-path'] ?? '')])
  })
})

function kubeconfigFor(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'gone', cluster: { server } }],
    users: [{ name: 'nobody', user: { token: 'x'.repeat(20) } }],
    contexts: [{ name: 'gone', context: { cluster: 'gone', user: 'nobody' } }],
    'current-context': 'gone',
  })
}
