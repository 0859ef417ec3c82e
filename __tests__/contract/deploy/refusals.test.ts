// What the API server refuses is told as what it is, and undone.
import assert from 'node:assert/strict'
import { deployment, writeChart } from '../../helpers/chart.ts'
import { kubeconfigOfAccount } from '../../helpers/account.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { assertRestored } from '../../helpers/stage.ts'
import type { Deployed, Stage } from '../../helpers/stage.ts'

/** Both majors record the revision before they ask for its objects, so it is one that failed, and going back makes a third. */
async function assertTakenBack({ cluster, namespace }: Stage, run: Deployed): Promise<void> {
  const { rollback, revision } = run.outputs
  assert.deepEqual([run.status, rollback, revision], ['rolled-back', 'restored', '3'], run.log)
  const records = (await cluster.releases(namespace)).map((record) => [record.revision, record.status])
  assert.deepEqual(records, [
    [1, 'superseded'],
    [2, 'failed'],
    [3, 'deployed'],
  ])
}

sideBySide('the API server refuses', () => {
  staged('a change of an immutable field', {}, async ({ install, deploy, picture }) => {
    await install('shop')
    const before = await picture()
    const run = await deploy({ set: 'track=canary\ngreeting=Hello' })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    const [finding] = run.report.findings
    assert.deepEqual(
      [finding?.class, finding?.resource.kind, finding?.resource.name],
      ['immutable-field', 'Deployment', 'shop'],
    )
    assert.match(run.comment, /spec\.selector/)
    assertRestored(await picture(), before)
  })

  staged('an object that is not valid', {}, async ({ install, deploy, picture }) => {
    await install('shop')
    const before = await picture()
    const run = await deploy({ set: 'port=70000\ngreeting=Hello' })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    const [finding] = run.report.findings
    assert.deepEqual(
      [finding?.class, finding?.resource.kind, finding?.resource.name],
      ['invalid-object', 'Service', 'shop'],
    )
    assert.match(run.comment, /spec\.ports\[0\]\.port/)
    assertRestored(await picture(), before)
  })

  staged('an object over the quota', {}, async (stage) => {
    const { install, deploy, picture, cluster, path } = stage
    await install('settings')
    await cluster.create(`${path}/resourcequotas`, { metadata: { name: 'small' }, spec: { hard: { services: '0' } } })
    const before = await picture()
    const quota = before.objects['ResourceQuota/small']
    assert.ok(quota)
    const run = await deploy({ timeout: '30s' })
    await assertTakenBack(stage, run)
    const [finding] = run.report.findings
    assert.deepEqual([finding?.class, finding?.resource.kind], ['quota-exceeded', 'Service'])
    assertRestored(await picture(), before)
  })

  staged('pods over the quota', {}, async ({ install, deploy, picture, cluster, path }) => {
    await install('shop', 'replicas=1')
    await cluster.create(`${path}/resourcequotas`, { metadata: { name: 'pods' }, spec: { hard: { pods: '1' } } })
    const before = await picture()
    const run = await deploy({ set: 'replicas=1\nimage.tag=2' })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    assert.equal(run.report.findings[0]?.class, 'quota-exceeded')
    assert.match(run.comment, /exceeded quota/)
    assertRestored(await picture(), before)
  })

  staged('what the account may not do', {}, async (stage) => {
    const { deploy, install, picture } = stage
    await install('settings')
    const before = await picture()
    const kubeconfig = await kubeconfigOfAccount(stage, [
      { apiGroups: [''], resources: ['secrets', 'configmaps', 'pods', 'pods/log', 'events'], verbs: ['*'] },
      { apiGroups: ['apps'], resources: ['*'], verbs: ['get', 'list', 'watch'] },
    ])
    const chart = writeChart({ 'templates/app.yaml': deployment('app', ['serve']) })
    const run = await deploy({ chart, kubeconfig, timeout: '30s' })
    await assertTakenBack(stage, run)
    assert.equal(run.report.findings[0]?.class, 'forbidden')
    assert.match(run.comment, /create/)
    const { objects } = await picture()
    assert.deepEqual(objects['ConfigMap/shop'], before.objects['ConfigMap/shop'])
    assert.equal(objects['Deployment/app'], undefined)
  })
})
