// Pods that no node takes, and volumes that nobody fills: judged at the timeout, but for a StorageClass that does not exist.
import { app, object, web } from './objects.ts'
import type { Scenario } from './scenario.ts'

const unschedulable = (cause: RegExp): Scenario['expect'] => ({
  fails: { class: 'unschedulable', resource: 'Deployment/web', cause, evidence: /no node can take the pod/ },
})
const inputs = { timeout: '20s' }

export const scheduling: Scenario[] = [
  {
    name: 'no node has the label',
    bad: { web: web({ pod: { nodeSelector: { disk: 'none' } } }) },
    inputs,
    expect: unschedulable(/didn't match Pod's node affinity\/selector/),
  },
  {
    name: 'it asks for 64 CPUs',
    bad: { web: web({ container: { resources: { requests: { cpu: '64' } } } }) },
    inputs,
    expect: unschedulable(/Insufficient cpu/),
    isSample: true,
  },
  {
    name: 'the only node that matches has a taint',
    prepare: async ({ cluster, namespace }, context) => {
      await cluster.create('/api/v1/nodes', {
        metadata: { name: `tainted-${namespace}`, labels: { for: namespace } },
        spec: { taints: [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }] },
      })
      context.after(() => cluster.remove(`/api/v1/nodes/tainted-${namespace}`))
    },
    bad: ({ namespace }) => ({ web: web({ pod: { nodeSelector: { for: namespace } } }) }),
    inputs,
    expect: unschedulable(/untolerated taint/),
  },
  {
    name: 'the StorageClass does not exist',
    bad: {
      web: web({
        container: { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
        pod: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
      }),
      data: object('v1', 'PersistentVolumeClaim', 'data', {
        spec: {
          storageClassName: 'nowhere',
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: '1Gi' } },
        },
      }),
    },
    expect: {
      fails: {
        class: 'volume',
        resource: 'Deployment/web',
        cause: /the volume claim data asks for the StorageClass nowhere, which does not exist/,
        evidence: /storageclass/i,
      },
    },
    within: 75,
  },
  {
    name: 'the claim does not exist',
    bad: {
      web: web({
        container: { image: app, volumeMounts: [{ name: 'data', mountPath: '/data' }] },
        pod: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'none' } }] },
      }),
    },
    inputs,
    expect: unschedulable(/persistentvolumeclaim "none" not found/),
  },
]
