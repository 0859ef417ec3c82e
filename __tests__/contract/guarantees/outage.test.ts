// An API server that is away for a while is waited for, whatever the run is about to do, and nothing is left of the run afterwards.
import assert from 'node:assert/strict'
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
})
