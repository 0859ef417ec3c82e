// The bad line is as bad as asked for, and true otherwise.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { configMap, writeChart } from './chart.ts'
import { openCluster, uniqueName, until } from './cluster.ts'
import { startFaultyApi } from './faulty-api.ts'
import type { FaultyApi } from './faulty-api.ts'
import { runHelm } from './helm.ts'
import { helmMajors, useTestbed } from './testbed.ts'
import { openWatch } from './watch.ts'

const testbed = await useTestbed()
const direct = openCluster(testbed.kubeconfig)
const namespace = uniqueName('line')
const path = `/api/v1/namespaces/${namespace}/configmaps`
const lines: FaultyApi[] = []

async function line(): Promise<{ api: FaultyApi; cluster: ReturnType<typeof openCluster> }> {
  const api = await startFaultyApi(testbed)
  lines.push(api)
  return { api, cluster: openCluster(api.kubeconfig) }
}

before(() => direct.createNamespace(namespace))
after(async () => {
  await Promise.all(lines.map((api) => api.close()))
  await direct.deleteNamespace(namespace)
})

test('without a fault everything goes through, Helm too, and is counted', async () => {
  const { api, cluster } = await line()
  await cluster.create(path, { metadata: { name: 'plain' } })
  assert.equal((await cluster.get(`${path}/plain`))?.metadata.name, 'plain')
  assert.deepEqual(
    api.requests().map(({ method, status }) => `${method} ${status}`),
    ['POST 201', 'GET 200'],
  )
  api.forget()
  const chart = writeChart({ 'templates/a.yaml': configMap('of-helm', {}) })
  for (const { dir, major } of helmMajors(testbed)) {
    const args = ['upgrade', '--install', `h${major}`, chart, '--namespace', namespace, '--wait']
    const { exitCode, stderr } = await runHelm(dir, api.kubeconfig, args)
    assert.equal(exitCode, 0, stderr)
    await runHelm(dir, api.kubeconfig, ['uninstall', `h${major}`, '--namespace', namespace, '--wait'])
  }
  assert.ok(api.requests().some((request) => request.method === 'POST' && request.path.includes('secrets')))
})

test('answers of its own meet the next matching requests only', async () => {
  const { api, cluster } = await line()
  api.fail({ as: 503, on: { method: 'GET', path: /configmaps\/x/ }, times: 2 })
  await assert.rejects(cluster.get(`${path}/x`), /503/)
  await cluster.list(path)
  await assert.rejects(cluster.get(`${path}/x`), /ServiceUnavailable/)
  assert.equal(await cluster.get(`${path}/x`), undefined)
  api.fail({ as: 429, times: Infinity })
  await assert.rejects(cluster.list(path), /429/)
  api.heal()
  await cluster.list(path)
})

test('a reset comes before the request, or after bytes of the answer, when it has taken effect', async () => {
  const { api, cluster } = await line()
  api.fail({ as: 'reset', on: { method: 'POST' } })
  await assert.rejects(cluster.create(path, { metadata: { name: 'never' } }), /hang up|ECONNRESET/)
  assert.equal(await direct.get(`${path}/never`), undefined)
  api.fail({ as: 'reset', on: { method: 'POST' }, afterBytes: 20 })
  await assert.rejects(cluster.create(path, { metadata: { name: 'unknown' } }), /aborted|hang up|ECONNRESET/)
  assert.ok(await direct.get(`${path}/unknown`))
})

test('a delay is a delay', async () => {
  const { api, cluster } = await line()
  api.fail({ as: 'delay', ms: 300 })
  const start = performance.now()
  await cluster.list(path)
  assert.ok(performance.now() - start >= 300)
})

test('connections are refused for a time, and those that are open are cut', async () => {
  const { api, cluster } = await line()
  await cluster.list(path)
  const back = api.refuse(400)
  await sleep(50)
  await assert.rejects(cluster.list(path), /ECONNREFUSED/)
  await back
  await cluster.list(path)
})

test('watches stream, and end with 410 on command', async () => {
  const { api, cluster } = await line()
  const seen: string[] = []
  const watch = await openWatch(api.kubeconfig, path, (type) => seen.push(type))
  await until('the watch', async () => api.requests().some(({ isWatch, status }) => isWatch && status === 200))
  await cluster.create(path, { metadata: { name: 'watched' } })
  await until('the event', async () => seen.includes('ADDED'))
  assert.equal(api.endWatches(), 1)
  await until('the end', async () => seen.includes('ERROR'))
  watch.close()
})

test("the server's clock can be wrong", async () => {
  const { api } = await line()
  api.skew(-3_600_000)
  const date = await headerDate(api)
  assert.ok(Math.abs(Date.now() - 3_600_000 - date) < 5000)
})

async function headerDate(api: FaultyApi): Promise<number> {
  const { request } = await import('node:https')
  return new Promise((resolve, reject) => {
    request(`${api.url}/version`, { rejectUnauthorized: false, agent: false }, (answer) => {
      answer.resume()
      resolve(Date.parse(answer.headers.date ?? ''))
    })
      .once('error', reject)
      .end()
  })
}
