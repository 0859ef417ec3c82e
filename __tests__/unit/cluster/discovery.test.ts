import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, type ClusterClient } from '../../../src/cluster/client.ts'
import { collectionPath, createDiscovery } from '../../../src/cluster/discovery.ts'
import type { ManifestObject } from '../../../src/cluster/manifest.ts'

const served: Readonly<Record<string, readonly object[]>> = {
  '/api/v1': [
    { name: 'configmaps', kind: 'ConfigMap', namespaced: true },
    { name: 'namespaces', kind: 'Namespace', namespaced: false },
    { name: 'pods/log', kind: 'Pod', namespaced: true },
    { name: 'pods', kind: 'Pod', namespaced: true },
  ],
  '/apis/apps/v1': [
    { name: 'deployments/scale', kind: 'Scale', namespaced: true },
    { name: 'deployments', kind: 'Deployment', namespaced: true },
  ],
}

/** A client that serves the lists above and counts what it is asked for. */
function fake(answer?: (path: string) => never) {
  const asked: string[] = []
  const get = async (path: string): Promise<unknown> => {
    asked.push(path)
    answer?.(path)
    const resources = served[path]
    if (!resources) throw new ApiError(404, 'NotFound', 'not found', path)
    return { resources }
  }
  return { asked, client: { get } as unknown as ClusterClient }
}

const object = (apiVersion: string, kind: string, name: string, namespace = ''): ManifestObject => ({
  apiVersion,
  kind,
  name,
  namespace,
  object: { metadata: { name } },
  source: '',
})

test('paths of collections, in the core group and in others, of a namespace and of the cluster', () => {
  assert.equal(collectionPath('v1', 'pods', 'shop'), '/api/v1/namespaces/shop/pods')
  assert.equal(collectionPath('v1', 'nodes', ''), '/api/v1/nodes')
  assert.equal(collectionPath('apps/v1', 'deployments', 'shop'), '/apis/apps/v1/namespaces/shop/deployments')
  assert.equal(collectionPath('v1', 'pods', '../x'), '/api/v1/namespaces/..%2Fx/pods')
})

test("an object lives in its own namespace, else in the release's, or in none", async () => {
  const discovery = createDiscovery(fake().client)
  const path = async (one: ManifestObject) => (await discovery.locate(one, 'shop'))?.path
  assert.equal(await path(object('apps/v1', 'Deployment', 'web')), '/apis/apps/v1/namespaces/shop/deployments/web')
  assert.equal(await path(object('v1', 'ConfigMap', 'a', 'other')), '/api/v1/namespaces/other/configmaps/a')
  assert.equal(await path(object('v1', 'Namespace', 'a', 'ignored')), '/api/v1/namespaces/a')
  assert.equal((await discovery.locate(object('v1', 'Namespace', 'a', 'ignored'), 'shop'))?.namespace, '')
})

test('a name that could leave its path cannot', async () => {
  const discovery = createDiscovery(fake().client)
  const found = await discovery.locate(object('v1', 'ConfigMap', '../../secrets/x?y'), 'shop')
  assert.equal(found?.path, '/api/v1/namespaces/shop/configmaps/..%2F..%2Fsecrets%2Fx%3Fy')
})

test('a kind is not one of its subresources, and an unknown one is none', async () => {
  const discovery = createDiscovery(fake().client)
  assert.deepEqual(await discovery.kind('v1', 'Pod'), { plural: 'pods', namespaced: true })
  assert.equal(await discovery.kind('apps/v1', 'Scale'), null)
  assert.equal(await discovery.kind('example.com/v1', 'Widget'), null)
  assert.equal(await discovery.locate(object('example.com/v1', 'Widget', 'a'), 'shop'), null)
})

test('a group is asked for once, however many objects it has', async () => {
  const { asked, client } = fake()
  const discovery = createDiscovery(client)
  await Promise.all([discovery.kind('v1', 'Pod'), discovery.kind('v1', 'ConfigMap'), discovery.kind('v1', 'Pod')])
  assert.deepEqual(asked, ['/api/v1'])
})

test('an error of the server is no unknown kind', async () => {
  const { client } = fake((path) => {
    throw new ApiError(403, 'Forbidden', 'no', path)
  })
  await assert.rejects(createDiscovery(client).kind('v1', 'Pod'), /no/)
})
