// Releases in a bad state before the deploy, and undoing that does not work: said loudly, with the commands that help.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { missingImage } from '../../helpers/broken.ts'
import { deployment, writeChart } from '../../helpers/chart.ts'
import { until } from '../../helpers/cluster.ts'
import { fixtureChart } from '../../helpers/helm.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'

sideBySide('a release', () => {
  staged(
    'that another run left pending is not touched',
    {},
    async ({ install, deploy, picture, cluster, ...stage }, helm) => {
      await install('shop')
      const args = [
        'upgrade',
        'shop',
        fixtureChart('shop'),
        '--namespace',
        stage.namespace,
        '--set',
        'neverReady=true',
        '--wait',
      ]
      const killed = spawn(`${helm.dir}/helm`, args, {
        env: { KUBECONFIG: stage.testbed.kubeconfig, HOME: temporaryDirectory('helm') },
        stdio: 'ignore',
      })
      await until('a pending upgrade', async () => {
        const all = await cluster.releases(stage.namespace)
        return all.at(-1)?.status === 'pending-upgrade'
      })
      killed.kill('SIGKILL')
      await once(killed, 'exit')
      const before = await picture()
      const run = await deploy({ set: 'greeting=Hello' })
      assert.deepEqual([run.status, run.outputs['rollback']], ['rejected', 'none'], run.log)
      assert.match(run.outputs['reason'] ?? '', /revision 2 is pending-upgrade/)
      assert.ok(run.comment.includes(`helm -n ${stage.namespace} rollback shop 1`), run.comment)
      const after = await picture()
      assert.deepEqual([after.objects, after.uids], [before.objects, before.uids])
      assert.equal((await cluster.releases(stage.namespace)).length, 2)
    },
  )

  staged(
    'whose only revision failed is never uninstalled',
    {},
    async ({ helm, deploy, cluster, namespace, testbed, ...stage }) => {
      const first = await helm(
        'install',
        'shop',
        fixtureChart('shop'),
        '--set',
        'neverReady=true',
        '--wait',
        '--timeout',
        '3s',
      )
      assert.equal(first.exitCode, 1)
      const before = await stage.picture()
      const run = await deploy({ set: missingImage(testbed) })
      assert.deepEqual([run.status, run.outputs['rollback']], ['rollback-failed', 'failed'], run.log)
      assert.equal(run.report.findings[0]?.class, 'image-pull')
      assert.ok((run.report.undo?.commands.length ?? 0) > 0)
      assert.match(run.comment, new RegExp(`helm -n ${namespace} history shop`))
      const after = await stage.picture()
      assert.deepEqual(after.uids, before.uids)
      assert.equal((await cluster.releases(namespace)).length, 2)
      const repaired = await deploy()
      assert.equal(repaired.status, 'deployed', repaired.log)
    },
  )

  staged(
    'whose rollback fails says so, with the commands',
    {},
    async ({ install, deploy, cluster, namespace, path }) => {
      const chart = (image: string): string =>
        writeChart({
          'templates/app.yaml': deployment(
            'app',
            ['serve'],
            { image, envFrom: [{ secretRef: { name: 'database' } }] },
            { strategy: { type: 'Recreate' } },
          ),
        })
      await cluster.create(`${path}/secrets`, { metadata: { name: 'database' }, stringData: { user: 'shop' } })
      await install(chart('testbed.local/app:1'))
      await cluster.remove(`${path}/secrets/database`)
      const run = await deploy({ chart: chart('not/an//image'), 'rollback-timeout': '6s' })
      assert.deepEqual([run.status, run.outputs['rollback']], ['rollback-failed', 'failed'], run.log)
      assert.equal(run.report.findings[0]?.class, 'image-name')
      assert.ok(run.report.undo?.commands.includes(`helm -n ${namespace} rollback shop 1 --wait`), run.comment)
      assert.match(run.comment, /needs a person/)
      assert.match(run.comment, /helm -n \S+ rollback shop 1 --wait/)
    },
  )

  staged(
    'goes back to the last good revision, over failed ones',
    {},
    async ({ install, helm, deploy, picture, testbed }) => {
      await install('shop')
      const before = await picture()
      const bad = await helm(
        'upgrade',
        'shop',
        fixtureChart('shop'),
        '--set',
        'neverReady=true,greeting=Bad',
        '--wait',
        '--timeout',
        '2s',
      )
      assert.equal(bad.exitCode, 1)
      const run = await deploy({ set: missingImage(testbed) })
      assert.deepEqual(
        [run.status, run.outputs['previous-revision'], run.outputs['revision']],
        ['rolled-back', '1', '4'],
        run.log,
      )
      const after = await picture()
      assert.deepEqual(after.objects['Deployment/shop'], before.objects['Deployment/shop'])
      assert.deepEqual(after.objects['ConfigMap/shop-settings'], before.objects['ConfigMap/shop-settings'])
    },
  )
})
