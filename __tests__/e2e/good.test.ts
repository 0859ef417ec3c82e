// A workflow of a user deploys a good chart.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { helmMajors, useTestbed } from '../helpers/testbed.ts'
import { assertDeployed, deployBy } from './story.ts'
import { setWorkflows } from './workflows.ts'

const majors = helmMajors(await useTestbed())

describe('a good chart', { concurrency: 2 }, () => {
  for (const helm of majors) {
    test(`is deployed by \`uses: org/atomic-helm-action@v1\` (Helm ${helm.major})`, async (context) => {
      const workflows = await setWorkflows(context, helm)
      const { stage } = workflows
      const run = await deployBy(workflows, 'greeting: Hello')
      assertDeployed(run, '1')
      const { release, namespace, changed, 'helm-version': version, 'helm-path': path } = run.outputs
      assert.deepEqual([release, namespace, changed, path], ['shop', stage.namespace, 'true', `${helm.dir}/helm`])
      assert.match(version ?? '', new RegExp(`^${helm.major}\\.`))
      assert.deepEqual(run.warnings, [])
      assert.match(run.summary, /`shop` is deployed/)
      const pods = await stage.cluster.podHashes(stage.namespace)
      assert.deepEqual(
        pods.map(({ ready }) => ready),
        [true, true],
      )
      const [record] = await stage.cluster.releases(stage.namespace, 'shop')
      assert.equal(record?.status, 'deployed')
      // Before anything is touched the log names cluster, identity, namespace and what will run.
      const log = run.lines.join('\n')
      for (const part of [stage.testbed.server, stage.namespace, 'helm upgrade --install', 'as '])
        assert.ok(log.includes(part), `${part} in\n${log}`)
    })
  }
})
