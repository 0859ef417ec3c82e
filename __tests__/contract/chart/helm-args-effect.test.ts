// Extra arguments of Helm do what they say, on live objects, and an undo brings back what they did.
import assert from 'node:assert/strict'
import { after } from 'node:test'
import { job, writeChart } from '../../helpers/chart.ts'
import { startRepository } from '../../helpers/charts-server.ts'
import { uniqueName } from '../../helpers/cluster.ts'
import type { KubeObject } from '../../helpers/cluster/api.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { assertRestored } from '../../helpers/stage.ts'
import type { Stage } from '../../helpers/stage.ts'
import { relabel } from './renderer.ts'
import {
  anyHelm,
  assertNotFound,
  assertUntouched,
  chartName,
  deployedVersion,
  packageVersions,
  shelf,
  template,
} from './shelf.ts'

const repository = await startRepository(anyHelm, await packageVersions('0.1.0'))
after(repository.close)

async function liveMap({ cluster, path }: Stage): Promise<KubeObject | undefined> {
  return cluster.get(`${path}/configmaps/${chartName}`)
}

async function appliedBy(stage: Stage): Promise<string[]> {
  const fields = (await liveMap(stage))?.metadata['managedFields'] as { operation: string }[] | undefined
  return (fields ?? []).map(({ operation }) => operation)
}

sideBySide('extra arguments', () => {
  staged('render with a program of the user, on the way back too', {}, async (stage, { major }) => {
    const chart = writeChart({
      'templates/shelf.yaml': template.replace('.Chart.Version', '.Values.note'),
      'templates/check.yaml': job('check', ['crash', 'boom'], { 'helm.sh/hook': 'post-upgrade' }),
    })
    const renderer = relabel(major)
    const args = `--post-renderer=${renderer.name}\n--post-renderer-args=--as=two words\n--post-renderer-args=second`
    const inputs = { chart, 'helm-args': args }
    const good = await stage.deploy({ ...inputs, set: 'note=good' }, { env: renderer.env })
    assert.equal(good.status, 'deployed', good.log)
    assert.match(renderer.given(), /^arguments: --as=two words second$/m)
    const label = async (): Promise<unknown> => (await liveMap(stage))?.metadata.labels?.['rendered-by']
    assert.equal(await label(), 'us')
    const before = await stage.picture()
    const bad = await stage.deploy({ ...inputs, set: 'note=bad' }, { env: renderer.env })
    assert.deepEqual([bad.status, bad.outputs['rollback']], ['rolled-back', 'restored'], bad.log)
    assert.equal(await label(), 'us')
    assertRestored(await stage.picture(), before)
  })

  staged('name a program that fails, or is not there', {}, async (stage) => {
    for (const name of ['/bin/false', 'nowhere-to-be-found']) {
      const run = await stage.deploy({ chart: shelf, 'helm-args': `--post-renderer=${name}` })
      await assertUntouched(stage, run)
      assert.match(run.outputs['reason'] ?? '', new RegExp(name.slice(1)))
    }
  })

  staged('leave out what a chart would define for the whole cluster', {}, async (stage) => {
    const plural = uniqueName('things').replaceAll('-', '')
    const schema = { openAPIV3Schema: { type: 'object' } }
    const spec = {
      group: 'shelf.test',
      scope: 'Namespaced',
      names: { plural, singular: plural, kind: plural.replace('t', 'T') },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    }
    const metadata = { name: `${plural}.shelf.test` }
    const definition = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata, spec }
    const chart = writeChart({ 'crds/thing.yaml': JSON.stringify(definition), 'templates/shelf.yaml': template })
    const run = await stage.deploy({ chart, 'helm-args': '--skip-crds' })
    assert.equal(run.status, 'deployed', run.log)
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${metadata.name}`
    assert.equal(await stage.cluster.get(path), undefined)
  })

  staged('look up names, and take values that the schema of the chart does not', {}, async (stage) => {
    const chart = writeChart({
      'templates/shelf.yaml': template.replace('.Chart.Version', 'getHostByName "localhost"'),
      'values.schema.json': JSON.stringify({ type: 'object', required: ['owner'] }),
    })
    await assertUntouched(stage, await stage.deploy({ chart, 'helm-args': '--enable-dns' }))
    const run = await stage.deploy({ chart, 'helm-args': '--enable-dns\n--skip-schema-validation' })
    assert.equal(run.status, 'deployed', run.log)
    assert.match((await deployedVersion(stage)) ?? '', /^(127\.0\.0\.1|::1)$/)
  })

  staged('check the origin of a chart', {}, async (stage) => {
    const inputs = { chart: chartName, repo: repository.url, 'helm-args': `--verify\n--keyring=/dev/null` }
    const run = await stage.deploy(inputs)
    await assertNotFound(stage, run, /`repo`/)
    assert.match(run.outputs['reason'] ?? '', /\.prov/)
  })

  staged('choose how Helm 4 applies', { only: 4 }, async (stage) => {
    const run = await stage.deploy({ chart: shelf, 'helm-args': '--server-side=false' })
    assert.deepEqual([run.status, await appliedBy(stage)], ['deployed', ['Update']], run.log)
    const other = await stage.deploy({ chart: shelf, 'helm-args': '--server-side=true\n--force-conflicts' })
    assert.equal(other.status, 'deployed', other.log)
    assert.ok((await appliedBy(stage)).includes('Apply'))
  })

  staged('take back from others what is in the chart, with Helm 4', { only: 4 }, async (stage) => {
    assert.equal((await stage.deploy({ chart: shelf })).status, 'deployed')
    const theirs = `${stage.path}/configmaps/${chartName}?fieldManager=other`
    await stage.cluster.patch(theirs, { data: { version: 'theirs' } })
    assert.equal((await stage.deploy({ chart: shelf })).status, 'rolled-back')
    const run = await stage.deploy({ chart: shelf, 'helm-args': '--force-conflicts' })
    assert.equal(run.status, 'deployed', run.log)
    assert.equal(await deployedVersion(stage), '0.1.0')
  })
})
