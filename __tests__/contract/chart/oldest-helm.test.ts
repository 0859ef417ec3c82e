// The oldest Helm that is supported: it deploys, it is rolled back, and what it does not know yet is refused beforehand.
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { startRegistry } from '../../helpers/charts-server.ts'
import { assertRestored, setStage } from '../../helpers/stage.ts'
import type { Stage } from '../../helpers/stage.ts'
import type { HelmMajor } from '../../helpers/testbed.ts'
import { ensureTool } from '../../testbed/cache.ts'
import { versions } from '../../testbed/versions.ts'
import { workspaceWith } from './application.ts'
import {
  anyHelm,
  assertUntouched,
  chartName,
  deployedVersion,
  newLogin,
  inputsOf,
  packageVersions,
  problemsOf,
  shelf,
} from './shelf.ts'

const helm: HelmMajor = { major: 3, dir: await ensureTool('helmOldest') }
const login = newLogin()
const registry = await startRegistry({ login, tls: 'mutual' })
after(registry.close)
const [archive = ''] = await packageVersions('0.1.0')
await registry.push(anyHelm, archive)
const oci = `oci://${registry.host}/charts`
const certificates = [
  `--ca-file=${registry.caFile}`,
  `--cert-file=${registry.caFile}`,
  `--key-file=${registry.keyFile}`,
]

async function stageFor(context: TestContext): Promise<Stage> {
  return setStage(context, { helm })
}

describe(`Helm ${versions.helmOldest}`, { concurrency: 4 }, () => {
  test('deploys, and is rolled back when the deploy fails', async (context) => {
    const { deploy, picture } = await stageFor(context)
    const first = await deploy({ 'helm-version': versions.helmOldest })
    assert.deepEqual([first.status, first.outputs['helm-version']], ['deployed', versions.helmOldest], first.log)
    assert.doesNotMatch(first.log, /is not supported/)
    const before = await picture()
    const bad = await deploy({ set: 'crash=true\ngreeting=Hello' })
    assert.deepEqual([bad.status, bad.outputs['rollback']], ['rolled-back', 'restored'], bad.log)
    assert.equal(bad.report.findings[0]?.class, 'crash-loop')
    assertRestored(await picture(), before)
    const good = await deploy({ set: 'greeting=Hello', 'wait-for-jobs': 'true' })
    assert.equal(good.status, 'deployed', good.log)
  })

  test('uninstalls a first install that fails', async (context) => {
    const { deploy, cluster, namespace } = await stageFor(context)
    const run = await deploy({ set: 'configKey=farewell' })
    assert.deepEqual([run.status, run.outputs['rollback']], ['uninstalled', 'restored'], run.log)
    assert.deepEqual(await cluster.releases(namespace), [])
  })

  test('logs in to a registry, and tells the digest of what it fetches', async (context) => {
    const stage = await stageFor(context)
    // To this machine it speaks without TLS by itself, but for the list of versions.
    const plain = await startRegistry({ login })
    context.after(plain.close)
    await plain.push(anyHelm, archive)
    const chart = `oci://${plain.host}/charts/${chartName}`
    const run = await stage.deploy({ chart, 'chart-version': '0.1.0', ...inputsOf(login) })
    assert.equal(run.status, 'deployed', run.log)
    assert.equal(await deployedVersion(stage), '0.1.0')
    assert.equal(run.outputs['chart-digest'], await plain.digest(`charts/${chartName}`, '0.1.0'))
  })

  const unknown: [what: string, args: string[], needed: string[]][] = [
    ['what came with a later minor', ['--skip-schema-validation', '--hide-notes'], ['3.16', '3.16']],
    ['what only Helm 4 knows', ['--server-side=false', '--force-conflicts'], ['4', '4']],
  ]
  for (const [what, args, needed] of unknown)
    test(`is not given ${what}`, async (context) => {
      const stage = await stageFor(context)
      const run = await stage.deploy({ chart: shelf, 'helm-args': [...args, '--skip-crds'].join('\n') })
      await assertUntouched(stage, run)
      assertNeeded(run, needed)
    })

  test('is not given certificates for dependencies', async (context) => {
    const stage = await stageFor(context)
    const dependency = { name: chartName, version: '0.1.0', repository: oci }
    const workspace = await workspaceWith([dependency], { host: registry.host, login, flags: certificates })
    const inputs = {
      chart: './app',
      repo: oci,
      ...inputsOf(login),
      'helm-args': ['--plain-http', certificates[0]].join('\n'),
    }
    const run = await stage.deploy(inputs, { workspace })
    await assertUntouched(stage, run)
    assertNeeded(run, ['3.18', '3.17'])
  })
})

function assertNeeded(run: Parameters<typeof problemsOf>[0], needed: string[]): void {
  const problems = problemsOf(run)
  const told = problems.map(
    ({ problem, remedy }) =>
      /needs Helm (\S+) or newer, and this is Helm 3\.14\.4.*helm-version: \1`/.exec(`${problem}: ${remedy}`)?.[1],
  )
  assert.deepEqual(told, needed, run.log)
}
