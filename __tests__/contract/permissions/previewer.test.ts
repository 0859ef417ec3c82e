// The account of `examples/rbac/previewer.yaml` is enough for the life of a preview and for the sweep, and has no right that nothing needs.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { missingImage } from '../../helpers/broken.ts'
import { uniqueName } from '../../helpers/cluster.ts'
import { startFaultyApi } from '../../helpers/faulty-api.ts'
import { fixtureChart } from '../../helpers/helm.ts'
import { previewsOn } from '../../helpers/previews.ts'
import type { PreviewRun, Previews } from '../../helpers/previews.ts'
import { allowed, asked, readExample, tokenOf } from '../../helpers/rbac.ts'
import type { Manifest } from '../../helpers/rbac.ts'
import { setStage } from '../../helpers/stage.ts'
import type { Deployed, Stage } from '../../helpers/stage.ts'
import { helmMajors, unlessNotThere, useTestbed } from '../../helpers/testbed.ts'
import type { HelmMajor } from '../../helpers/testbed.ts'
import { kubeconfigFor } from '../../testbed/testbed.ts'

const testbed = await useTestbed()
const used = new Set<string>()
const file = 'previewer.yaml'
const rbac = '/apis/rbac.authorization.k8s.io/v1'

type Account = {
  stage: Stage
  previews: Previews
  /** Runs as the account; nothing may be refused. */
  on: (action: string, run?: PreviewRun) => Promise<Deployed>
  sweep: () => Promise<Deployed>
}

/** What is of the cluster has a name for each test. */
function ownNames(objects: Manifest[], name: string): Manifest[] {
  const own = (one: string): string => `${one}-${name}`
  return objects.map((object) => {
    if (!object.kind.startsWith('ClusterRole')) return object
    const { roleRef } = object as { roleRef?: { name: string } }
    const metadata = { ...object.metadata, name: own(object.metadata.name) }
    return { ...object, metadata, ...(roleRef && { roleRef: { ...roleRef, name: own(roleRef.name) } }) }
  })
}

async function account(context: TestContext, helm: HelmMajor): Promise<Account> {
  const repo = `org/${uniqueName('account')}`
  const stage = await setStage(context, { helm, repo })
  const objects = ownNames(readExample(file, stage.namespace), stage.namespace)
  const token = await tokenOf(stage, objects)
  const line = await startFaultyApi(testbed, {
    kubeconfigOf: (cluster) => kubeconfigFor(cluster, { token }, stage.namespace),
  })
  context.after(async () => {
    await line.close()
    for (const { kind, metadata } of objects.filter(({ kind }) => kind.startsWith('ClusterRole')))
      await stage.cluster.remove(`${rbac}/${kind.toLowerCase()}s/${metadata.name}`)
  })
  const previews = previewsOn(stage, context, repo)
  const nothingRefused = (run: Deployed): Deployed => {
    const requests = line.requests()
    for (const request of requests) if (request.status !== 403) used.add(asked(request) ?? '')
    const refused = requests.filter(({ status }) => status === 403)
    const told = refused.map(({ method, path, agent }) => `${method} ${path} by ${agent}`)
    assert.deepEqual([...new Set(told)], [], run.log)
    assert.deepEqual(run.report.warnings, [], run.log)
    line.forget()
    return run
  }
  const { kubeconfig } = line
  return {
    stage,
    previews,
    on: async (action, run = {}) => nothingRefused(await previews.on(action, { ...run, options: { kubeconfig } })),
    sweep: async () => nothingRefused(await previews.sweep({ kubeconfig })),
  }
}

describe('the account of previews', { concurrency: 2 }, () => {
  for (const helm of helmMajors(testbed)) {
    test(`is enough for the life of one (Helm ${helm.major})`, (context) =>
      unlessNotThere(context, async () => {
        const { stage, on } = await account(context, helm)
        const chart = fixtureChart('shop')
        const type = 'kubernetes.io/dockerconfigjson'
        const data = { '.dockerconfigjson': Buffer.from('{"auths":{}}').toString('base64') }
        await stage.cluster.create(`${stage.path}/secrets`, { metadata: { name: 'registry' }, type, data })
        const limits = 'limits: {defaultRequest: {memory: 16Mi}}'
        const quota = `hard: {pods: 9}\n${limits}\nnetworkPolicy: isolate`
        const inputs = {
          chart,
          'preview-quota': quota,
          'preview-copy-secrets': `${stage.namespace}/registry`,
          'preview-ttl': '1h',
        }
        const failed = await on('opened', { inputs: { ...inputs, set: missingImage(testbed) } })
        assert.deepEqual([failed.status, failed.outputs['rollback']], ['uninstalled', 'restored'], failed.log)
        const opened = await on('reopened', { inputs })
        assert.equal(opened.status, 'deployed', opened.log)
        const crash = await on('synchronize', { inputs: { ...inputs, set: 'crash=true' } })
        assert.deepEqual([crash.status, crash.outputs['rollback']], ['rolled-back', 'restored'], crash.log)
        assert.match(crash.comment, /FATAL: password authentication failed/, 'the log was read')
        const bare = { chart, set: 'configKey=farewell', timeout: '20s' }
        const key = await on('synchronize', { inputs: bare })
        assert.deepEqual([key.status, key.outputs['rollback']], ['rolled-back', 'restored'], key.log)
        const closed = await on('closed')
        assert.equal(closed.status, 'removed', closed.log)
      }))

    test(`is enough for volumes, ordered pods, a queue and the sweep (Helm ${helm.major})`, (context) =>
      unlessNotThere(context, async () => {
        const { stage, previews, on, sweep } = await account(context, helm)
        const opened = await on('opened')
        assert.equal(opened.status, 'deployed', opened.log)
        stage.github.setPull({ number: 7, state: 'closed' })
        const swept = await sweep()
        assert.deepEqual([swept.status, swept.outputs['changed']], ['removed', 'true'], swept.log)
        assert.equal(await previews.live(), undefined)
      }))
  }
})

describe('every right of the account of previews', () => {
  test('is made use of', () => {
    const rights = allowed(readExample(file, 'previews'))
    assert.ok(rights.length > 10)
    assert.deepEqual(
      rights.filter((right) => !used.has(right)),
      [],
    )
  })
})
