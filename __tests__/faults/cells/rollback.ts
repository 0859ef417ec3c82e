// 10 and 11: what a rollback does not put back by itself, and a rollback that fails.
import { setTimeout as sleep } from 'node:timers/promises'
import { scaleToThree } from '../../helpers/autoscaler.ts'
import { chartOf } from '../../helpers/chart.ts'
import { until } from '../../helpers/cluster.ts'
import { job, set, web } from '../../scenarios/objects.ts'
import type { Parts } from '../../scenarios/objects.ts'
import type { Templates } from '../../helpers/chart.ts'
import type { Cell } from '../cell.ts'
import { changed, config, fine, good, missing, unscaled } from '../charts.ts'
import { comes, once, shows } from '../moments.ts'
import type { Scene } from '../scene.ts'

const restored = { ends: ['before'] as const, status: ['rolled-back'] }
const sidecar = (image: string): Templates =>
  changed({
    pod: {
      containers: [
        { name: 'app', image: 'testbed.local/app:1', args: ['serve'] },
        { name: 'sidecar', image, args: ['serve', '--port=8081'] },
      ],
    },
  })
const stateful = (args: string[], image?: string): Templates => ({
  web: set('StatefulSet', { args, ...(image === undefined ? {} : { container: { image } }) }),
  settings: config('settings', { greeting: 'Welcome' }),
})
const work = (args: string[]): object => job({ args })

/** A rollback that Helm marks so that the failed revision looks like one that was good: refused by RBAC (research/helm.md, run 9). */
async function failTheRollback(scene: Scene): Promise<void> {
  const { runHelm, cluster, namespace } = scene
  await runHelm('upgrade', 'shop', chartOf(missing(scene)), '--wait', '--timeout', '3s')
  const policy = await forbidDeployments(scene)
  await runHelm('rollback', 'shop', '1', '--timeout', '5s')
  await policy.lift()
  const records = await scene.records()
  const [, second] = records
  if (second?.status !== 'superseded')
    throw new Error(`the history is not as it should be: ${JSON.stringify(records.map(({ status }) => status))}`)
  await cluster.podHashes(namespace)
}

/** An admission policy that refuses every change of a Deployment in the namespace. */
async function forbidDeployments({ cluster, namespace, after }: Scene): Promise<{ lift: () => Promise<void> }> {
  const base = '/apis/admissionregistration.k8s.io/v1'
  await cluster.create(`${base}/validatingadmissionpolicies`, {
    metadata: { name: namespace },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['deployments'] },
        ],
      },
      validations: [{ expression: "request.userInfo.username.startsWith('system:')", message: 'frozen' }],
    },
  })
  await cluster.create(`${base}/validatingadmissionpolicybindings`, {
    metadata: { name: namespace },
    spec: {
      policyName: namespace,
      validationActions: ['Deny'],
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
    },
  })
  const lift = async (): Promise<void> => {
    await cluster.remove(`${base}/validatingadmissionpolicybindings/${namespace}`)
    await cluster.remove(`${base}/validatingadmissionpolicies/${namespace}`)
  }
  after(lift)
  const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/web`
  const isForbidden = async (): Promise<boolean> =>
    cluster.patch(`${deployment}?dryRun=All`, { metadata: { annotations: { probe: 'x' } } }).then(
      () => false,
      () => true,
    )
  for (let tries = 0; tries < 100 && !(await isForbidden()); tries += 1) await sleep(100)
  return {
    async lift() {
      await lift()
      for (let tries = 0; tries < 100 && (await isForbidden()); tries += 1) await sleep(100)
    },
  }
}

/** The web server without a number of replicas. */
function scaled(parts: Parts): Templates {
  return changed({ ...parts, spec: unscaled })
}

const recreate = { strategy: { type: 'Recreate' } }
const needsSecret = (container: Record<string, unknown> = {}): Parts => ({
  container: { envFrom: [{ secretRef: { name: 'database' } }], ...container },
  spec: recreate,
})

/** Three replicas by hand, where the chart says two, and the next revision four; `/scale` is what `kubectl scale` uses. */
async function scaleByHand({ cluster, namespace }: Scene, place: '' | '/scale' = ''): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/web${place}`
  await cluster.patch(`${path}?fieldManager=ops`, { spec: { replicas: 3 } })
}
async function scaledBefore(scene: Scene): Promise<void> {
  await scaleByHand(scene)
  await until('three pods', async () => {
    const pods = await scene.cluster.podHashes(scene.namespace)
    return pods.filter(({ ready }) => ready).length === 3
  })
}
const four = { spec: { replicas: 4, strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } } }
const fault = 'scaled by hand, and the chart sets the replicas'
const rescaled = { ends: ['before'] as const, status: ['rolled-back'], isRescaled: true as const }
const scaledByHand: Cell[] = [
  {
    row: 11,
    fault,
    phase: 'a bad revision of nothing else',
    prepare: scaledBefore,
    deploy: ({ testbed }) => good({ ...four, container: { image: testbed.images.missing } }),
    expect: rescaled,
  },
  {
    row: 11,
    fault,
    phase: 'a bad revision of more',
    prepare: scaledBefore,
    deploy: ({ testbed }) => changed({ ...four, container: { image: testbed.images.missing } }),
    expect: rescaled,
  },
  {
    row: 11,
    fault,
    phase: 'while a bad revision is deployed',
    deploy: ({ testbed }) => changed({ ...four, container: { image: testbed.images.missing } }),
    beside: async (scene) => {
      await comes(scene, 'the new revision', shows.waiting(scene))
      await scaleByHand(scene, '/scale')
    },
    expect: rescaled,
  },
  {
    row: 11,
    fault,
    phase: 'a good revision',
    only: 3,
    prepare: scaledBefore,
    deploy: changed(four),
    expect: { ends: ['new'], status: ['deployed'] },
  },
  {
    row: 11,
    fault,
    phase: 'a good revision, which Helm refuses',
    only: 4,
    prepare: scaledBefore,
    deploy: changed(four),
    expect: { ...rescaled, says: /"ops"[\s\S]*--force-conflicts/ },
  },
  {
    row: 11,
    fault,
    phase: 'a good revision that takes them',
    only: 4,
    prepare: scaledBefore,
    deploy: changed(four),
    inputs: { 'helm-args': '--force-conflicts' },
    expect: { ends: ['new'], status: ['deployed'] },
  },
]

export const rollback: Cell[] = [
  {
    row: 11,
    fault: 'superseded although it failed',
    phase: 'the next deploy fails',
    keepsPicture: true,
    prepare: failTheRollback,
    deploy: missing,
    expect: restored,
    baseline: true,
  },
  {
    row: 11,
    fault: 'container added (helm#13346)',
    phase: 'its image does not exist',
    deploy: ({ testbed }) => sidecar(testbed.images.missing),
    expect: restored,
    baseline: true,
  },
  {
    row: 11,
    fault: 'container added (helm#13346)',
    phase: 'killed and recovered',
    deploy: ({ testbed }) => sidecar(testbed.images.missing),
    inputs: { 'fail-fast': 'false' },
    disturb: (scene) => ({
      killWhen: {
        when: {
          outside: async () => (await scene.cluster.podHashes(scene.namespace)).some(({ images }) => images.length > 1),
        },
        who: 'both',
      },
      noPost: true,
    }),
    next: true,
    expect: { ends: ['new'], status: ['deployed'] },
    baseline: true,
  },
  {
    row: 11,
    fault: 'manifest removed (helm#13437)',
    phase: 'in the failing revision',
    good: { ...good(), gone: config('gone', { x: '1' }) },
    deploy: missing,
    expect: { ...restored, recreated: ['ConfigMap/gone'] },
    baseline: true,
  },
  {
    row: 11,
    fault: 'StatefulSet stuck (kubernetes#67250)',
    phase: 'image does not exist',
    good: stateful(['serve']),
    deploy: ({ testbed }) => stateful(['serve', '--message=new'], testbed.images.missing),
    expect: restored,
    baseline: true,
  },
  {
    row: 11,
    fault: 'StatefulSet stuck (kubernetes#67250)',
    phase: 'never ready',
    good: stateful(['serve']),
    deploy: stateful(['serve', '--ready=false']),
    inputs: { timeout: '15s' },
    expect: restored,
    baseline: true,
  },
  {
    row: 11,
    fault: 'Deployment renamed',
    phase: 'the new one fails',
    // Helm takes the old one away before anything is known of the new one.
    stream: false,
    deploy: ({ testbed }) => ({ ...good(), web: web({ name: 'site', container: { image: testbed.images.missing } }) }),
    expect: { ...restored, recreated: ['Deployment/web'] },
    baseline: true,
  },
  {
    row: 11,
    fault: 'Job template changed',
    phase: 'the API refuses it',
    good: { ...good(), work: work(['exit', '0']) },
    deploy: { ...fine, work: work(['exit', '1']) },
    expect: restored,
    baseline: true,
  },
  {
    row: 11,
    fault: 'HPA owns the replicas',
    phase: 'the deploy fails',
    good: scaled({}),
    prepare: scaleByAutoscaler,
    deploy: ({ testbed }) => scaled({ container: { image: testbed.images.missing } }),
    expect: restored,
  },
  {
    row: 11,
    fault: 'HPA owns the replicas',
    phase: 'cancel',
    good: scaled({}),
    prepare: scaleByAutoscaler,
    deploy: scaled({ args: ['serve', '--ready=false'] }),
    disturb: (scene) => ({ cancelWhen: once(scene, shows.waiting) }),
    expect: { ends: ['before'], status: ['cancelled'] },
  },
  {
    row: 11,
    fault: 'HPA owns the replicas',
    phase: 'and the chart sets them too',
    prepare: scaleByAutoscaler,
    deploy: missing,
    // It looks every 15 s.
    expect: { ...restored, graceMs: 25_000 },
  },
  ...scaledByHand,
  {
    row: 10,
    fault: 'rollback refused',
    phase: 'by an admission policy',
    deploy: missing,
    inputs: { 'rollback-timeout': '15s' },
    beside: async (scene) => {
      await comes(scene, 'the new revision', async () => (await scene.records()).length > 1)
      await forbidDeployments(scene)
    },
    expect: { ends: ['kept'], status: ['rollback-failed'], says: /helm -n \S+ rollback shop 1/ },
  },
  {
    row: 10,
    fault: 'rollback hook fails',
    phase: 'pre-rollback',
    good: {
      ...good(),
      back: job({ name: 'back', args: ['exit', '1'], annotations: { 'helm.sh/hook': 'pre-rollback' } }),
    },
    deploy: missing,
    inputs: { 'rollback-timeout': '30s' },
    expect: { ends: ['before', 'kept'], status: ['rolled-back', 'rollback-failed'] },
  },
  {
    row: 10,
    fault: 'rollback never gets ready',
    phase: 'a Secret it needs was deleted',
    good: null,
    prepare: async ({ cluster, path, install }) => {
      await cluster.create(`${path}/secrets`, { metadata: { name: 'database' }, stringData: { user: 'shop' } })
      await install(good(needsSecret()))
      await cluster.remove(`${path}/secrets/database`)
    },
    deploy: ({ testbed }) => changed(needsSecret({ image: testbed.images.missing })),
    inputs: { 'rollback-timeout': '12s' },
    expect: { ends: ['kept'], status: ['rollback-failed'], says: /helm -n \S+ rollback shop 1/ },
  },
  {
    row: 10,
    fault: 'history trimmed',
    phase: 'to one revision',
    deploy: missing,
    inputs: { 'history-max': '1' },
    expect: restored,
  },
]

async function scaleByAutoscaler({ cluster, namespace, after }: Scene): Promise<void> {
  after(await scaleToThree(cluster, namespace, 'web'))
}
