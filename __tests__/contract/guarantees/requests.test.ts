// What a deploy that succeeds costs the API server beside what Helm asks of it: each request has to be one that is known here.
import assert from 'node:assert/strict'
import { chartOf } from '../../helpers/chart.ts'
import { startFaultyApi } from '../../helpers/faulty-api.ts'
import type { ApiRequest } from '../../helpers/faulty-api.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { hook, object, web } from '../../scenarios/objects.ts'

const service = { spec: { selector: { app: 'web' }, ports: [{ port: 8080 }] } }
const hooks = ['migrate', 'seed']
const chart = (message: string): string =>
  chartOf({
    web: web({ args: ['serve', `--message=${message}`] }),
    service: object('v1', 'Service', 'web', service),
    ...Object.fromEntries(['one', 'two', 'three'].map((name) => [name, object('v1', 'ConfigMap', name)])),
    ...Object.fromEntries(hooks.map((name) => [name, hook('pre-upgrade', { name, args: ['exit', '0'] })])),
  })
/** Of this chart, hooks included. */
const kinds = ['deployments', 'services', 'configmaps', 'jobs']

/** Everything but lock and snapshot: what it is for, and how often at most. */
const others: [why: string, request: RegExp, most: number][] = [
  ['which version of Kubernetes it is, for what Helm and the diagnosis have to know', /^GET \/version$/, 1],
  ['who we are, for the lock and the report', /^POST \/apis\/authentication\.k8s\.io\/v1\/selfsubjectreviews$/, 1],
  ['which cluster it is', /^GET \/api\/v1\/namespaces\/kube-system$/, 1],
  ['where the kinds of the manifest are: once for v1, apps/v1 and batch/v1', /^GET \/apis?(\/apps|\/batch)?\/v1$/, 3],
  [
    'the list of records before, to judge the deploy, and once more when it is over: nobody came between',
    /\/secrets\?[^&]*$/,
    3,
  ],
  ['the good record, the new one to judge the deploy, and once more for the report', /\/secrets\/sh\.helm\.release/, 3],
  ['the watch that shows when Helm begins', /\/secrets\?.*&watch=1/, 1],
  ['what is watched: one list of each kind', /\/(deployments|replicasets|pods|events|jobs)\?resourceVersion=0$/, 5],
  ['and one watch', /\/(deployments|replicasets|pods|events|jobs)\?watch=1/, 5],
  ['the log of each hook, as it runs', /\/pods\/(migrate|seed)-\w+\/log\?/, 2],
  ['whether Helm has changed the Deployment, to wait for what it really asked for', /\/deployments\/web$/, 1],
]

sideBySide('the requests of a success', () => {
  staged('are four for the lock, and one of each kind at once for the snapshot', {}, async (stage, _helm, context) => {
    const { install, deploy, testbed } = stage
    await install(chart('one'))
    const line = await startFaultyApi(testbed)
    context.after(() => line.close())
    // So slow that one after the other would show.
    const delayMs = 500
    const isOne = /\/(services|configmaps|jobs|deployments)(\/[a-z]+$|\?labelSelector|\?limit)/
    line.fail({ as: 'delay', ms: delayMs, times: Infinity, on: { method: 'GET', path: isOne } })
    const run = await deploy({ chart: chart('two') }, { kubeconfig: line.kubeconfig })
    assert.equal(run.status, 'deployed', run.log)

    const own = line.requests().filter(({ agent }) => agent === 'atomic-helm-action')
    const told = own.map(nameOf).join('\n')
    const change = own.findIndex(({ method }) => method === 'PUT')
    assert.ok(change > 0, `the lock is confirmed before the change:\n${told}`)

    // Taken, watched, confirmed before the change and given back. A longer deploy renews it every 10 s.
    const lock = own.filter(({ path }) => path.includes('/leases'))
    const renewals = Math.floor(run.wallMs / 10_000)
    assert.ok(lock.length <= 4 + renewals, `${lock.length} for the lock:\n${told}`)

    const snapshot = own.slice(0, change).filter(({ method, path }) => method === 'GET' && isOne.test(path))
    assert.deepEqual(snapshot.map(kindOf).sort(), kinds.toSorted(), `one for each kind:\n${told}`)
    const times = snapshot.map(({ at }) => at)
    const spread = Math.max(...times) - Math.min(...times)
    assert.ok(spread < delayMs, `they come within ${spread} ms, so they wait for each other:\n${told}`)

    const rest = own.filter((one) => !lock.includes(one) && !snapshot.includes(one)).map(nameOf)
    for (const [why, request, most] of others) {
      const count = rest.filter((one) => request.test(one)).length
      assert.ok(count <= most, `${why}: ${count} requests, not ${most}:\n${told}`)
    }
    const unknown = rest.filter((one) => !others.some(([, request]) => request.test(one)))
    assert.deepEqual(unknown, [], 'nobody knows what these are for')
  })
})

function nameOf({ method, path }: ApiRequest): string {
  return `${method} ${path}`
}

function kindOf({ path }: ApiRequest): string {
  return /\/(\w+)(?:\/[a-z]+$|\?)/.exec(path)?.[1] ?? path
}
