// The whole life of a pull request by the workflow of examples/preview.yml: afterwards the cluster is as it was.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { runWorkflow } from '../helpers/act.ts'
import type { WorkflowRun } from '../helpers/act.ts'
import { until } from '../helpers/cluster.ts'
import { wholeCluster } from '../helpers/cluster/whole.ts'
import { pullRequestEvent } from '../helpers/event.ts'
import { commits } from '../helpers/previews.ts'
import { setStage } from '../helpers/stage.ts'
import type { Stage } from '../helpers/stage.ts'
import { helmMajors, useTestbed } from '../helpers/testbed.ts'
import type { HelmMajor } from '../helpers/testbed.ts'

const majors = helmMajors(await useTestbed())
const token = 'a-token-of-the-workflow'
const tokens = { [token]: { login: 'github-actions[bot]', type: 'Bot', rights: 'write' } } as const
const example = readFileSync(new URL('../../examples/preview.yml', import.meta.url), 'utf8')
/** The example as it is, with the Helm of the test and what a test wants to see. */
const workflow = `${example
  .trimEnd()
  .replace('- uses: org/atomic-helm-action@v1', '- id: deploy\n        uses: org/atomic-helm-action@v1')
  .replace('chart: deploy/chart\n', 'chart: deploy/chart\n          helm-version: installed\n')}

      - name: Keep for the test
        if: always()
        env:
          STEPS: \${{ toJSON(steps) }}
        run: printf '%s' "$STEPS" > "$KEEP/steps.json"
`
/** What no namespace takes with it. */
const clusterRole = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ .Release.Name }}-reader
rules: []
`

describe('the life of a pull request', { concurrency: 2 }, () => {
  for (const helm of majors) {
    test(`leaves one comment and an empty cluster (Helm ${helm.major})`, async (context) => {
      const stage = await setStage(context, { helm, exists: false, tokens })
      const number = helm.major
      const namespace = `preview-shop-pr-${number}`
      context.after(() => stage.cluster.remove(`/api/v1/namespaces/${namespace}`))
      const on = (action: string, sha: string, values = ''): Promise<WorkflowRun> =>
        onEvent(stage, helm, { action, sha, values, number })
      // What a test before this one has left to the cluster to remove.
      await until('no namespace that goes away', async () => {
        const all = await stage.cluster.list('/api/v1/namespaces')
        return all.some(({ metadata }) => metadata.deletionTimestamp) ? undefined : true
      })
      const before = await wholeCluster(stage.cluster)

      const opened = await on('opened', commits[0])
      assert.deepEqual([opened.outputs['status'], opened.outcome], ['deployed', 'success'], said(opened))
      assert.deepEqual([opened.outputs['release'], opened.outputs['namespace']], [`pr-${number}`, namespace])
      const good = await on('synchronize', commits[1], 'replicas: 1')
      assert.deepEqual([good.outputs['status'], good.outputs['revision']], ['deployed', '2'], said(good))

      const serving = await stage.picture()
      const bad = await on('synchronize', commits[2], 'replicas: 1\nimage: {tag: does-not-exist}')
      assert.deepEqual(
        [bad.outputs['status'], bad.outputs['rollback'], bad.outcome],
        ['rolled-back', 'restored', 'failure'],
        said(bad),
      )
      assert.deepEqual((await stage.picture()).uids, serving.uids)
      const pods = await stage.cluster.podHashes(namespace)
      assert.deepEqual(
        pods.map(({ ready }) => ready),
        [true],
      )
      const body = (): string => stage.github.comments(number)[0]?.body ?? ''
      assert.match(body(), /Rolled back to revision 2\b/)

      const reopened = await on('reopened', commits[0], 'replicas: 1')
      assert.equal(reopened.outputs['status'], 'deployed', said(reopened))
      const closed = await on('closed', commits[0])
      assert.deepEqual([closed.outputs['status'], closed.outcome], ['removed', 'success'], said(closed))
      assert.match(body(), /is removed from/)

      assert.equal(stage.github.comments(number).length, 1, 'there is one comment, kept up to date')
      const deployments = stage.github.deployments()
      assert.deepEqual([...new Set(deployments.map(({ environment }) => environment))], ['preview'])
      assert.deepEqual(
        deployments.map(({ statuses }) => statuses.at(-1)?.state),
        ['inactive', 'inactive', 'failure', 'inactive'],
      )
      const mine = (key: string): boolean => key.includes(`pr-${number}`)
      const after = await wholeCluster(stage.cluster)
      assert.deepEqual(Object.keys(after).filter(mine), [], 'nothing of it is left')
      const others = (all: Record<string, string>): [string, string][] =>
        Object.entries(all).filter(([key]) => !/ .*pr-\d/.test(key))
      assert.deepEqual(others(after), others(before), 'everything else is the very same')
      assert.deepEqual(stage.github.violations(), [])
    })
  }
})

type Event = { action: string; sha: string; values: string; number: number }

/** Something happens on GitHub, and the workflow runs. */
function onEvent(stage: Stage, { dir }: HelmMajor, { action, sha, values, number }: Event): Promise<WorkflowRun> {
  const event = pullRequestEvent('org/shop', { action, headSha: sha, number, private: true })
  stage.github.setPull({ number, state: action === 'closed' ? 'closed' : 'open', head: { ref: event.headRef, sha } })
  return runWorkflow({
    repo: 'org/shop',
    workflow: 'preview.yml',
    chartPath: 'deploy/chart',
    event: { name: 'pull_request', payload: event.payload },
    files: {
      '.github/workflows/preview.yml': workflow,
      'deploy/chart/templates/clusterrole.yaml': clusterRole,
      'deploy/values.yaml': values,
    },
    apiUrl: stage.github.url,
    token,
    path: [dir],
    secrets: { KUBECONFIG: readFileSync(stage.testbed.kubeconfig, 'utf8') },
    tools: stage.testbed.toolsDir,
  })
}

function said(run: WorkflowRun): string {
  return [...run.lines, ...run.notes].join('\n')
}
