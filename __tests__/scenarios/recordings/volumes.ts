// Claims that nobody fills.
import type { TestContext } from 'node:test'
import { withoutEventsAndLogs } from '../../helpers/account.ts'
import { until } from '../../helpers/cluster.ts'
import type { Stage } from '../../helpers/stage.ts'
import { object, web } from '../objects.ts'
import type { Recorded } from './all.ts'

const soon = { timeout: '20s' }
const mounted = { volumeMounts: [{ name: 'data', mountPath: '/data' }] }
const claimed = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }
const data = (spec: object): object =>
  object('v1', 'PersistentVolumeClaim', 'data', {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  })

const noFolder = {
  container: mounted,
  pod: { volumes: [{ name: 'data', hostPath: { path: '/nowhere', type: 'Directory' } }] },
}

export const volumes: Recorded[] = [
  {
    fixture: 'volume-not-mounted',
    about: 'A folder of the node that is not there',
    bad: { web: web(noFolder) },
    inputs: { timeout: '6m' },
  },
  {
    fixture: 'volume-silent',
    about: 'A node that does not get on, and no right to read events',
    kubeconfig: withoutEventsAndLogs,
    bad: { web: web(noFolder) },
    inputs: soon,
  },
  {
    fixture: 'volume-no-class',
    about: 'A StorageClass that does not exist',
    bad: { web: web({ container: mounted, pod: claimed }), data: data({ storageClassName: 'fast' }) },
  },
  {
    fixture: 'volume-no-volume',
    about: 'No volume for the claim, and nobody who makes one',
    bad: { web: web({ container: mounted, pod: claimed }), data: data({ storageClassName: '' }) },
    inputs: { timeout: '4m' },
  },
  {
    fixture: 'volume-first-consumer',
    about: 'A claim that waits for its first consumer is no fault of its own',
    change: async ({ cluster, namespace }, context) => {
      const classes = '/apis/storage.k8s.io/v1/storageclasses'
      await cluster.create(classes, {
        metadata: { name: namespace },
        provisioner: 'example.com/disk',
        volumeBindingMode: 'WaitForFirstConsumer',
      })
      context.after(() => cluster.remove(`${classes}/${namespace}`))
    },
    bad: ({ namespace }) => ({
      web: web({ container: { ...mounted, resources: { requests: { cpu: '64' } } }, pod: claimed }),
      data: data({ storageClassName: namespace }),
    }),
    inputs: soon,
  },
  {
    fixture: 'schedule-volume-zone',
    about: 'The volume is on a node that does not exist any more',
    change: (stage, context) => volumeOn(stage, context, ['elsewhere']),
    bad: ({ namespace }) => ({
      web: web({ container: mounted, pod: claimed }),
      data: data({ storageClassName: '', volumeName: namespace }),
    }),
    inputs: soon,
  },
  {
    fixture: 'claim-lost',
    about: 'A claim whose volume was deleted',
    change: (stage, context) => volumeOn(stage, context, [stage.testbed.nodeName]),
    bad: ({ namespace }) => ({
      web: web({ args: ['serve', '--ready-after=40s'] }),
      data: data({ storageClassName: '', volumeName: namespace }),
    }),
    during: async ({ cluster, namespace, path }) => {
      const phase = async (): Promise<unknown> => (await cluster.get(`${path}/persistentvolumeclaims/data`))?.['status']
      await until('the claim', async () => JSON.stringify(await phase())?.includes('Bound'))
      const volume = `/api/v1/persistentvolumes/${namespace}`
      await cluster.remove(volume)
      await cluster.patch(volume, { metadata: { finalizers: null } })
    },
  },
  {
    fixture: 'volume-no-driver',
    about: 'A node without the driver of the volume',
    change: async (stage, context) => {
      const [drivers, driver] = ['/apis/storage.k8s.io/v1/csidrivers', `${stage.namespace}.csi.example`]
      await stage.cluster.create(drivers, { metadata: { name: driver }, spec: { attachRequired: false } })
      context.after(() => stage.cluster.remove(`${drivers}/${driver}`))
      await volumeOn(stage, context, [stage.testbed.nodeName], { csi: { driver, volumeHandle: 'data' } })
    },
    bad: ({ namespace }) => ({
      web: web({ container: mounted, pod: claimed }),
      data: data({ storageClassName: '', volumeName: namespace }),
    }),
  },
]

/** A volume for the claim of this stage, which only pods on these nodes can have. */
async function volumeOn(
  { cluster, namespace }: Stage,
  context: TestContext,
  nodes: string[],
  source: object = { hostPath: { path: `/tmp/${namespace}`, type: 'DirectoryOrCreate' } },
): Promise<void> {
  const expression = { key: 'kubernetes.io/hostname', operator: 'In', values: nodes }
  await cluster.create('/api/v1/persistentvolumes', {
    metadata: { name: namespace },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      claimRef: { namespace, name: 'data' },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } },
      ...source,
    },
  })
  context.after(() => cluster.remove(`/api/v1/persistentvolumes/${namespace}`))
}
