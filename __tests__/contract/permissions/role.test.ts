// The accounts of `examples/rbac` are enough for all that the action does, and they have no right that nothing needs.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { missingImage } from '../../helpers/broken.ts'
import { chartOf, configMap, deployment, job } from '../../helpers/chart.ts'
import { startFaultyApi } from '../../helpers/faulty-api.ts'
import type { FaultyApi } from '../../helpers/faulty-api.ts'
import { until } from '../../helpers/cluster.ts'
import { fixtureChart } from '../../helpers/helm.ts'
import { allowed, asked, readExample, tokenOfExample } from '../../helpers/rbac.ts'
import type { Manifest } from '../../helpers/rbac.ts'
import type { RunOptions } from '../../helpers/runner.ts'
import { assertRestored, setStage } from '../../helpers/stage.ts'
import type { Deployed, Stage } from '../../helpers/stage.ts'
import { helmMajors, unlessNotThere, useTestbed } from '../../helpers/testbed.ts'
import type { HelmMajor } from '../../helpers/testbed.ts'
import { object } from '../../scenarios/objects.ts'
import { kubeconfigFor } from '../../testbed/testbed.ts'

type Account = {
  line: FaultyApi
  run: (inputs: Record<string, string>, options?: RunOptions) => Promise<Deployed>
  /** What the API server has refused since the last run began. */
  refused: () => string[]
}

const testbed = await useTestbed()
const majors = helmMajors(testbed)
/** By file: every right that was made use of, with either Helm. */
const used = new Map<string, Set<string>>()
/** Asked of every cluster, and only needed for an `expect-cluster` that is a uid. */
const clusterId = 'GET /api/v1/namespaces/kube-system by atomic-helm-action'

/** An account of a file, whose way to the API server writes down what is asked and what is refused. */
async function accountOf(
  context: TestContext,
  stage: Stage,
  file: string,
  change?: (objects: Manifest[]) => void,
): Promise<Account> {
  const token = await tokenOfExample(stage, file, change)
  const line = await startFaultyApi(testbed, {
    kubeconfigOf: (cluster) => kubeconfigFor(cluster, { token }, stage.namespace),
  })
  context.after(() => line.close())
  const rights = used.get(file) ?? new Set()
  used.set(file, rights)
  return {
    line,
    run: async (inputs, options = {}) => {
      line.forget()
      const run = await stage.deploy(inputs, { kubeconfig: line.kubeconfig, ...options })
      for (const request of line.requests()) if (request.status !== 403) rights.add(asked(request) ?? '')
      return run
    },
    refused: () => {
      const refused = line.requests().filter(({ status }) => status === 403)
      return [...new Set(refused.map(({ method, path, agent }) => `${method} ${path} by ${agent}`))]
    },
  }
}

/** Declares a story of one account with each Helm. */
function withRole(
  name: string,
  file: string,
  story: (account: Account, stage: Stage, helm: HelmMajor) => Promise<void>,
  change?: (objects: Manifest[]) => void,
): void {
  for (const helm of majors)
    test(`${name} (Helm ${helm.major})`, (context) =>
      unlessNotThere(context, async () => {
        const stage = await setStage(context, { helm })
        await story(await accountOf(context, stage, file, change), stage, helm)
      }))
}

describe('the minimal Role', { concurrency: 4 }, () => {
  withRole(
    'is enough for a good deploy, and for one that crashes',
    'deployer.yaml',
    async ({ run, refused }, stage) => {
      const good = await run({ set: 'greeting=one' })
      assert.deepEqual([good.status, good.warnings], ['deployed', []], good.log)
      assert.deepEqual(refused(), [clusterId])
      const before = await stage.picture()

      const crash = await run({ set: 'greeting=two\ncrash=true' })
      assert.deepEqual(
        [crash.status, crash.outputs['rollback'], crash.report.warnings],
        ['rolled-back', 'restored', []],
      )
      assert.match(crash.comment, /FATAL: password authentication failed/, 'the log was read')
      assertRestored(await stage.picture(), before)
      assert.deepEqual(refused(), [clusterId])

      const hook = await run({ set: 'migrate.run=fail' })
      assert.deepEqual([hook.status, hook.outputs['rollback'], hook.report.warnings], ['rolled-back', 'restored', []])
      assert.match(hook.comment, /column "price" of relation "orders" already exists/)
      assert.deepEqual(refused(), [clusterId])

      const key = await run({ set: 'configKey=farewell', timeout: '20s' })
      assert.deepEqual([key.status, key.outputs['rollback'], key.report.warnings], ['rolled-back', 'restored', []])
      assert.equal(key.report.findings[0]?.class, 'missing-config')
      assert.deepEqual(refused(), [clusterId])
    },
  )

  withRole('is enough for a first install that fails', 'deployer.yaml', async ({ run, refused }, stage) => {
    const before = await stage.picture()
    const failed = await run({ set: missingImage(testbed) })
    assert.deepEqual(
      [failed.status, failed.outputs['rollback'], failed.report.warnings],
      ['uninstalled', 'restored', []],
      failed.log,
    )
    assert.deepEqual(await stage.picture(), before)
    assert.deepEqual(refused(), [clusterId])
  })

  withRole('is enough for a cancel', 'deployer.yaml', async ({ run, refused }, stage) => {
    await stage.install('shop')
    const before = await stage.picture()
    const cancelWhen = (line: string): boolean => /1 of 2 new pods started/.test(line)
    const cancelled = await run({ set: 'neverReady=true' }, { cancelWhen })
    assert.deepEqual([cancelled.status, cancelled.report.rollback], ['cancelled', 'restored'], cancelled.log)
    assertRestored(await stage.picture(), before)
    assert.deepEqual(await stage.leases(), [])
    assert.deepEqual(refused(), [clusterId])
  })

  withRole('is enough to go back, to recover, and to wait for another run', 'deployer.yaml', async (account, stage) => {
    const { run, refused, line } = account
    const broken = ['install', 'shop', fixtureChart('shop'), '--set', 'image.repository=not/an//image']
    assert.equal((await stage.helm(...broken, '--wait', '--timeout', '3s')).exitCode, 1)
    const removed = await run({ mode: 'recover', chart: '' })
    assert.deepEqual([removed.status, removed.outputs['revision']], ['recovered', ''], removed.log)
    assert.deepEqual(refused(), [clusterId])

    await stage.install('shop', 'greeting=one')
    await stage.install('shop', 'greeting=two')
    const back = await run({ mode: 'rollback', chart: '' })
    assert.deepEqual([back.status, back.outputs['rollback']], ['rolled-back', 'restored'], back.log)
    assert.deepEqual(refused(), [clusterId])

    const both = Promise.all([run({ set: 'slowStart=5s' }), run({ set: 'slowStart=6s' })])
    // A watch that is too old is begun anew, with a list.
    const isWaiting = (): boolean => line.requests().some((one) => asked(one) === 'coordination.k8s.io/leases watch')
    await until('a watch of the lock', async () => isWaiting())
    line.endWatches()
    const runs = await both
    assert.deepEqual(
      runs.map(({ status, warnings }) => [status, warnings]),
      [
        ['deployed', []],
        ['deployed', []],
      ],
    )
    assert.ok(
      runs.some(({ log }) => log.includes('another run has the lock')),
      'one of them has waited',
    )
    assert.deepEqual(refused(), [clusterId])
  })

  withRole(
    'is enough for other workloads, once their kinds are in it',
    'deployer.yaml',
    async ({ run, refused }) => {
      const agent = await run({ release: 'agent', chart: fixtureChart('agent') })
      assert.deepEqual([agent.status, agent.warnings, refused()], ['deployed', [], [clusterId]], agent.log)
      const store = { release: 'store', chart: fixtureChart('store') }
      const good = await run(store)
      assert.deepEqual([good.status, good.warnings, refused()], ['deployed', [], [clusterId]], good.log)
      const bad = await run({ ...store, set: 'crash=true' })
      assert.deepEqual([bad.status, bad.outputs['rollback'], bad.report.warnings], ['rolled-back', 'restored', []])
      assert.deepEqual(refused(), [clusterId])
    },
    (objects) => {
      const rule = { apiGroups: ['apps'], resources: ['statefulsets', 'daemonsets'] }
      const verbs = ['get', 'list', 'watch', 'create', 'patch', 'delete']
      objects.find(({ metadata }) => metadata.name === 'chart-of-shop')?.rules?.push({ ...rule, verbs })
    },
  )

  withRole(
    'is enough for releases in ConfigMaps, with that word in it',
    'deployer.yaml',
    async ({ run, refused }, stage) => {
      const env = { HELM_DRIVER: 'configmap' }
      assert.equal((await run({}, { env })).status, 'deployed')
      assert.deepEqual(refused(), [clusterId])
      const bad = await run({ set: 'crash=true' }, { env })
      assert.deepEqual([bad.status, bad.outputs['rollback'], bad.report.warnings], ['rolled-back', 'restored', []])
      assert.deepEqual(refused(), [clusterId])
      assert.deepEqual(await stage.cluster.releases(stage.namespace), [], 'there is none in Secrets')
    },
    (objects) => {
      for (const { rules = [] } of objects)
        for (const rule of rules) if (rule.resources.includes('secrets')) rule.resources = ['configmaps']
    },
  )

  withRole('of a plan is enough for one', 'planner.yaml', async ({ run, refused }, stage) => {
    const first = await run({ mode: 'plan' })
    assert.deepEqual([first.status, first.outputs['changed'], first.warnings], ['planned', 'true', []], first.log)
    assert.deepEqual(refused(), [clusterId])
    const twoOfEach = (greeting: string): string =>
      chartOf(
        Object.fromEntries(
          ['one', 'two'].map((name) => [
            name,
            [
              configMap(name, { greeting }),
              JSON.stringify(object('v1', 'Service', name, { spec: { ports: [{ port: 80 }] } })),
              JSON.stringify(object('v1', 'ServiceAccount', name)),
              deployment(name, ['serve']),
              job(name, ['exit', '0']),
              job(`before-${name}`, ['exit', '0'], { 'helm.sh/hook': 'pre-upgrade' }),
            ].join('\n---\n'),
          ]),
        ),
      )
    const installed = await stage.helm('install', 'shop', twoOfEach('Welcome'), '--wait', '--wait-for-jobs')
    assert.equal(installed.exitCode, 0, installed.stderr)
    const before = await stage.picture()
    const second = await run({ mode: 'plan', chart: twoOfEach('Hello') })
    assert.deepEqual([second.status, second.outputs['changed'], second.warnings], ['planned', 'true', []], second.log)
    assert.match(second.comment, /The cluster is as revision 1 says/)
    // Of a dry run, which nobody can allow without the real one, it does without.
    const others = refused().filter((request) => !/^PATCH .*[?&]dryRun=All/.test(request))
    assert.deepEqual(others, [clusterId])
    assert.deepEqual(await stage.picture(), before)
  })
})

describe('every right of the minimal Role', () => {
  for (const file of ['deployer.yaml', 'planner.yaml'])
    test(`is made use of: ${file}`, () => {
      const rights = allowed(readExample(file, 'shop'))
      assert.ok(rights.length > 10)
      assert.deepEqual(
        rights.filter((right) => !used.get(file)?.has(right)),
        [],
      )
    })
})
