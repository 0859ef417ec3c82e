// A chart that does not render, or values that break its schema: told with file and line, before anything is touched.
import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { fixtureChart } from '../../helpers/helm.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'

function workspaceWithChart(): string {
  const workspace = join(temporaryDirectory('workspace'), 'work')
  cpSync(fixtureChart('shop'), join(workspace, 'charts/shop'), { recursive: true })
  return workspace
}

sideBySide('a chart that does not render', () => {
  for (const [name, value, line] of [
    ['because of its template', 'broken=template', '10'],
    ['because it is not YAML', 'broken=yaml', undefined],
  ] as const) {
    staged(`${name} is annotated in the file`, {}, async ({ install, deploy, picture, cluster, namespace }) => {
      await install('shop')
      const before = await picture()
      const run = await deploy({ chart: 'charts/shop', set: value }, { workspace: workspaceWithChart() })
      assert.deepEqual([run.status, run.outputs['rollback']], ['rejected', 'none'], run.log)
      const [finding] = run.report.findings
      assert.deepEqual([finding?.class, finding?.resource.kind], ['chart-render', 'Chart'])
      const [error] = run.main.commands.filter((command) => command.name === 'error')
      assert.equal(error?.properties['file'], 'charts/shop/templates/configmap.yaml')
      if (line !== undefined) assert.equal(error?.properties['line'], line)
      assert.match(run.comment, /configmap\.yaml/)
      assert.deepEqual(await picture(), before)
      assert.equal((await cluster.releases(namespace)).length, 1)
    })
  }

  staged(
    'is rejected at a first install, with nothing made',
    { exists: false },
    async ({ deploy, cluster, namespace }) => {
      const run = await deploy({ set: 'broken=template', 'create-namespace': 'true' })
      assert.deepEqual([run.status, run.outputs['rollback'], run.outputs['revision']], ['rejected', 'none', ''])
      assert.equal(run.report.findings[0]?.class, 'chart-render')
      assert.equal(await cluster.namespaceExists(namespace), false)
    },
  )

  staged('is rejected when values break the schema', {}, async ({ install, deploy, picture }) => {
    await install('shop')
    const before = await picture()
    const run = await deploy({ values: 'replicas: two\njob: perhaps' })
    assert.deepEqual([run.status, run.report.findings[0]?.class], ['rejected', 'values-schema'], run.log)
    assert.match(run.comment, /replicas/)
    assert.match(run.comment, /job/)
    assert.deepEqual(await picture(), before)
  })
})
