// What exists without a release history is nobody's to take over: the deploy is rejected and nothing is touched.
import assert from 'node:assert/strict'
import { sideBySide, staged } from '../../helpers/majors.ts'

sideBySide('objects without a release', () => {
  staged(
    'are not installed over when their history is lost',
    {},
    async ({ install, deploy, picture, cluster, path }) => {
      await install('shop')
      for (const record of await cluster.list(`${path}/secrets?labelSelector=owner%3Dhelm`)) {
        await cluster.remove(`${path}/secrets/${record.metadata.name}`)
      }
      const before = await picture()
      const run = await deploy({ set: 'image.tag=2' })
      assert.deepEqual([run.status, run.outputs['rollback'], run.outputs['revision']], ['rejected', 'none', ''])
      for (const name of ['Deployment/shop', 'Service/shop', 'ConfigMap/shop-settings'])
        assert.ok(run.outputs['reason']?.includes(name), run.outputs['reason'])
      assert.deepEqual(await picture(), before)
      assert.deepEqual(await cluster.list(`${path}/secrets?labelSelector=owner%3Dhelm`), [])
    },
  )

  staged('are not taken over when somebody else made one of them', {}, async ({ deploy, picture, cluster, path }) => {
    await cluster.create(`${path}/services`, {
      metadata: { name: 'shop' },
      spec: { selector: { app: 'other' }, ports: [{ port: 80 }] },
    })
    const before = await picture()
    const run = await deploy()
    assert.equal(run.status, 'rejected')
    assert.match(run.outputs['reason'] ?? '', /Service\/shop/)
    assert.deepEqual(await picture(), before)
  })

  staged('stay when an upgrade brings an object that somebody else has', {}, async (stage) => {
    const { install, deploy, picture, cluster, path } = stage
    await install('shop')
    await cluster.create(`/apis/batch/v1/namespaces/${stage.namespace}/jobs`, {
      metadata: { name: 'shop-index-2' },
      spec: {
        template: {
          spec: { restartPolicy: 'Never', containers: [{ name: 'x', image: 'testbed.local/app:1', args: ['exit'] }] },
        },
      },
    })
    const before = await picture()
    const run = await deploy({ set: 'job=succeed\ngreeting=Hello' })
    assert.equal(run.report.findings[0]?.class, 'ownership')
    assert.match(run.comment, /shop-index-2/)
    // Both majors look for the owner of each object before they record a revision.
    assert.deepEqual([run.status, run.outputs['rollback'], run.outputs['revision']], ['rejected', 'none', '1'], run.log)
    const records = (await cluster.releases(stage.namespace)).map(({ revision, status }) => [revision, status])
    assert.deepEqual(records, [[1, 'deployed']])
    const after = await picture()
    assert.deepEqual(after.uids, before.uids)
    assert.deepEqual(after.objects['ConfigMap/shop-settings'], before.objects['ConfigMap/shop-settings'])
    assert.ok(await cluster.get(`${path}/configmaps/shop-settings`))
  })
})
