// A workflow of a user deploys a good chart.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setStage } from '../helpers/stage.ts'
import { helmMajors, useTestbed } from '../helpers/testbed.ts'
import { assertDeployed, deployBy } from './story.ts'

const majors = helmMajors(await useTestbed())
const tokens = { 'a-token-of-the-workflow': { login: 'github-actions[bot]', type: 'Bot', rights: 'write' } } as const

describe('a good chart', { concurrency: 2 }, () => {
  for (const helm of majors) {
    test(`is deployed by \`uses: org/atomic-helm-action@v1\` (Helm ${helm.major})`, async (context) => {
      const stage = await setStage(context, { helm, exists: false, tokens })
      const run = await deployBy(stage, helm, 'greeting: Hello')
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
