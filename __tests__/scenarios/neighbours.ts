// What goes wrong beside a rollout that is healthy itself.
import { until } from '../helpers/cluster.ts'
import type { Cluster } from '../helpers/cluster.ts'
import { object, web } from './objects.ts'
import type { Scenario } from './scenario.ts'
import { setTimeout as sleep } from 'node:timers/promises'

const succeeds: Scenario['expect'] = { succeeds: {} }
/** An old replica that crashes: its ConfigMap says so to whoever starts now. */
const tellMode = (name: string): object => ({ name: 'MODE', valueFrom: { configMapKeyRef: { name, key: 'mode' } } })

export const neighbours: Scenario[] = [
  {
    name: 'a pod of another release crashes all the time',
    change: async ({ cluster, namespace }) =>
      cluster.create(`/apis/apps/v1/namespaces/${namespace}/deployments`, web({ name: 'other', args: ['crash'] })),
    bad: { web: web({ args: ['serve', '--ready-after=40s'] }) },
    expect: succeeds,
  },
  {
    name: 'an old replica was broken before the deploy',
    as: 'upgrade',
    good: {
      web: web({ args: ['--lines=1'], spec: { replicas: 2 }, container: { env: [tellMode('mode')] } }),
      mode: object('v1', 'ConfigMap', 'mode', { data: { mode: 'serve' } }),
    },
    // Whoever starts from now on crashes; one of the two has to.
    change: async ({ cluster, namespace, path }) => {
      await cluster.patch(`${path}/configmaps/mode`, { data: { mode: 'crash' } })
      const [pod] = await cluster.podHashes(namespace)
      await cluster.remove(`${path}/pods/${pod?.name}`)
      const isBroken = async (): Promise<boolean> =>
        (await cluster.podHashes(namespace)).some(({ restarts, ready }) => restarts >= 3 && !ready)
      await until('an old replica that crashes', isBroken, 120_000)
    },
    bad: {
      web: web({ args: ['serve', '--ready-after=25s'], spec: { replicas: 2 } }),
      mode: object('v1', 'ConfigMap', 'mode', { data: { mode: 'crash' } }),
    },
    expect: succeeds,
  },
  {
    name: 'a pod is evicted on the way and replaced',
    bad: { web: web({ args: ['serve', '--ready-after=15s'], spec: { replicas: 2 } }) },
    during: async ({ cluster, namespace, path }) => {
      const pod = await until('a new pod', async () => (await newPods(cluster, namespace)).at(-1))
      await sleep(3000)
      const metadata = { name: pod.name, namespace }
      await cluster.create(`${path}/pods/${pod.name}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata })
    },
    expect: succeeds,
  },
]

async function newPods(cluster: Cluster, namespace: string): Promise<{ name: string }[]> {
  const pods = await cluster.podHashes(namespace)
  return pods.filter(({ ready }) => !ready)
}
