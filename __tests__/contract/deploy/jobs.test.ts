// Jobs of a chart: one that fails is a failure, whether or not the user waits for Jobs.
import assert from 'node:assert/strict'
import { until } from '../../helpers/cluster.ts'
import { fixtureChart } from '../../helpers/helm.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { assertRestored } from '../../helpers/stage.ts'

sideBySide('a chart Job', () => {
  staged('that fails ends the deploy, with its log', {}, async ({ install, deploy, picture }) => {
    await install('shop')
    const before = await picture()
    const run = await deploy({ set: 'job=fail\nslowStart=20s\ngreeting=Hello', timeout: '1m' })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    const [finding] = run.report.findings
    assert.deepEqual([finding?.class, finding?.resource.name], ['job-failed', 'shop-index-2'])
    assert.match(run.comment, /ERROR: search index "products" is locked/)
    assertRestored(await picture(), before)
  })

  staged('that fails is found with wait-for-jobs too', {}, async ({ install, deploy, picture }) => {
    await install('shop')
    const before = await picture()
    const run = await deploy({ set: 'job=fail', 'wait-for-jobs': 'true', timeout: '1m' })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    assert.equal(run.report.findings[0]?.class, 'job-failed')
    assert.match(run.summary, /ERROR: search index "products" is locked/)
    assertRestored(await picture(), before)
  })

  staged('that succeeds is waited for when asked', {}, async ({ deploy, cluster, namespace }) => {
    const run = await deploy({ set: 'job=succeed', 'wait-for-jobs': 'true', timeout: '1m' })
    assert.equal(run.status, 'deployed', run.log)
    const job = await cluster.get(`/apis/batch/v1/namespaces/${namespace}/jobs/shop-index-1`)
    assert.equal((job?.['status'] as { succeeded?: number } | undefined)?.succeeded, 1)
  })

  staged('that its TTL removes while the rest still starts is no loss', {}, async ({ deploy, cluster, namespace }) => {
    const run = await deploy({ set: 'job=succeed\njobTtl=0\nslowStart=15s', timeout: '1m' })
    assert.equal(run.status, 'deployed', run.log)
    assert.equal(await cluster.get(`/apis/batch/v1/namespaces/${namespace}/jobs/shop-index-1`), undefined)
  })

  staged(
    'that failed in an earlier deploy is not blamed on this one',
    {},
    async ({ helm, deploy, cluster, namespace }) => {
      // Whether Helm waits for it, and what it makes of it, is not the same in both majors.
      await helm('install', 'shop', fixtureChart('shop'), '--set', 'job=fail', '--wait')
      await until('a Job that has failed', async () => {
        const job = await cluster.get(`/apis/batch/v1/namespaces/${namespace}/jobs/shop-index-1`)
        const { conditions = [] } = (job?.['status'] ?? {}) as { conditions?: { type: string; status: string }[] }
        return conditions.some(({ type, status }) => type === 'Failed' && status === 'True')
      })
      const run = await deploy({ set: 'job=none\ngreeting=Hello', timeout: '1m' })
      assert.equal(run.status, 'deployed', run.log)
      assert.deepEqual(run.report.findings, [])
    },
  )

  staged('of a revision that never began keeps nobody from the one before', {}, async ({ helm, deploy, picture }) => {
    const chart = fixtureChart('shop')
    const { exitCode, stderr } = await helm('install', 'shop', chart, '--set', 'job=succeed', '--wait')
    assert.equal(exitCode, 0, stderr)
    const before = await picture()
    // The hook fails before the next revision's own Job is made, and Helm 3 then takes the Job that is there for one that has changed.
    const run = await deploy({ set: 'job=succeed\nmigrate.run=fail', timeout: '1m' })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    assert.deepEqual((await picture()).uids, before.uids)
    const { stdout } = await helm('status', 'shop')
    assert.match(stdout, /STATUS: deployed/)
  })
})
