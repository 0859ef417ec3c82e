// Pods that no node takes. Each is to be recorded by itself: the scheduler counts all nodes, and two of these change the only one.
import { web } from '../objects.ts'
import type { Recorded } from './all.ts'

const soon = { timeout: '20s' }

export const scheduling: Recorded[] = [
  {
    fixture: 'schedule-node-selector',
    about: 'A node selector that no node has',
    bad: { web: web({ pod: { nodeSelector: { disk: 'ssd' } } }) },
    inputs: soon,
  },
  {
    fixture: 'schedule-taint',
    about: 'Taints that the pod does not tolerate',
    change: async ({ cluster, testbed }, context) => {
      const node = `/api/v1/nodes/${testbed.nodeName}`
      await cluster.patch(node, { spec: { taints: [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }] } })
      context.after(() => cluster.patch(node, { spec: { taints: null } }))
    },
    bad: { web: web() },
    inputs: soon,
  },
  {
    fixture: 'schedule-anti-affinity',
    about: 'More replicas than nodes, and not two on one',
    bad: {
      web: web({
        spec: { replicas: 2 },
        pod: {
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } },
              ],
            },
          },
        },
      }),
    },
    inputs: soon,
  },
  {
    fixture: 'schedule-gate',
    about: 'A scheduling gate that nobody removes',
    bad: { web: web({ pod: { schedulingGates: [{ name: 'example.com/quota' }] } }) },
    inputs: soon,
  },
  {
    fixture: 'schedule-host-port',
    about: 'The old pod has the port of the host',
    isUpgrade: true,
    good: { web: web({ container: { ports: [{ containerPort: 8080, hostPort: 18_080 }] } }) },
    bad: {
      web: web({ args: ['serve', '--message=new'], container: { ports: [{ containerPort: 8080, hostPort: 18_080 }] } }),
    },
    inputs: soon,
  },
  {
    fixture: 'schedule-cordoned',
    about: 'The only node is cordoned',
    change: async ({ cluster, testbed }, context) => {
      await cluster.patch(`/api/v1/nodes/${testbed.nodeName}`, { spec: { unschedulable: true } })
      context.after(() => cluster.patch(`/api/v1/nodes/${testbed.nodeName}`, { spec: { unschedulable: null } }))
    },
    bad: { web: web() },
    inputs: soon,
  },
  {
    fixture: 'pods-rejected',
    about: 'A node that rejects what is bound to it',
    bad: ({ testbed }) => ({
      web: web({ pod: { nodeName: testbed.nodeName, nodeSelector: { disk: 'ssd' } } }),
    }),
    // Another one is made at once, again and again.
    inputs: { timeout: '3s' },
  },
]
