// Where people find a release: found in its objects where nobody says it.
import assert from 'node:assert/strict'
import { chartOf } from '../../helpers/chart.ts'
import { until } from '../../helpers/cluster.ts'
import { startDownloads } from '../../helpers/downloads.ts'
import { startFaultyApi } from '../../helpers/faulty-api.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import type { Stage } from '../../helpers/stage.ts'

const ingress = (host: string, tls: object[] = []): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'shop' },
  spec: {
    tls,
    rules: [
      {
        host,
        http: {
          paths: [{ path: '/shop', pathType: 'Prefix', backend: { service: { name: 'shop', port: { number: 80 } } } }],
        },
      },
    ],
  },
})
const balancer = (port: number): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'shop' },
  spec: { type: 'LoadBalancer', ports: [{ port }] },
})

/** Does what a cloud does: gives the load balancer an address, once it is there. */
async function giveAddress({ cluster, path }: Stage, place: object): Promise<void> {
  const service = `${path}/services/shop`
  await until('the Service', () => cluster.get(service))
  await cluster.patch(`${service}/status`, { status: { loadBalancer: { ingress: [place] } } })
}

sideBySide('the URL of a release', () => {
  staged('is that of its Ingress, in output, comment and GitHub Deployment', {}, async ({ deploy, github }) => {
    const chart = chartOf({ shop: ingress('shop.example.test', [{ hosts: ['shop.example.test'] }]) })
    const run = await deploy({ chart, environment: 'staging', comment: 'always' })
    const url = 'https://shop.example.test/shop'
    assert.deepEqual([run.status, run.outputs['environment-url']], ['deployed', url], run.log)
    assert.ok(run.comment.includes(`[open the environment](${url})`), run.comment)
    assert.equal(github.deployments().at(-1)?.statuses.at(-1)?.environmentUrl, url)
  })

  staged(
    'costs no request of its own where the manifest tells',
    {},
    async ({ deploy, testbed, install }, _, context) => {
      const chart = chartOf({ shop: ingress('shop.example.test') })
      await install(chart)
      const line = await startFaultyApi(testbed)
      context.after(() => line.close())
      const run = await deploy({ chart }, { kubeconfig: line.kubeconfig })
      assert.equal(run.outputs['environment-url'], 'http://shop.example.test/shop', run.log)
      const asked = line.requests().filter(({ agent, path }) => agent === 'atomic-helm-action' && /ingress/.test(path))
      assert.equal(asked.length, 1, 'the snapshot, and nothing more')
    },
  )

  staged('of an Ingress is verified, by the proxy of the environment', {}, async ({ deploy }, _helm, context) => {
    const server = await startDownloads({ 'http://shop.example.test/shop': [{ status: 502 }, { status: 200 }] })
    context.after(() => server.close())
    const chart = chartOf({ shop: ingress('shop.example.test') })
    const env = { http_proxy: server.url, no_proxy: '127.0.0.1' }
    const run = await deploy({ chart, 'verify-url': 'true', timeout: '90s' }, { env })
    assert.equal(run.status, 'deployed', run.log)
    assert.deepEqual(server.requests(), ['http://shop.example.test/shop 502', 'http://shop.example.test/shop 200'])
    assert.match(run.log, /answers HTTP 502 Bad Gateway \(Ingress\/shop\)/)
  })

  staged(
    'is the address of its load balancer, which is waited for to be verified',
    {},
    async (stage, _helm, context) => {
      const server = await startDownloads({ '/': { body: 'welcome' } })
      context.after(() => server.close())
      const { deploy } = stage
      const given = giveAddress(stage, { ip: '127.0.0.1' })
      const run = await deploy({
        chart: chartOf({ shop: balancer(server.port) }),
        'verify-url': 'true',
        timeout: '90s',
      })
      await given
      assert.deepEqual([run.status, run.outputs['environment-url']], ['deployed', server.url], run.log)
      assert.deepEqual(server.requests(), ['/ 200'])
    },
  )

  staged('that never comes is undone, with the object that has none', { only: 4 }, async ({ deploy }) => {
    const run = await deploy({ chart: chartOf({ shop: balancer(8080) }), 'verify-url': 'true', timeout: '10s' })
    assert.equal(run.status, 'uninstalled', run.log)
    const finding = run.report.findings.find((one) => one.class === 'url-not-answering')
    assert.deepEqual([finding?.resource.kind, finding?.resource.name], ['Service', 'shop'])
    assert.match(finding?.cause ?? '', /no URL is known: Service\/shop has no address yet/)
  })

  staged('that nobody knows is empty, and nothing waits for it', { only: 4 }, async ({ deploy }) => {
    const run = await deploy({ chart: chartOf({ shop: balancer(8080) }) })
    assert.deepEqual([run.status, run.outputs['environment-url']], ['deployed', ''], run.log)
  })
})
