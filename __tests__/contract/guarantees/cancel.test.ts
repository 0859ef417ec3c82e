// A cancelled deploy ends in the state of before: main hands over within its seven seconds, and post takes everything back.
import assert from 'node:assert/strict'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { assertRestored } from '../../helpers/stage.ts'

sideBySide('a cancelled deploy', () => {
  staged(
    'goes back to the revision of before',
    {},
    async ({ install, deploy, picture, cluster, namespace, ...stage }) => {
      await install('shop')
      const before = await picture()
      const run = await deploy(
        { set: 'neverReady=true' },
        { cancelWhen: (line) => /1 of 2 new pods started/.test(line) },
      )
      assert.deepEqual(
        [run.status, run.outputs['rollback'], run.conclusion],
        ['cancelled', 'none', 'cancelled'],
        run.log,
      )
      assert.ok(run.main.wallMs < 60_000)
      assert.equal(run.report.rollback, 'restored', run.log)
      assertRestored(await picture(), before)
      assert.equal((await cluster.releases(namespace)).at(-1)?.status, 'deployed')
      assert.deepEqual(await stage.leases(), [])
      assert.match(run.comment, /cancelled/)
    },
  )

  staged('leaves nothing of a first install', { exists: false }, async ({ deploy, cluster, namespace }) => {
    const run = await deploy(
      { set: 'neverReady=true', 'create-namespace': 'true' },
      { cancelWhen: (line) => /of 2 (new )?pods/.test(line) },
    )
    assert.deepEqual([run.status, run.report.rollback], ['cancelled', 'restored'], run.log)
    assert.equal(await cluster.namespaceExists(namespace), false)
  })
})
