// What only time can tell, and what happens when the user wants to wait it out.
import assert from 'node:assert/strict'
import { missingImage } from '../../helpers/broken.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { assertRestored } from '../../helpers/stage.ts'
import type { Deployed } from '../../helpers/stage.ts'

const deployMs = ({ report }: Deployed): number => report.phases.find(({ name }) => name === 'deploy')?.durationMs ?? 0

sideBySide('the timeout', () => {
  staged('judges readiness, with what the probe was told', {}, async ({ install, deploy, picture }) => {
    await install('shop')
    const before = await picture()
    const run = await deploy({ set: 'neverReady=true', timeout: '12s' })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    const [finding] = run.report.findings
    assert.deepEqual(
      [finding?.class, finding?.resource.kind, finding?.resource.name],
      ['not-ready', 'Deployment', 'shop'],
    )
    assert.ok(deployMs(run) >= 11_900, `not before the timeout: ${deployMs(run)} ms`)
    assert.match(run.comment, /not ready: waiting for the database|statuscode: 503/)
    assertRestored(await picture(), before)
  })

  staged('is waited out for an image when fail-fast is off', {}, async ({ install, deploy, picture, testbed }) => {
    await install('shop')
    const before = await picture()
    const run = await deploy({ set: missingImage(testbed), timeout: '14s', 'fail-fast': 'false' })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    assert.equal(run.report.findings[0]?.class, 'image-pull')
    assert.ok(deployMs(run) >= 13_900, `not before the timeout: ${deployMs(run)} ms`)
    assertRestored(await picture(), before)
  })

  staged('does not end a deploy that is only slow', {}, async ({ install, deploy, cluster, namespace }) => {
    await install('shop')
    const run = await deploy({ set: 'slowStart=4s\nreplicas=1\nimage.tag=2', timeout: '1m' })
    assert.equal(run.status, 'deployed', run.log)
    assert.deepEqual(
      [run.outputs['revision'], run.outputs['previous-revision'], run.outputs['changed']],
      ['2', '1', 'true'],
    )
    const [latest] = (await cluster.releases(namespace)).toReversed()
    assert.equal(latest?.status, 'deployed')
  })

  staged('covers hooks: one that runs too long is ended before anything is undone', {}, async (stage) => {
    const { install, deploy, picture } = stage
    await install('shop')
    const before = await picture()
    const set = 'migrate.run=succeed\nmigrate.takes=10m\ngreeting=Hello'
    const run = await deploy({ set, timeout: '5s', 'rollback-timeout': '10s' })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    const [finding] = run.report.findings
    assert.deepEqual([finding?.class, finding?.resource.name], ['hook-failed', 'shop-migrate'])
    assert.match(finding?.cause ?? '', /in time/)
    assertRestored(await picture(), before)
  })
})
