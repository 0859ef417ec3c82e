// An API server that is away for a while is waited for, whatever the run is about to do, and nothing is left of the run afterwards;
// one that takes requests and never answers is asked again.
import assert from 'node:assert/strict'
import { missingImage } from '../../helpers/broken.ts'
import { until } from '../../helpers/cluster.ts'
import { startFaultyApi } from '../../helpers/faulty-api.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'

sideBySide('an outage of the API server', () => {
  staged('just as the lock is taken is ridden out', {}, async ({ install, deploy, testbed, leases }) => {
    await install('shop')
    const line = await startFaultyApi(testbed)
    try {
      const isAsked = (): Promise<boolean> => Promise.resolve(line.requests().some(({ path }) => /\/leases/.test(path)))
      const [run] = await Promise.all([
        deploy({ set: 'greeting=new' }, { kubeconfig: line.kubeconfig }),
        until('the lock', isAsked).then(() => line.refuse(20_000)),
      ])
      assert.equal(run.status, 'deployed', run.log)
      assert.deepEqual(await leases(), [])
    } finally {
      await line.close()
    }
  })

  staged('in which no watch is answered blinds nobody', {}, async ({ install, deploy, testbed }) => {
    await install('shop')
    const line = await startFaultyApi(testbed)
    try {
      line.fail({ as: 'hang', times: Infinity, on: { method: 'GET', path: /watch=1/ } })
      const isAsked = async (): Promise<boolean> => line.requests().some(({ path }) => /pods.*watch=1/.test(path))
      const [run] = await Promise.all([
        deploy({ set: missingImage(testbed), timeout: '100s' }, { kubeconfig: line.kubeconfig }),
        until('a watch of the pods', isAsked).then(() => line.heal()),
      ])
      assert.equal(run.status, 'rolled-back', run.log)
      assert.match(run.outputs['failing-resources'] ?? '', /"class":"image-pull"/)
      assert.ok(run.main.wallMs < 70_000, `it took ${run.main.wallMs} ms, as if the timeout had ended it`)
    } finally {
      await line.close()
    }
  })
})
