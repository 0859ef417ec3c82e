// The post step never deploys, whatever the environment says, and deletes nothing but its own folder.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createPrivateFiles } from '../../../src/platform/private-files.ts'
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

const step = { GITHUB_RUN_ID: '7', GITHUB_RUN_ATTEMPT: '1', GITHUB_JOB: 'deploy', GITHUB_ACTION: '__self' }

/** A folder as main of that step makes it. */
function ownFolder(temp: string): string {
  return createPrivateFiles({ ...step, RUNNER_TEMP: temp }).folder
}

test('post deploys nothing, with all inputs set and a forged state', async (context) => {
  const testbed = await useTestbed()
  const cluster = openCluster(testbed.kubeconfig)
  const namespace = uniqueName('post')
  await cluster.createNamespace(namespace)
  context.after(() => cluster.remove(`/api/v1/namespaces/${namespace}`))
  const temp = temporaryDirectory('temp')
  // One of this step's, so that it is entered, with a journal that says nothing was begun.
  const folder = ownFolder(temp)
  writeFileSync(join(folder, 'journal.json'), JSON.stringify({ stage: 'preparing', inputs: {} }))
  const { status, output } = runPost({
    ...step,
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
  })
  assert.equal(existsSync(folder), false)
  assert.equal(status, 0, output)
  assert.deepEqual(await cluster.normalisedObjects(namespace), {})
  assert.deepEqual(await cluster.releases(namespace), [])
  assert.doesNotMatch(output, /helm|release/i)
})

test('post touches only the folders of its own step, whatever state and folders say', () => {
  const temp = temporaryDirectory('temp')
  const own = ownFolder(temp)
  const others = [
    join(temp, 'somebody-else'),
    join(temp, 'atomic-helm-abc'),
    join(temp, 'atomic-helm-0123456789ab-abcdef'),
    join(temporaryDirectory('other'), basename(own)),
  ]
  for (const folder of [own, ...others]) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'file'), 'x')
  }
  for (const state of ['', ...others]) {
    const { status, output } = runPost({ ...step, RUNNER_TEMP: temp, 'STATE_private-folder': state })
    assert.deepEqual([status, output], [0, ''])
  }
  assert.equal(existsSync(own), false)
  for (const folder of others) assert.ok(existsSync(join(folder, 'file')), folder)
})

test('main leaves nothing for post to do when it ends by itself', async () => {
  const helm = helmMajors(await useTestbed())[0]?.dir ?? ''
  const run = await runAction({ inputs: { mode: 'setup', 'helm-version': 'installed' }, path: [helm] })
  assert.equal(run.outputs['status'], 'installed', run.log)
  assert.deepEqual(run.main.state, {})
  assert.deepEqual(
    readdirSync(run.temp).filter((name) => name.startsWith('atomic-helm-') && !name.endsWith('.json')),
    [],
  )
  assert.deepEqual(run.post?.lines, [])
})
