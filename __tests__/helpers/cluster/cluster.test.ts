// What the end-to-end tests see of the cluster is what is there.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openCluster, uniqueName, until } from '../cluster.ts'
import { fixtureChart, runHelm } from '../helm.ts'
import { helmMajors, useTestbed } from '../testbed.ts'

const testbed = await useTestbed()
const cluster = openCluster(testbed.kubeconfig)
const namespace = uniqueName('look')
const [helm] = helmMajors(testbed)

async function deploy(...values: string[]): Promise<void> {
  const sets = values.flatMap((value) => ['--set', value])
  const args = ['upgrade', '--install', 'shop', fixtureChart('shop'), '--namespace', namespace, '--wait', ...sets]
  const run = await runHelm(helm?.dir ?? '', testbed.kubeconfig, [...args, '--reset-values'])
  assert.equal(run.exitCode, 0, run.stderr)
}

before(async () => {
  await cluster.createNamespace(namespace)
  await deploy()
})
after(() => cluster.deleteNamespace(namespace))

test('objects, pods and releases of a deployed chart are seen', async () => {
  assert.deepEqual(Object.keys(await cluster.normalisedObjects(namespace)), [
    'ConfigMap/shop-settings',
    'Deployment/shop',
    'Service/shop',
    'ServiceAccount/shop',
  ])
  const pods = await cluster.podHashes(namespace)
  assert.equal(pods.length, 2)
  assert.ok(pods.every(({ ready, hash, owner }) => ready && owner === `ReplicaSet/shop-${hash}`))
  const releases = await cluster.releases(namespace, 'shop')
  assert.deepEqual(
    releases.map(({ revision, status }) => [revision, status]),
    [[1, 'deployed']],
  )
  assert.match(releases[0]?.manifest ?? '', /kind: Deployment/)
})

test('a change shows, and its undoing shows as equal', async () => {
  const beforehand = await cluster.normalisedObjects(namespace)
  const uids = await cluster.uids(namespace)
  const hashes = (await cluster.podHashes(namespace)).map(({ hash }) => hash)
  await deploy('image.tag=2', 'greeting=Hello')
  const changed = await cluster.normalisedObjects(namespace)
  assert.notDeepEqual(changed['Deployment/shop'], beforehand['Deployment/shop'])
  assert.notDeepEqual(changed['ConfigMap/shop-settings'], beforehand['ConfigMap/shop-settings'])
  assert.deepEqual(changed['Service/shop'], beforehand['Service/shop'])
  await deploy()
  assert.deepEqual(await cluster.normalisedObjects(namespace), beforehand)
  assert.deepEqual(await cluster.uids(namespace), uids)
  await until('only pods of the old template', async () => {
    const now = await cluster.podHashes(namespace)
    return now.length === 2 && now.every(({ hash, ready }) => ready && hashes.includes(hash))
  })
})

test('an object that nobody expects is seen, whatever its kind', async () => {
  await cluster.create(`/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`, {
    metadata: { name: 'left-behind' },
    spec: { podSelector: {} },
  })
  assert.ok((await cluster.normalisedObjects(namespace))['NetworkPolicy/left-behind'])
})

test('namespaces come and go', async () => {
  const name = uniqueName('gone')
  assert.equal(await cluster.namespaceExists(name), false)
  await cluster.createNamespace(name)
  assert.equal(await cluster.namespaceExists(name), true)
  await cluster.deleteNamespace(name)
  assert.equal(await cluster.namespaceExists(name), false)
})
