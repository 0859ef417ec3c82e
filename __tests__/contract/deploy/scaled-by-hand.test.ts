// Helm 4 leaves a field to whoever has taken it: what it refuses is told, and afterwards the release is as before in Helm's records too.
import assert from 'node:assert/strict'
import { deployment, writeChart } from '../../helpers/chart.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'

const chart = (replicas: number, image = 'testbed.local/app:1'): string =>
  writeChart({ 'templates/web.yaml': deployment('web', ['serve'], { image }, { replicas }) })

sideBySide('a Deployment that was scaled by hand', () => {
  staged('keeps that, and the release ends deployed', { only: 4 }, async ({ install, deploy, cluster, namespace }) => {
    await install(chart(2))
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/web`
    await cluster.patch(`${path}?fieldManager=ops`, { spec: { replicas: 3 } })
    const run = await deploy({ chart: chart(4, 'testbed.local/app:2') })
    assert.deepEqual([run.status, run.outputs['rollback'], run.outputs['revision']], ['rolled-back', 'restored', '3'])
    assert.match(
      run.outputs['reason'] ?? '',
      /another manager owns fields of it: conflict with "ops".*\.spec\.replicas/,
    )
    const live = (await cluster.get(path)) as { spec?: { replicas?: number } } | undefined
    assert.equal(live?.spec?.replicas, 3)
    const statuses = (await cluster.releases(namespace)).map(({ status }) => status)
    assert.deepEqual([statuses[0], statuses.at(-1)], ['superseded', 'deployed'])
    assert.match(run.comment, /--force-conflicts/)
  })
})
