// What is removed, what is told instead, and what is never touched.
import assert from 'node:assert/strict'
import { chartOf } from '../../helpers/chart.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { previewsOn } from '../../helpers/previews.ts'

const map = (name: string, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
})

sideBySide('removing a preview', () => {
  const only = { only: 4, exists: false } as const

  staged('never touches a namespace that bears no labels of ours', only, async (stage, _helm, context) => {
    const previews = previewsOn(stage, context)
    await stage.cluster.createNamespace(previews.namespace)
    const before = await stage.cluster.get(previews.path)
    for (const action of ['opened', 'closed']) {
      const run = await previews.on(action)
      assert.equal(run.status, 'rejected', run.log)
      assert.match(
        run.outputs['reason'] ?? '',
        new RegExp(`The namespace "${previews.namespace}" .* nothing is touched`),
      )
    }
    assert.deepEqual(await stage.cluster.get(previews.path), before)
    assert.deepEqual(await stage.cluster.releases(previews.namespace), [])
  })

  staged('never touches the preview of another', only, async (stage, _helm, context) => {
    const previews = previewsOn(stage, context)
    const opened = await previews.on('opened')
    assert.equal(opened.status, 'deployed', opened.log)
    const forged = [
      { labels: { 'atomic-helm.dev/pull-request': '8' }, whose: 'pull request 8' },
      { labels: { 'atomic-helm.dev/pull-request': '7x' }, whose: 'org/shop' },
      { labels: { 'atomic-helm.dev/repository': 'shop-00000000' }, whose: 'org/shop' },
      { annotations: { 'atomic-helm.dev/repository': '[evil](https://e.example)/x' }, whose: 'somebody else' },
    ]
    const { metadata } = (await previews.live()) ?? { metadata: { labels: {}, annotations: {} } }
    for (const { whose, ...change } of forged) {
      await stage.cluster.patch(previews.path, { metadata: change })
      const runs = [await previews.on('closed'), await previews.on('reopened')]
      for (const run of runs) {
        assert.equal(run.status, 'rejected', run.log)
        assert.ok((run.outputs['reason'] ?? '').includes(`is the preview of ${whose}`), run.outputs['reason'])
        assert.doesNotMatch(run.comment, /e\.example/)
      }
      await stage.cluster.patch(previews.path, {
        metadata: { labels: metadata.labels, annotations: metadata.annotations },
      })
    }
    assert.equal((await stage.cluster.releases(previews.namespace, 'pr-7')).length, 1)
    assert.equal((await previews.on('closed')).status, 'removed')
  })

  staged(
    'names what does not go, with its finalizer and the command; the next run ends it',
    { exists: false },
    async (stage, _helm, context) => {
      const previews = previewsOn(stage, context)
      const chart = chartOf({ held: map('held', { finalizers: ['example.com/hold'] }) })
      assert.equal((await previews.on('opened', { inputs: { chart } })).status, 'deployed')
      const stuck = await previews.on('closed', { inputs: { 'rollback-timeout': '4s' } })
      assert.equal(stuck.status, 'rollback-failed', stuck.log)
      assert.match(
        stuck.outputs['reason'] ?? '',
        /does not go: .*configmaps held \(it is being deleted, held by example\.com\/hold\)/,
      )
      assert.ok(
        stuck.comment.includes(`kubectl -n ${previews.namespace} patch configmaps held --type=merge`),
        stuck.comment,
      )
      await stage.cluster.patch(`${previews.path}/configmaps/held`, { metadata: { finalizers: null } })
      const ended = await previews.on('closed')
      assert.equal(ended.status, 'removed', ended.log)
      assert.equal(await previews.live(), undefined)
    },
  )

  staged('names what holds the namespace', only, async (stage, _helm, context) => {
    const previews = previewsOn(stage, context)
    await previews.on('opened')
    await stage.cluster.create(`${previews.path}/configmaps`, map('left', { finalizers: ['example.com/hold'] }))
    const stuck = await previews.on('closed', { inputs: { 'rollback-timeout': '8s' } })
    assert.equal(stuck.status, 'rollback-failed', stuck.log)
    assert.match(stuck.outputs['reason'] ?? '', /the namespace .* does not go: .*example\.com\/hold/)
    assert.ok(stuck.report.undo?.commands.some((one) => one.includes('patch configmaps left --type=merge')))
    await stage.cluster.patch(`${previews.path}/configmaps/left`, { metadata: { finalizers: null } })
    const ended = await previews.on('closed')
    assert.equal(ended.status, 'removed', ended.log)
  })

  staged(
    'takes claims and kept objects along, and tells of volumes that are retained',
    only,
    async (stage, _helm, context) => {
      const previews = previewsOn(stage, context)
      const volume = `pv-${stage.namespace}`
      const volumes = '/api/v1/persistentvolumes'
      const claimRef = { namespace: previews.namespace, name: 'data' }
      await stage.cluster.create(volumes, {
        metadata: { name: volume },
        spec: {
          capacity: { storage: '1Mi' },
          accessModes: ['ReadWriteOnce'],
          persistentVolumeReclaimPolicy: 'Retain',
          storageClassName: '',
          hostPath: { path: '/tmp' },
          claimRef,
        },
      })
      context.after(() => stage.cluster.remove(`${volumes}/${volume}`))
      const claim = {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data', annotations: { 'helm.sh/resource-policy': 'keep' } },
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: '',
          volumeName: volume,
          resources: { requests: { storage: '1Mi' } },
        },
      }
      const role = {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: `role-${stage.namespace}` },
      }
      const kept = map('kept', { annotations: { 'helm.sh/resource-policy': 'keep' } })
      const opened = await previews.on('opened', { inputs: { chart: chartOf({ claim, kept, role }) } })
      assert.equal(opened.status, 'deployed', opened.log)
      const closed = await previews.on('closed')
      assert.equal(closed.status, 'removed', closed.log)
      assert.equal(await previews.live(), undefined)
      assert.deepEqual(
        closed.report.notUndone.map(({ object }) => `${object.kind}/${object.name}`),
        [`PersistentVolume/${volume}`],
      )
      assert.match(closed.comment, /its reclaim policy is Retain/)
      assert.ok(await stage.cluster.get(`${volumes}/${volume}`))
      assert.equal(
        await stage.cluster.get(`/apis/rbac.authorization.k8s.io/v1/clusterroles/role-${stage.namespace}`),
        undefined,
      )
    },
  )

  staged('leaves the namespace to the last of several releases in it', only, async (stage, _helm, context) => {
    const previews = previewsOn(stage, context)
    const api = { release: 'api-{{ pr }}' }
    assert.equal((await previews.on('opened')).status, 'deployed')
    assert.equal((await previews.on('opened', { inputs: api })).status, 'deployed')
    const one = await previews.on('closed')
    assert.equal(one.status, 'removed', one.log)
    assert.match(one.outputs['reason'] ?? '', /^pr-7 is gone; the namespace .* stays for api-7\.$/)
    assert.deepEqual(one.report.warnings, [])
    assert.ok(await previews.live())
    assert.equal((await previews.on('closed', { inputs: api })).status, 'removed')
    assert.equal(await previews.live(), undefined)
  })
})
