// The post step never deploys, whatever the environment says, and deletes nothing but its own folder.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openCluster, uniqueName } from '../../helpers/cluster.ts'
import { fixtureChart } from '../../helpers/helm.ts'
import { runAction } from '../../helpers/runner.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { helmMajors, useTestbed } from '../../helpers/testbed.ts'

const post = fileURLToPath(new URL('../../../dist/post.js', import.meta.url))

function runPost(env: Record<string, string>): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [post], {
    env: { GITHUB_ACTIONS: 'true', ...env },
    encoding: 'utf8',
  })
  return { status, output: stdout + stderr }
}

test('post deploys nothing, with all inputs set and a forged state', async (context) => {
  const testbed = await useTestbed()
  const cluster = openCluster(testbed.kubeconfig)
  const namespace = uniqueName('post')
  await cluster.createNamespace(namespace)
  context.after(() => cluster.remove(`/api/v1/namespaces/${namespace}`))
  const temp = temporaryDirectory('temp')
  // One of ours, so that the bundle is entered.
  const folder = join(temp, 'atomic-helm-forged')
  mkdirSync(folder)
  const { status, output } = runPost({
    PATH: `${helmMajors(testbed)[0]?.dir}:/usr/bin:/bin`,
    KUBECONFIG: testbed.kubeconfig,
    RUNNER_TEMP: temp,
    INPUT_MODE: 'deploy',
    INPUT_RELEASE: 'shop',
    INPUT_NAMESPACE: namespace,
    INPUT_CHART: fixtureChart('shop'),
    INPUT_KUBECONFIG: '',
    'INPUT_CREATE-NAMESPACE': 'true',
    STATE_isPost: '',
    STATE_phase: 'main',
    STATE_mode: 'deploy',
    'STATE_private-folder': folder,
  })
  assert.equal(existsSync(folder), false)
  assert.equal(status, 0, output)
  assert.deepEqual(await cluster.normalisedObjects(namespace), {})
  assert.deepEqual(await cluster.releases(namespace), [])
  assert.doesNotMatch(output, /helm|release/i)
})

test('post removes only a folder of its own in RUNNER_TEMP', () => {
  const temp = temporaryDirectory('temp')
  const own = join(temp, 'atomic-helm-abc')
  const others = [
    join(temp, 'somebody-else'),
    join(temporaryDirectory('other'), 'atomic-helm-abc'),
    join(temp, 'atomic-helm-abc', '..', 'deep'),
    temp,
  ]
  for (const folder of [own, ...others]) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'file'), 'x')
  }
  for (const folder of others) {
    const { status, output } = runPost({ RUNNER_TEMP: temp, 'STATE_private-folder': folder })
    assert.equal(status, 0, output)
    assert.ok(existsSync(join(folder, 'file')), folder)
    assert.match(output, /^::warning/m)
  }
  assert.equal(runPost({ RUNNER_TEMP: temp, 'STATE_private-folder': own }).status, 0)
  assert.equal(existsSync(own), false)
  assert.equal(runPost({ RUNNER_TEMP: temp, 'STATE_private-folder': own }).status, 0, 'also when it is gone')
})

test('main leaves nothing for post to do when it ends by itself', async () => {
  const helm = helmMajors(await useTestbed())[0]?.dir ?? ''
  const run = await runAction({ inputs: { mode: 'setup', 'helm-version': 'installed' }, path: [helm] })
  assert.equal(run.outputs['status'], 'installed', run.log)
  assert.equal(run.main.state['private-folder'], '')
  assert.deepEqual(
    readdirSync(run.temp).filter((name) => name.startsWith('atomic-helm-') && !name.endsWith('.json')),
    [],
  )
  assert.deepEqual(run.post?.lines, [])
})
