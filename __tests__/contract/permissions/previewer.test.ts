// The account of `examples/rbac/previewer.yaml` is enough for the life of a preview and for the sweep, and has no right that nothing needs.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { chartOf } from '../../helpers/chart.ts'
import { uniqueName, until } from '../../helpers/cluster.ts'
import { startFaultyApi } from '../../helpers/faulty-api.ts'
import type { FaultyApi } from '../../helpers/faulty-api.ts'
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
  line: FaultyApi
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

const kinds = ['get', 'list', 'watch', 'create', 'patch', 'delete']
const storage = { accessModes: ['ReadWriteOnce'], storageClassName: '' }

function volumeFor(name: string, namespace: string): object {
  const claimRef = { namespace, name: 'data' }
  const spec = { ...storage, capacity: { storage: '1Mi' }, persistentVolumeReclaimPolicy: 'Retain', claimRef }
  return { metadata: { name }, spec: { ...spec, hostPath: { path: '/tmp' } } }
}

function claimOf(volumeName: string): object {
  const spec = { ...storage, volumeName, resources: { requests: { storage: '1Mi' } } }
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec }
}

function as({ kubeconfig }: FaultyApi, inputs: Record<string, string>): PreviewRun {
  return { inputs, options: { kubeconfig } }
}

async function account(
  context: TestContext,
  helm: HelmMajor,
  change: (objects: Manifest[]) => void = () => undefined,
): Promise<Account> {
  const repo = `org/${uniqueName('account')}`
  const stage = await setStage(context, { helm, repo })
  const written = readExample(file, stage.namespace)
  change(written)
  const objects = ownNames(written, stage.namespace)
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
    for (const request of requests.filter(({ status }) => status !== 403)) {
      const right = asked(request) ?? ''
      used.add(right)
      // Who applies what is not there has to be allowed to create it.
      if (request.status === 201) used.add(right.replace(/ patch$/, ' create'))
    }
    const refused = requests.filter(({ status }) => status === 403)
    const told = refused.map(({ method, path, agent }) => `${method} ${path} by ${agent}`)
    assert.deepEqual([...new Set(told)], [], run.log)
    line.forget()
    return run
  }
  const { kubeconfig } = line
  return {
    stage,
    line,
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
        const set = (...lines: string[]) => ({ inputs: { ...inputs, set: ['replicas=1', ...lines].join('\n') } })
        const failed = await on('opened', set('migrate.run=fail', 'migrate.hook=pre-install'))
        assert.deepEqual([failed.status, failed.outputs['rollback']], ['uninstalled', 'restored'], failed.log)
        const opened = await on('reopened', set())
        assert.equal(opened.status, 'deployed', opened.log)
        const broken = await on('synchronize', set('migrate.run=fail'))
        assert.deepEqual([broken.status, broken.outputs['rollback']], ['rolled-back', 'restored'], broken.log)
        assert.match(broken.comment, /column "price" of relation "orders" already exists/, 'the log was read')
        const bare = await on('synchronize', { inputs: { chart, set: 'replicas=1\njob=succeed' } })
        assert.equal(bare.status, 'deployed', bare.log)
        const closed = await on('closed')
        assert.equal(closed.status, 'removed', closed.log)
      }))

    test(`is enough for volumes, ordered pods, a queue and the sweep (Helm ${helm.major})`, (context) =>
      unlessNotThere(context, async () => {
        const { stage, previews, line, on, sweep } = await account(context, helm, (objects) => {
          const rule = { apiGroups: ['apps'], resources: ['statefulsets', 'daemonsets'], verbs: kinds }
          const claims = { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: kinds }
          objects.find(({ metadata }) => metadata.name === 'charts-of-previews')?.rules?.push(rule, claims)
        })
        const store = { release: 'store-{{ pr }}', chart: fixtureChart('store') }
        assert.equal((await on('opened', { inputs: store })).status, 'deployed')
        const crash = await on('synchronize', { inputs: { ...store, set: 'crash=true' } })
        assert.deepEqual([crash.status, crash.outputs['rollback']], ['rolled-back', 'restored'], crash.log)
        const agent = await on('opened', { inputs: { release: 'agent-{{ pr }}', chart: fixtureChart('agent') } })
        assert.equal(agent.status, 'deployed', agent.log)

        const slow = { chart: fixtureChart('shop'), set: 'slowStart=5s\nreplicas=1' }
        const both = Promise.all([previews.on('opened', as(line, slow)), previews.on('opened', as(line, slow))])
        // A watch that is too old is begun anew, with a list.
        const isWaiting = (): boolean =>
          line.requests().some((one) => asked(one) === 'coordination.k8s.io/leases watch')
        await until('a watch of the lock', async () => isWaiting())
        line.endWatches()
        for (const run of await both) assert.equal(run.status, 'deployed', run.log)

        const volume = `pv-${stage.namespace}`
        const volumes = '/api/v1/persistentvolumes'
        await stage.cluster.create(volumes, volumeFor(volume, previews.namespace))
        context.after(() => stage.cluster.remove(`${volumes}/${volume}`))
        const data = { release: 'data-{{ pr }}', chart: chartOf({ claim: claimOf(volume) }) }
        assert.equal((await on('opened', { inputs: data })).status, 'deployed')
        await until('the volume', async () => {
          const live = await stage.cluster.get(`${previews.path}/persistentvolumeclaims/data`)
          return (live as { status?: { phase?: string } } | undefined)?.status?.phase === 'Bound'
        })
        stage.github.setPull({ number: 7, state: 'closed' })
        const swept = await sweep()
        assert.deepEqual([swept.status, swept.outputs['changed']], ['removed', 'true'], swept.log)
        assert.match(swept.report.notUndone[0]?.why ?? '', /its reclaim policy is Retain/)
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
