// Going back and recovering without a chart, keeping what failed, and the hook after which nobody goes back.
import assert from 'node:assert/strict'
import { missingImage } from '../../helpers/broken.ts'
import { configMap, deployment, job, writeChart } from '../../helpers/chart.ts'
import { until } from '../../helpers/cluster.ts'
import { fixtureChart } from '../../helpers/helm.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { assertRestored } from '../../helpers/stage.ts'

sideBySide('mode rollback', () => {
  staged(
    'goes back to the good revision before, and to one that is named',
    {},
    async ({ install, deploy, ...stage }) => {
      await install('shop', 'greeting=one')
      const one = await stage.picture()
      await install('shop', 'greeting=two')
      const two = await stage.picture()
      const back = await deploy({ mode: 'rollback', chart: '' })
      assert.deepEqual(
        [back.status, back.outputs['rollback'], back.outputs['revision']],
        ['rolled-back', 'restored', '3'],
        back.log,
      )
      assert.deepEqual((await stage.picture()).objects, one.objects)
      const forward = await deploy({ mode: 'rollback', chart: '', revision: '2' })
      assert.deepEqual([forward.status, forward.outputs['revision']], ['rolled-back', '4'], forward.log)
      assert.deepEqual((await stage.picture()).objects, two.objects)
      assert.deepEqual(await stage.leases(), [])
    },
  )

  staged('touches nothing when there is no way back', {}, async ({ install, deploy, picture }) => {
    await install('shop')
    const before = await picture()
    const none = await deploy({ mode: 'rollback', chart: '' })
    assert.equal(none.status, 'rejected', none.log)
    assert.match(none.outputs['reason'] ?? '', /no good revision before revision 1/)
    const unknown = await deploy({ mode: 'rollback', chart: '', revision: '7' })
    assert.match(unknown.outputs['reason'] ?? '', /has no revision 7/)
    assertRestored(await picture(), before)
  })
})

sideBySide('a cancelled rollback by hand', () => {
  staged('is finished and checked by the post step', {}, async ({ install, deploy, ...stage }) => {
    const chart = (greeting: string): string =>
      writeChart({
        'templates/settings.yaml': configMap('settings', { greeting }),
        'templates/slow.yaml': job('slow', ['sleep', '8s'], { 'helm.sh/hook': 'pre-rollback' }),
      })
    await install(chart('one'))
    const one = await stage.cluster.normalisedObjects(stage.namespace)
    await install(chart('two'))
    const run = await deploy(
      { mode: 'rollback', chart: '' },
      { cancelWhen: (line) => /rolling back to revision 1/.test(line) },
    )
    assert.deepEqual([run.status, run.conclusion, run.report.rollback], ['cancelled', 'cancelled', 'restored'], run.log)
    assert.ok((run.report.undo?.checkedObjects ?? 0) > 0, run.log)
    const { 'Job/slow': _, ...now } = await stage.cluster.normalisedObjects(stage.namespace)
    assert.deepEqual(now, one)
    const history = await stage.cluster.releases(stage.namespace)
    assert.deepEqual([history.length, history.at(-1)?.status], [3, 'deployed'], 'Helm rolled back once')
    assert.deepEqual(await stage.leases(), [])
  })
})

sideBySide('mode recover', () => {
  staged(
    'takes back what a lost runner left, and leaves alone what is good',
    {},
    async ({ install, deploy, picture, ...stage }) => {
      await install('shop')
      const before = await picture()
      const fine = await deploy({ mode: 'recover', chart: '' })
      assert.deepEqual([fine.status, fine.outputs['revision']], ['recovered', '1'], fine.log)
      const failed = await stage.helm(
        'upgrade',
        'shop',
        fixtureChart('shop'),
        '--set',
        'neverReady=true',
        '--wait',
        '--timeout',
        '3s',
      )
      assert.equal(failed.exitCode, 1)
      const run = await deploy({ mode: 'recover', chart: '' })
      assert.deepEqual(
        [run.status, run.outputs['rollback'], run.outputs['revision']],
        ['recovered', 'restored', '3'],
        run.log,
      )
      assert.deepEqual((await picture()).objects, before.objects)
    },
  )

  staged('removes a first install that never became anything', {}, async ({ deploy, helm, cluster, namespace }) => {
    const chart = writeChart({ 'templates/web.yaml': deployment('web', ['serve'], { image: 'not/an//image' }) })
    assert.equal((await helm('install', 'shop', chart, '--wait', '--timeout', '3s')).exitCode, 1)
    const run = await deploy({ mode: 'recover', chart: '' })
    assert.deepEqual([run.status, run.outputs['revision']], ['recovered', ''], run.log)
    assert.deepEqual(await cluster.normalisedObjects(namespace), {})
  })
})

sideBySide('a failed deploy', () => {
  staged('is kept as it is when that is asked for', {}, async ({ install, deploy, testbed, cluster, namespace }) => {
    await install('shop')
    const run = await deploy({ 'on-failure': 'keep', set: missingImage(testbed) })
    assert.deepEqual([run.status, run.outputs['rollback'], run.outputs['revision']], ['kept', 'none', '2'], run.log)
    assert.equal(run.report.findings[0]?.class, 'image-pull')
    assert.equal((await cluster.releases(namespace)).at(-1)?.status, 'failed')
  })

  staged('is not rolled back after a point of no return', {}, async ({ install, deploy, namespace, ...stage }) => {
    const chart = (...more: string[]): string =>
      writeChart({
        'templates/web.yaml': deployment('web', ['serve', ...more]),
        ...(more.length > 0 && {
          'templates/migrate.yaml': job('migrate', ['exit', '0'], {
            'helm.sh/hook': 'pre-upgrade',
            'atomic-helm.dev/point-of-no-return': 'true',
          }),
        }),
      })
    await install(chart())
    const run = await deploy({ chart: chart('--ready-after=10m'), timeout: '25s' })
    assert.deepEqual([run.status, run.outputs['rollback']], ['kept', 'none'], run.log)
    assert.match(run.comment, /point of no return/)
    assert.ok(run.report.undo?.commands.includes(`helm -n ${namespace} rollback shop 1 --wait`), run.comment)
    assert.equal((await stage.cluster.releases(namespace)).at(-1)?.revision, 2)
  })
})

sideBySide('objects of others', () => {
  staged('are refused before anything is touched', {}, async ({ install, deploy, cluster, path, picture }) => {
    const chart = (greeting: string): string =>
      writeChart({ 'templates/settings.yaml': configMap('settings', { greeting }) })
    await install(chart('one'))
    const labels = {
      'kustomize.toolkit.fluxcd.io/name': 'apps',
      'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
    }
    await cluster.patch(`${path}/configmaps/settings`, { metadata: { labels } })
    const before = await picture()
    const run = await deploy({ chart: chart('two') })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rejected', 'none'], run.log)
    assert.match(run.outputs['reason'] ?? '', /ConfigMap\/settings.*Flux/s)
    assertRestored(await picture(), before)
  })
})

sideBySide('the lock of a release', () => {
  staged('lets runs wait for each other, and tells for whom', {}, async ({ install, deploy, cluster, namespace }) => {
    await install('shop')
    const [slow, waiting] = await Promise.all([
      deploy({ set: 'slowStart=12s\ngreeting=slow' }),
      until('the lock of the first', async () => (await cluster.get(leaseOf(namespace))) !== undefined).then(() =>
        deploy({ set: 'greeting=next' }, { runId: 1235 }),
      ),
    ])
    assert.deepEqual([slow.status, waiting.status], ['deployed', 'deployed'], waiting.log)
    assert.match(waiting.log, /actions\/runs\/1234/)
    assert.deepEqual([slow.outputs['revision'], waiting.outputs['revision']], ['2', '3'])
  })

  staged('can be taken over from a run that is alive', {}, async ({ install, deploy, cluster, namespace, leases }) => {
    await install('shop')
    const first = deploy({ set: 'neverReady=true' })
    await until('the first revision', async () => (await cluster.releases(namespace)).length === 2)
    const second = await deploy({ set: 'greeting=urgent', lock: 'take-over' }, { runId: 1235 })
    const fenced = await first
    assert.deepEqual([fenced.status, second.status], ['cancelled', 'deployed'], `${fenced.log}\n\n${second.log}`)
    assert.match(fenced.report.warnings.join(), /1235/)
    assert.deepEqual(await leases(), [])
    assert.equal((await cluster.releases(namespace)).at(-1)?.status, 'deployed')
  })
})

function leaseOf(namespace: string): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/atomic-helm.shop`
}
