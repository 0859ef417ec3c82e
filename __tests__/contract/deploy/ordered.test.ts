// StatefulSets and DaemonSets, whose rollouts Helm reads too kindly and whose rollbacks can get stuck.
import assert from 'node:assert/strict'
import { missingImage } from '../../helpers/broken.ts'
import { fixtureChart } from '../../helpers/helm.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { assertRestored } from '../../helpers/stage.ts'

sideBySide('an ordered rollout', () => {
  staged('of a StatefulSet with a missing image comes back (kubernetes#67250)', {}, async (stage) => {
    const { install, deploy, picture, testbed } = stage
    await install('store')
    const before = await picture()
    const run = await deploy({ chart: fixtureChart('store'), set: missingImage(testbed) })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    const [finding] = run.report.findings
    assert.deepEqual(
      [finding?.class, finding?.resource.kind, finding?.resource.name],
      ['image-pull', 'StatefulSet', 'shop'],
    )
    assertRestored(await picture(), before)
  })

  staged('of a StatefulSet whose container crashes comes back', {}, async ({ install, deploy, picture }) => {
    await install('store')
    const before = await picture()
    const run = await deploy({ chart: fixtureChart('store'), set: 'crash=true', 'crash-tolerance': '1' })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    assert.equal(run.report.findings[0]?.class, 'crash-loop')
    assert.match(run.comment, /FATAL: data directory "\/data" is not writable/)
    assertRestored(await picture(), before)
  })

  staged('of a DaemonSet with a missing image is no success (Helm 3 says deployed)', {}, async (stage) => {
    const { install, deploy, picture, testbed } = stage
    await install('agent')
    const before = await picture()
    const run = await deploy({ chart: fixtureChart('agent'), set: missingImage(testbed) })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    const [finding] = run.report.findings
    assert.deepEqual(
      [finding?.class, finding?.resource.kind, finding?.resource.name],
      ['image-pull', 'DaemonSet', 'shop'],
    )
    assertRestored(await picture(), before)
  })

  staged(
    'that succeeds ends with every pod on the new revision',
    {},
    async ({ install, deploy, cluster, namespace }) => {
      await install('store')
      const run = await deploy({ chart: fixtureChart('store'), set: 'image.tag=2' })
      assert.equal(run.status, 'deployed', run.log)
      const pods = await cluster.podHashes(namespace)
      assert.deepEqual(
        pods.map(({ images, ready }) => [images.join(), ready]),
        [
          ['testbed.local/app:2', true],
          ['testbed.local/app:2', true],
        ],
      )
    },
  )
})
