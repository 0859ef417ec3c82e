import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, type ClusterClient } from '../../../src/cluster/client.ts'
import { createDiscovery } from '../../../src/cluster/discovery.ts'
import type { ManifestObject } from '../../../src/cluster/manifest.ts'
import type { KubeObject, Pod, Workload } from '../../../src/cluster/types.ts'
import { readLiveFacts } from '../../../src/deploy/live-facts.ts'
import { judgeLive, type Claim, type Surroundings } from '../../../src/deploy/live-judgement.ts'
import { at, start } from '../health/builders.ts'
import { entry, record } from '../release/facts.ts'

const manifest = (kind: string, parts: Partial<ManifestObject> = {}): ManifestObject => ({
  apiVersion: 'apps/v1',
  kind,
  name: 'web',
  namespace: 'prod',
  object: { metadata: { name: 'web' } },
  source: '',
  ...parts,
})
const live = (seconds = 1, status: object = {}, uid = 'web'): Workload => ({
  metadata: { name: 'web', uid, creationTimestamp: at(seconds) },
  status,
})
const owned = (uid: string, owner: string, more: object = {}): KubeObject & Pod => ({
  metadata: { name: uid, namespace: 'prod', uid, ownerReferences: [{ uid: owner, kind: 'X', name: 'x' }] },
  ...more,
})
const claim = (name: string, status: Claim['status'] = { phase: 'Bound' }, namespace = 'prod'): Claim => ({
  metadata: { name, namespace, uid: `${namespace} ${name}` },
  ...(status ? { status } : {}),
})
const nothing: Surroundings = { pods: [], claims: [], between: [] }
const database = manifest('Database', { apiVersion: 'db.example.org/v1' })
const set = manifest('StatefulSet', {
  object: { metadata: { name: 'web' }, spec: { volumeClaimTemplates: [{ metadata: { name: 'data' } }] } } as KubeObject,
})

test('what existed before the release is older than it, with a grace for clocks', () => {
  const before = (seconds: number, installedAt: number | null = start) =>
    judgeLive(manifest('ConfigMap'), live(seconds), nothing, installedAt).existedBefore
  assert.deepEqual([before(1), before(-5), before(-6), before(-86_400)], [false, false, true, true])
  assert.equal(before(1, null), null)
  assert.equal(judgeLive(manifest('ConfigMap'), { metadata: { name: 'web' } }, nothing, start).existedBefore, null)
})

test('pods are found by ownership, through whatever stands between', () => {
  const ready = { status: { conditions: [{ type: 'Ready', status: 'True' }] } }
  const around: Surroundings = {
    pods: [owned('pod', 'set', ready)],
    claims: [],
    between: [owned('set', 'deployment'), owned('deployment', 'web')],
  }
  assert.equal(judgeLive(database, live(), around, start).everReady, true)
  assert.equal(judgeLive(database, live(), { ...around, between: [] }, start).everReady, false)
  assert.equal(judgeLive(database, live(), around, start).hasReadiness, true)
  assert.equal(judgeLive(database, live(), nothing, start).hasReadiness, false)
})

test('without a look at the pods nobody knows that nothing was ready', () => {
  const everReady = (object: ManifestObject, around: Partial<Surroundings>, status = {}) =>
    judgeLive(object, live(1, status), { ...nothing, ...around }, start).everReady
  for (const around of [{ pods: null }, { between: null }]) {
    assert.equal(everReady(manifest('Deployment'), around), null)
    assert.equal(everReady(database, around), null)
    assert.equal(everReady(manifest('Deployment'), around, { readyReplicas: 1 }), true)
    assert.equal(everReady(manifest('Job', { apiVersion: 'batch/v1' }), around), false)
    assert.equal(everReady(manifest('Role', { apiVersion: 'rbac.authorization.k8s.io/v1' }), around), false)
  }
})

test('claims with a volume: its own, of its templates, and what it owns', () => {
  const bound = (object: ManifestObject, claims: readonly Claim[] | null, there: Workload | null = live()) =>
    judgeLive(object, there, { ...nothing, claims }, start).boundClaims
  const own = manifest('PersistentVolumeClaim', { apiVersion: 'v1' })
  assert.deepEqual(bound(own, [claim('web'), claim('other')]), ['prod/web'])
  assert.deepEqual(bound(own, [claim('web', { phase: 'Pending' })]), [])
  assert.deepEqual(bound(own, [claim('web', { phase: 'Lost' })]), ['prod/web'])
  assert.deepEqual(bound(own, [claim('web', { phase: 'Bound' }, 'test')]), [])
  const claims = [
    claim('data-web-0'),
    claim('data-web-12'),
    claim('data-web-x'),
    claim('data-web-db-0'),
    claim('web-0'),
  ]
  assert.deepEqual(bound(set, claims), ['prod/data-web-0', 'prod/data-web-12'])
  assert.deepEqual(bound(set, claims, null), ['prod/data-web-0', 'prod/data-web-12'], 'they outlive their set')
  assert.deepEqual(bound(database, [{ metadata: owned('disk', 'web').metadata, status: { phase: 'Bound' } }]), [
    'prod/disk',
  ])
  assert.deepEqual([bound(own, null), bound(set, null), bound(database, null)], [null, null, null])
  assert.deepEqual(bound(manifest('Deployment'), null), [])
})

test('a volume of the release itself counts while a claim holds it', () => {
  const volume = manifest('PersistentVolume', { apiVersion: 'v1', namespace: '' })
  const bound = (phase: string) => judgeLive(volume, live(1, { phase }), nothing, start).boundClaims
  assert.deepEqual([bound('Available'), bound('Bound'), bound('Released')], [[], ['web'], ['web']])
})

test('what is not there has nothing', () => {
  assert.deepEqual(judgeLive(manifest('Deployment'), null, nothing, null), {
    object: { kind: 'Deployment', namespace: 'prod', name: 'web' },
    exists: false,
    existedBefore: false,
    everReady: false,
    hasReadiness: false,
    boundClaims: [],
  })
})

/** A cluster that answers these paths; a number is the status of a refusal, and what is not named does not exist. */
function cluster(answers: Readonly<Record<string, unknown>>): ClusterClient {
  const get = async (path: string): Promise<never> => {
    const answer = path in answers ? answers[path] : 404
    if (typeof answer === 'number') throw new ApiError(answer, '', 'no', path)
    return answer as never
  }
  return { get } as unknown as ClusterClient
}
const list = (...items: KubeObject[]) => ({ metadata: {}, items })
const served = {
  '/apis/apps/v1': { resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true }] },
  '/api/v1': { resources: [{ name: 'configmaps', kind: 'ConfigMap', namespaced: true }] },
  '/apis/apps/v1/namespaces/prod/deployments/web': live(1),
  '/api/v1/namespaces/prod/configmaps/settings': live(-900, {}, 'settings'),
  '/api/v1/namespaces/prod/pods': list(owned('pod', 'set', { status: { phase: 'Succeeded' } })),
  '/api/v1/namespaces/prod/persistentvolumeclaims': list(),
  '/apis/apps/v1/namespaces/prod/deployments': list(),
  '/apis/apps/v1/namespaces/prod/replicasets': list(owned('set', 'web')),
  '/apis/apps/v1/namespaces/prod/statefulsets': list(),
  '/apis/apps/v1/namespaces/prod/daemonsets': { metadata: {}, items: null },
  '/apis/batch/v1/namespaces/prod/jobs': list(),
}
const last = record(1, 'pending-install', {
  manifest: [
    '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}',
    '{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}',
    '{apiVersion: v1, kind: ConfigMap, metadata: {name: gone}}',
    '{apiVersion: unknown.example/v1, kind: Thing, metadata: {name: thing}}',
  ].join('\n---\n'),
})
const look = (answers: Readonly<Record<string, unknown>>) => {
  const client = cluster(answers)
  const looking = { client, discovery: createDiscovery(client), target: { namespace: 'prod' } }
  return readLiveFacts(looking, [entry(1, 'pending-install', { createdAt: start })], last)
}

test('facts are read from the cluster, and what may not be listed is not known', async () => {
  const told = async (answers: Readonly<Record<string, unknown>>) =>
    (await look(answers)).map(({ object, exists, existedBefore, everReady }) => [
      object.name,
      exists,
      existedBefore,
      everReady,
    ])
  const rest = [
    ['settings', true, true, false],
    ['gone', false, false, false],
  ]
  assert.deepEqual(await told(served), [['web', true, false, true], ...rest])
  const blind = { ...served, '/apis/apps/v1/namespaces/prod/replicasets': 403 }
  assert.deepEqual(await told(blind), [['web', true, false, null], ...rest])
  await assert.rejects(look({ ...served, '/api/v1/namespaces/prod/pods': 500 }), ApiError)
  await assert.rejects(look({ ...served, '/apis/apps/v1/namespaces/prod/deployments/web': 403 }), ApiError)
})
