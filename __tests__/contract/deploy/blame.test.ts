// Only what this deploy made is judged and only what it changed is drift.
import assert from 'node:assert/strict'
import { missingImage } from '../../helpers/broken.ts'
import { configMap, deployment, writeChart } from '../../helpers/chart.ts'
import { scaleToThree } from '../../helpers/autoscaler.ts'
import { until } from '../../helpers/cluster.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { assertRestored } from '../../helpers/stage.ts'
import type { Stage } from '../../helpers/stage.ts'

const deployments = ({ namespace }: Stage): string => `/apis/apps/v1/namespaces/${namespace}/deployments`

sideBySide('not to blame', () => {
  staged('is what was broken before', {}, async (stage) => {
    const { helm, deploy, cluster, picture, namespace, testbed } = stage
    const chart = (image: string): string =>
      writeChart({
        'templates/old.yaml': deployment('old', ['serve'], { image: testbed.images.missing }),
        'templates/new.yaml': deployment('new', ['serve'], { image }),
      })
    const first = await helm('install', 'shop', chart('testbed.local/app:1'))
    assert.equal(first.exitCode, 0, first.stderr)
    await cluster.create(deployments(stage), JSON.parse(deployment('foreign', ['exit', '1'])) as object)
    await until('the good one', async () =>
      (await cluster.podHashes(namespace)).some(({ owner, ready }) => ready && owner.includes('new')),
    )
    const before = await picture()
    const run = await deploy({ chart: chart(testbed.images.missing.replace('missing', 'absent')) })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    assert.deepEqual(
      run.report.findings.map(({ resource }) => resource.name),
      ['new'],
    )
    const after = await picture()
    assert.deepEqual([after.objects, after.uids], [before.objects, before.uids])
  })

  staged('is what somebody changed by hand before', {}, async (stage) => {
    const { install, deploy, cluster, testbed } = stage
    await install('shop')
    await cluster.patch(`${deployments(stage)}/shop`, { spec: { replicas: 3 }, metadata: { labels: { team: 'blue' } } })
    await cluster.patch(`${stage.path}/configmaps/shop-settings`, { data: { greeting: 'By hand', extra: 'kept' } })
    await until(
      'three pods',
      async () => (await cluster.podHashes(stage.namespace)).filter(({ ready }) => ready).length === 3,
    )
    const run = await deploy({ set: missingImage(testbed) })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    assert.deepEqual(run.report.undo?.drifts, [])
    const { data } = { data: {}, ...(await cluster.get(`${stage.path}/configmaps/shop-settings`)) }
    assert.equal((data as Record<string, string>)['extra'], 'kept')
  })

  staged('are replicas that an autoscaler owns', {}, async (stage) => {
    const { install, deploy, cluster, testbed, namespace } = stage
    await install('shop')
    await scaleToThree(cluster, namespace, 'shop')
    const run = await deploy({ set: missingImage(testbed) })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    assert.deepEqual(run.report.undo?.drifts, [])
  })
})

sideBySide('drift', () => {
  staged('is what the failed revision leaves', {}, async ({ deploy, cluster, path, testbed, install }) => {
    const chart = (files: Record<string, string>, image: string): string =>
      writeChart({ 'templates/app.yaml': deployment('app', ['serve'], { image }), ...files })
    await install(chart({}, 'testbed.local/app:1'))
    const held = JSON.parse(configMap('held', { data: 'x' })) as { metadata: { finalizers?: string[] } }
    held.metadata.finalizers = ['example.com/hold']
    try {
      const broken = chart({ 'templates/held.yaml': JSON.stringify(held) }, testbed.images.missing)
      const run = await deploy({ chart: broken, 'rollback-timeout': '15s' })
      assert.ok(['rolled-back', 'rollback-failed'].includes(run.status), run.log)
      assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'drifted'], run.log)
      const [drift] = run.report.undo?.drifts ?? []
      assert.deepEqual([drift?.kind, drift?.object.name], ['left-over', 'held'])
      assert.match(run.comment, /held/)
      assert.match(run.comment, /example\.com\/hold/)
    } finally {
      await cluster.patch(`${path}/configmaps/held`, { metadata: { finalizers: null } }).catch(() => undefined)
    }
  })

  staged(
    'is none after a rollback that brings a deleted object back',
    {},
    async ({ install, deploy, testbed, picture }) => {
      const all = { 'templates/a.yaml': configMap('a', { x: '1' }), 'templates/b.yaml': configMap('b', { x: '1' }) }
      const app = (image: string): Record<string, string> => ({
        'templates/app.yaml': deployment('app', ['serve'], { image }),
      })
      await install(writeChart({ ...all, ...app('testbed.local/app:1') }))
      const before = await picture()
      const run = await deploy({
        chart: writeChart({ 'templates/a.yaml': all['templates/a.yaml'], ...app(testbed.images.missing) }),
      })
      assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
      const after = await picture()
      assert.deepEqual(after.objects, before.objects)
      assertRestored({ ...after, uids: {} }, { ...before, uids: {} })
    },
  )
})
