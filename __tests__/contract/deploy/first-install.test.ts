// A first install that fails leaves nothing behind that was not there before.
import assert from 'node:assert/strict'
import { missingImage } from '../../helpers/broken.ts'
import { configMap, job, writeChart } from '../../helpers/chart.ts'
import { until } from '../../helpers/cluster.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'

sideBySide('a failed first install', () => {
  staged(
    'takes the namespace with it that it made',
    { exists: false },
    async ({ deploy, cluster, namespace, testbed }) => {
      const run = await deploy({ 'create-namespace': 'true', set: missingImage(testbed) })
      assert.equal(run.status, 'uninstalled')
      assert.equal(run.outputs['rollback'], 'restored')
      assert.equal(run.outputs['revision'], '')
      assert.equal(run.report.findings[0]?.class, 'image-pull')
      await until('end of the namespace', async () => !(await cluster.namespaceExists(namespace)))
    },
  )

  staged('leaves a namespace alone that was there', {}, async ({ deploy, cluster, namespace, testbed, picture }) => {
    const before = await picture()
    const run = await deploy({ 'create-namespace': 'true', set: missingImage(testbed) })
    assert.deepEqual([run.status, run.outputs['rollback']], ['uninstalled', 'restored'])
    assert.deepEqual(await picture(), before)
    assert.deepEqual(await cluster.releases(namespace), [])
    assert.equal(await cluster.namespaceExists(namespace), true)
  })

  staged('takes its hook objects with it', {}, async ({ deploy, cluster, namespace, picture }) => {
    const before = await picture()
    const chart = writeChart({
      'templates/config.yaml': configMap('first', {}, { 'helm.sh/hook': 'pre-install', 'helm.sh/hook-weight': '-1' }),
      'templates/hook.yaml': job('prepare', ['crash', 'ERROR: no licence'], { 'helm.sh/hook': 'pre-install' }),
      'templates/app.yaml': configMap('app', { level: 'info' }),
    })
    const run = await deploy({ chart })
    assert.deepEqual([run.status, run.outputs['rollback']], ['uninstalled', 'restored'])
    const [finding] = run.report.findings
    assert.deepEqual([finding?.class, finding?.resource.name], ['hook-failed', 'prepare'])
    assert.equal(finding?.evidence.decisiveLine, 'ERROR: no licence')
    assert.ok(
      run.report.notUndone.some(({ object }) => object.name === 'prepare'),
      'what the hook did is told',
    )
    assert.deepEqual(await picture(), before)
    assert.deepEqual(await cluster.releases(namespace), [])
  })

  staged('takes with it what belongs to no namespace', {}, async ({ deploy, cluster, namespace }) => {
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: namespace } }
    const chart = writeChart({
      'templates/role.yaml': JSON.stringify({ ...role, rules: [] }),
      'templates/hook.yaml': job('check', ['crash', 'ERROR: no answer'], { 'helm.sh/hook': 'post-install' }),
    })
    const run = await deploy({ chart })
    assert.deepEqual([run.status, run.outputs['rollback']], ['uninstalled', 'restored'], run.log)
    assert.equal(await cluster.get(`/apis/rbac.authorization.k8s.io/v1/clusterroles/${namespace}`), undefined)
  })

  staged(
    'keeps the history that an earlier uninstall kept',
    {},
    async ({ install, helm, deploy, picture, cluster, ...stage }) => {
      await install('settings')
      const { exitCode, stderr } = await helm('uninstall', 'shop', '--keep-history', '--wait')
      assert.equal(exitCode, 0, stderr)
      const before = await picture()
      const chart = writeChart({
        'templates/app.yaml': configMap('app', { level: 'info' }),
        'templates/hook.yaml': job('check', ['crash', 'ERROR: no answer'], {
          'helm.sh/hook': 'post-install,post-upgrade',
        }),
      })
      const run = await deploy({ chart })
      assert.deepEqual([run.status, run.outputs['rollback']], ['uninstalled', 'restored'], run.log)
      assert.deepEqual(await picture(), before)
      const records = await cluster.releases(stage.namespace)
      assert.deepEqual([records[0]?.revision, records.at(-1)?.status], [1, 'uninstalled'])
    },
  )

  staged('lists what no uninstall removes', {}, async ({ deploy, cluster, namespace }) => {
    const group = `g${namespace.replace('-', '')}.example.com`
    const chart = writeChart({
      'crds/lamp.yaml': JSON.stringify({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: `lamps.${group}` },
        spec: {
          group,
          scope: 'Namespaced',
          names: { kind: 'Lamp', plural: 'lamps' },
          versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
        },
      }),
      'templates/kept.yaml': configMap('precious', { data: 'x' }, { 'helm.sh/resource-policy': 'keep' }),
      'templates/lamp.yaml': JSON.stringify({ apiVersion: `${group}/v1`, kind: 'Lamp', metadata: { name: 'desk' } }),
      'templates/job.yaml': job('index', ['crash', 'ERROR: index is locked']),
    })
    try {
      const run = await deploy({ chart, 'wait-for-jobs': 'true' })
      assert.deepEqual([run.status, run.outputs['rollback']], ['uninstalled', 'restored'], run.log)
      const kinds = run.report.notUndone.map(({ object }) => object.kind)
      assert.deepEqual(kinds.sort(), ['ConfigMap', 'CustomResourceDefinition'])
      assert.match(run.comment, /lamps?\b/)
      assert.match(run.comment, /precious/)
      assert.deepEqual(Object.keys(await cluster.normalisedObjects(namespace)), ['ConfigMap/precious'])
      assert.deepEqual(await cluster.releases(namespace), [])
    } finally {
      await cluster.remove(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/lamps.${group}`)
    }
  })
})
