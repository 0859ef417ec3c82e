// Several nodes, most of them without a machine: what one of them does is no verdict on a release.
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestContext } from 'node:test'
import { kubeconfigOfAccount } from '../helpers/account.ts'
import { until } from '../helpers/cluster.ts'
import { crashesUntil, healthy, startFakeNode } from '../helpers/fake-node.ts'
import type { Behaviour } from '../helpers/fake-node.ts'
import type { Stage } from '../helpers/stage.ts'
import { web } from './objects.ts'
import type { Scenario } from './scenario.ts'

const succeeds: Scenario['expect'] = { succeeds: {} }

export const nodes: Scenario[] = [
  {
    name: 'one bad node among several crashes its pod for 50 s',
    prepare: (stage, context) => start(stage, context, { a: healthy, b: healthy, bad: crashesUntil(50_000) }),
    good: { web: web() },
    bad: ({ namespace }) => ({ web: spread(namespace, ['a', 'b', 'bad']) }),
    as: 'install',
    expect: succeeds,
  },
  {
    name: 'containers crash every second for 20 s and then run',
    prepare: (stage, context) => start(stage, context, { a: crashesUntil(20_000) }),
    bad: ({ namespace }) => ({ web: spread(namespace, ['a']) }),
    as: 'install',
    expect: succeeds,
    isSample: true,
  },
  {
    name: 'a node is drained during the rollout',
    prepare: (stage, context) => start(stage, context, { a: readyAfter(8000), b: readyAfter(8000) }),
    bad: ({ namespace }) => ({ web: spread(namespace, ['a', 'b'], 4) }),
    during: drain,
    as: 'install',
    expect: succeeds,
  },
  {
    name: 'a node appears after 90 s',
    bad: ({ namespace }) => ({ web: spread(namespace, ['late']) }),
    during: (stage) => appear(stage),
    as: 'install',
    expect: succeeds,
  },
  {
    name: 'a node appears after 90 s, and events may not be read',
    bad: ({ namespace }) => ({ web: spread(namespace, ['late']) }),
    kubeconfig: withoutEvents,
    during: (stage) => appear(stage),
    as: 'install',
    expect: { succeeds: { warning: /cannot watch .*events/ } },
  },
]

const nameOf = (namespace: string, node: string): string => `${namespace}-${node}`

async function start(stage: Stage, context: TestContext, behaviours: Record<string, Behaviour>): Promise<void> {
  for (const [node, behave] of Object.entries(behaviours)) {
    const fake = await startFakeNode(stage.cluster, nameOf(stage.namespace, node), behave)
    context.after(fake.remove)
  }
}

/** A Deployment with a pod on each of these nodes. */
function spread(namespace: string, on: string[], replicas = on.length): object {
  const names = on.map((node) => nameOf(namespace, node))
  const expression = { key: 'kubernetes.io/hostname', operator: 'In', values: names }
  const nodeSelectorTerms = [{ matchExpressions: [expression] }]
  return web({
    spec: { replicas },
    pod: {
      tolerations: [{ key: 'fake', operator: 'Exists' }],
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: { matchLabels: { app: 'web' } },
        },
      ],
    },
  })
}

function readyAfter(ms: number): Behaviour {
  return (age) => {
    const { phase, container } = healthy(age)
    return { phase, container: { ...container, ready: age >= ms } }
  }
}

async function drain({ cluster, namespace, path }: Stage): Promise<void> {
  const node = nameOf(namespace, 'a')
  const here = await until('pods on the node', async () => {
    const pods = await cluster.list(`${path}/pods`)
    const found = pods.filter(({ spec }) => (spec as { nodeName?: string }).nodeName === node)
    return found.length >= 2 ? found : undefined
  })
  await cluster.patch(`/api/v1/nodes/${node}`, { spec: { unschedulable: true } })
  for (const { metadata } of here) {
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: metadata.name, namespace } }
    await cluster.create(`${path}/pods/${metadata.name}/eviction`, eviction)
  }
}

/** As an autoscaler brings it. */
async function appear(stage: Stage): Promise<void> {
  await sleep(90_000)
  const fake = await startFakeNode(stage.cluster, nameOf(stage.namespace, 'late'), healthy)
  await until('the pod', async () => (await stage.cluster.podHashes(stage.namespace)).every(({ ready }) => ready))
  setTimeout(() => void fake.remove(), 60_000)
}

async function withoutEvents(stage: Stage): Promise<string> {
  const all = (apiGroups: string[], resources: string[]) => ({ apiGroups, resources, verbs: ['*'] })
  return kubeconfigOfAccount(stage, [
    all([''], ['pods', 'pods/log', 'secrets', 'configmaps', 'services', 'persistentvolumeclaims']),
    all(['apps'], ['deployments', 'replicasets', 'statefulsets', 'daemonsets']),
    all(['batch'], ['jobs']),
  ])
}
