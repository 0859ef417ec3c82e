// Several nodes, most of them without a machine: what one of them does is no verdict on a release.
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestContext } from 'node:test'
import { withoutEventsAndLogs } from '../helpers/account.ts'
import { until } from '../helpers/cluster.ts'
import { crashesUntil, evictsFirst, healthy, readyAfter, startFakeNode } from '../helpers/fake-node.ts'
import type { Behaviour } from '../helpers/fake-node.ts'
import type { Stage } from '../helpers/stage.ts'
import { set, web } from './objects.ts'
import type { Parts } from './objects.ts'
import type { Scenario } from './scenario.ts'

const succeeds: Scenario['expect'] = { succeeds: {} }

const three = (bad: Behaviour): Record<string, Behaviour> => ({ a: healthy, b: healthy, bad })

export const nodes: Scenario[] = [
  {
    name: 'one bad node among several crashes its pod for 50 s',
    prepare: (stage, context) => start(stage, context, three(crashesUntil(50_000))),
    bad: ({ namespace }) => ({ web: spread(namespace, ['a', 'b', 'bad']) }),
    expect: succeeds,
  },
  {
    name: 'one bad node among several crashes the pod of a DaemonSet for 50 s',
    prepare: (stage, context) => start(stage, context, three(onlyNew(crashesUntil(50_000)))),
    good: ({ namespace }) => ({ web: everywhere(namespace, ['a', 'b', 'bad'], 'old') }),
    bad: ({ namespace }) => ({ web: everywhere(namespace, ['a', 'b', 'bad'], 'new') }),
    expect: succeeds,
  },
  ...[1, 137, 0].map((exitCode): Scenario => ({
    name: `containers end with ${exitCode} every second for 20 s and then run`,
    prepare: (stage, context) => start(stage, context, { a: crashesUntil(20_000, { exitCode }) }),
    bad: ({ namespace }) => ({ web: spread(namespace, ['a']) }),
    expect: succeeds,
    ...(exitCode === 1 ? { isSample: true } : {}),
  })),
  ...[1, 137, 0].map((exitCode): Scenario => ({
    name: `containers end with ${exitCode} every second for 20 s and are ready only 20 s later`,
    prepare: (stage, context) => start(stage, context, { a: crashesUntil(20_000, { exitCode, readyAfterMs: 20_000 }) }),
    bad: ({ namespace }) => ({ web: spread(namespace, ['a']) }),
    expect: succeeds,
  })),
  {
    name: 'a node evicts a pod, which stays as failed and is replaced',
    prepare: (stage, context) => start(stage, context, { a: evictsFirst(5000, readyAfter(20_000)) }),
    bad: ({ namespace }) => ({ web: spread(namespace, ['a'], 2) }),
    expect: succeeds,
  },
  {
    name: 'a node is drained during the rollout',
    prepare: (stage, context) => start(stage, context, { a: readyAfter(8000), b: readyAfter(8000) }),
    bad: ({ namespace }) => ({ web: spread(namespace, ['a', 'b'], 4) }),
    during: drain,
    expect: succeeds,
  },
  {
    name: 'a node appears after 90 s',
    bad: ({ namespace }) => ({ web: spread(namespace, ['late']) }),
    during: appear,
    expect: succeeds,
  },
  {
    name: 'a node appears after 90 s, and events may not be read',
    bad: ({ namespace }) => ({ web: spread(namespace, ['late']) }),
    kubeconfig: withoutEventsAndLogs,
    during: appear,
    expect: { succeeds: { warning: /cannot watch .*events/ } },
  },
]

const topologyKey = 'kubernetes.io/hostname'
const nameOf = (namespace: string, node: string): string => `${namespace}-${node}`

async function start(stage: Stage, context: TestContext, behaviours: Record<string, Behaviour>): Promise<void> {
  for (const [node, behave] of Object.entries(behaviours)) {
    const fake = await startFakeNode(stage.cluster, nameOf(stage.namespace, node), behave)
    context.after(fake.remove)
  }
}

/** A Deployment with a pod on each of these nodes. */
function spread(namespace: string, on: string[], replicas = on.length): object {
  const labelSelector = { matchLabels: { app: 'web' } }
  const constraint = { maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector }
  return web({ spec: { replicas }, pod: { ...bound(namespace, on), topologySpreadConstraints: [constraint] } })
}

/** A DaemonSet on these nodes, which replaces all of its pods at once. */
function everywhere(namespace: string, on: string[], message: string): object {
  const spec = { updateStrategy: { rollingUpdate: { maxUnavailable: '100%' } } }
  return set('DaemonSet', { args: ['serve', `--message=${message}`], spec, pod: bound(namespace, on) })
}

/** Of a pod: it runs on one of these nodes only. */
function bound(namespace: string, on: string[]): NonNullable<Parts['pod']> {
  const expression = { key: topologyKey, operator: 'In', values: on.map((node) => nameOf(namespace, node)) }
  const nodeSelectorTerms = [{ matchExpressions: [expression] }]
  return {
    tolerations: [{ key: 'fake', operator: 'Exists' }],
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  }
}

/** What the pods of the deploy under test do, where a good revision has run before. */
function onlyNew(behave: Behaviour): Behaviour {
  return (age, pod) => (JSON.stringify(pod['spec']).includes('--message=old') ? healthy(age, pod) : behave(age, pod))
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
