// A first install that fails leaves nothing behind that was not there before.
import assert from 'node:assert/strict'
import { missingImage } from '../../helpers/broken.ts'
import { configMap, job, writeChart } from '../../helpers/chart.ts'
import { until } from '../../helpers/cluster.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { set } from '../../scenarios/objects.ts'

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

  staged('leaves the volumes of a StatefulSet, and lists them', {}, async ({ deploy, cluster, path, testbed }) => {
    const claim = {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    }
    const web = set('StatefulSet', {
      container: { image: testbed.images.missing, volumeMounts: [{ name: 'data', mountPath: '/data' }] },
      spec: { volumeClaimTemplates: [claim] },
    })
    // Of the same class and with a name that begins alike, but nothing that this run made.
    await cluster.create(`${path}/persistentvolumeclaims`, { ...claim, metadata: { name: 'data-website-0' } })
    const run = await deploy({ chart: writeChart({ 'templates/web.yaml': JSON.stringify(web) }) })
    assert.deepEqual([run.status, run.outputs['rollback']], ['uninstalled', 'restored'], run.log)
    assert.deepEqual(
      run.report.notUndone.map(({ object: { kind, name }, why }) => [kind, name, why]),
      [['PersistentVolumeClaim', 'data-web-0', 'a volume of a StatefulSet: Kubernetes keeps its data']],
    )
    assert.match(run.comment, /data-web-0/)
    const left = await cluster.get(`${path}/persistentvolumeclaims/data-web-0`)
    assert.equal(left?.metadata.deletionTimestamp, undefined)
    assert.ok(left, 'the volume is still there')
  })

  staged('leaves the namespace that it made when something else is in it by then', { exists: false }, async (stage) => {
    const { deploy, cluster, namespace, path, testbed } = stage
    const foreign = until('the namespace', () => cluster.namespaceExists(namespace)).then(() =>
      cluster.create(`${path}/configmaps`, { metadata: { name: 'foreign' }, data: { of: 'somebody else' } }),
    )
    const run = await deploy({ 'create-namespace': 'true', set: missingImage(testbed) })
    const { uid } = (await foreign).metadata
    assert.deepEqual([run.status, run.outputs['rollback']], ['uninstalled', 'restored'], run.log)
    assert.deepEqual(
      run.report.notUndone.map(({ object: { kind, name }, why }) => [kind, name, why]),
      [['Namespace', namespace, 'this run made it, but something else is in it by now']],
    )
    assert.match(run.comment, new RegExp(`${namespace}.*something else is in it by now`))
    assert.equal((await cluster.get(`${path}/configmaps/foreign`))?.metadata.uid, uid)
    assert.deepEqual(Object.keys(await cluster.normalisedObjects(namespace)), ['ConfigMap/foreign'])
  })

  staged('is not uninstalled when that would delete what existed before', {}, async (stage) => {
    const { deploy, cluster, namespace, path } = stage
    // Rendered without the cluster it is a hook, which may be there already; Helm itself finds it, and takes it over.
    const settings = `{{- $live := lookup "v1" "ConfigMap" .Release.Namespace "settings" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  annotations: { {{ if not $live }}"helm.sh/hook": pre-install{{ end }} }
data: { level: info }`
    const { metadata } = await cluster.create(`${path}/configmaps`, {
      metadata: {
        name: 'settings',
        labels: { 'app.kubernetes.io/managed-by': 'Helm' },
        annotations: { 'meta.helm.sh/release-name': 'shop', 'meta.helm.sh/release-namespace': namespace },
      },
      data: { precious: 'yes' },
    })
    const chart = writeChart({
      'templates/settings.yaml': settings,
      'templates/hook.yaml': job('check', ['crash', 'ERROR: no answer'], { 'helm.sh/hook': 'post-install' }),
    })
    const run = await deploy({ chart })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rollback-failed', 'failed'], run.log)
    assert.match(JSON.stringify(run.report.undo), /an uninstall would delete what existed before: ConfigMap\/settings/)
    assert.notEqual(run.report.undo?.commands.length, 0)
    const after = await cluster.get(`${path}/configmaps/settings`)
    assert.equal(after?.metadata.uid, metadata.uid)
    assert.deepEqual(after?.['data'], { level: 'info', precious: 'yes' })
  })
})
