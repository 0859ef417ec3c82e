// What takes its time, or stumbles on the way, and must not be called broken.
import { app, hook, object, set, web } from './objects.ts'
import { until } from '../helpers/cluster.ts'
import type { Scenario } from './scenario.ts'
import { setTimeout as sleep } from 'node:timers/promises'

const succeeds: Scenario['expect'] = { succeeds: {} }
export const patience: Scenario[] = [
  {
    name: 'it is ready after a minute',
    bad: { web: web({ args: ['serve', '--ready-after=60s'] }) },
    expect: succeeds,
  },
  {
    name: 'it waits for a Secret that another controller makes after 20 s',
    bad: { web: web({ container: { envFrom: [{ secretRef: { name: 'late' } }] } }) },
    during: async ({ cluster, path }) => {
      await sleep(20_000)
      await cluster.create(`${path}/secrets`, { metadata: { name: 'late' }, stringData: { TOKEN: 'x' } })
    },
    expect: succeeds,
  },
  {
    name: 'a migration takes a minute',
    bad: { web: web(), migrate: hook('pre-upgrade,pre-install', { name: 'migrate', args: ['sleep', '60s'] }) },
    expect: succeeds,
  },
  {
    name: 'an autoscaler has no metrics',
    bad: {
      // Longer than the 15 s after which its controller looks.
      web: web({ args: ['serve', '--ready-after=40s'] }),
      scaler: object('autoscaling/v2', 'HorizontalPodAutoscaler', 'web', {
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
          maxReplicas: 3,
          metrics: [
            { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
          ],
        },
      }),
    },
    expect: succeeds,
  },
  {
    name: 'it is paused',
    bad: { web: web({ args: ['serve', '--message=new'], spec: { paused: true } }) },
    expect: { succeeds: { warning: /Deployment\/web: it is paused/ } },
    isSample: true,
  },
  {
    name: 'a sidecar is ready after 40 s',
    bad: {
      web: web({
        pod: {
          containers: [
            { name: 'app', image: app, args: ['serve'] },
            {
              name: 'proxy',
              image: app,
              args: ['serve', '--port=8081', '--ready-after=40s'],
              readinessProbe: { httpGet: { path: '/readyz', port: 8081 }, periodSeconds: 1 },
            },
          ],
        },
      }),
    },
    expect: succeeds,
  },
  {
    name: 'it crashes twice and then runs',
    prepare: ({ cluster, path }) =>
      cluster.create(`${path}/configmaps`, { metadata: { name: 'mode' }, data: { mode: 'crash' } }),
    bad: {
      web: web({
        // Only an option: the word, `crash` or `serve`, comes from the variable.
        args: ['--lines=1'],
        container: { env: [{ name: 'MODE', valueFrom: { configMapKeyRef: { name: 'mode', key: 'mode' } } }] },
      }),
    },
    during: async ({ cluster, namespace, path }) => {
      const crashed = async (): Promise<boolean> =>
        (await cluster.podHashes(namespace)).some(({ restarts }) => restarts >= 1)
      await until('the first restart', crashed)
      // What the variable holds is read at every start.
      await sleep(1500)
      await cluster.patch(`${path}/configmaps/mode`, { data: { mode: 'serve' } })
    },
    expect: succeeds,
  },
  {
    name: 'a claim waits for its first consumer, which is in the release',
    // Server-side apply does not change one strategy for the other.
    good: { web: web({ spec: { strategy: { type: 'Recreate' } } }) },
    prepare: async ({ cluster, namespace }, context) => {
      const classes = '/apis/storage.k8s.io/v1/storageclasses'
      await cluster.create(classes, {
        metadata: { name: namespace },
        provisioner: 'kubernetes.io/no-provisioner',
        volumeBindingMode: 'WaitForFirstConsumer',
      })
      await cluster.create('/api/v1/persistentvolumes', {
        metadata: { name: namespace },
        spec: {
          capacity: { storage: '1Gi' },
          accessModes: ['ReadWriteOnce'],
          storageClassName: namespace,
          hostPath: { path: `/tmp/${namespace}`, type: 'DirectoryOrCreate' },
        },
      })
      context.after(async () => {
        await cluster.remove(`/api/v1/persistentvolumes/${namespace}`)
        await cluster.remove(`${classes}/${namespace}`)
      })
    },
    bad: ({ namespace }) => ({
      web: web({
        container: { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
        pod: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
        spec: { strategy: { type: 'Recreate' } },
      }),
      data: object('v1', 'PersistentVolumeClaim', 'data', {
        spec: {
          storageClassName: namespace,
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: '1Gi' } },
        },
      }),
    }),
    expect: succeeds,
  },
  {
    name: 'a StatefulSet is slow, one pod after the other',
    good: { web: set('StatefulSet') },
    bad: { web: set('StatefulSet', { args: ['serve', '--ready-after=25s'] }) },
    expect: succeeds,
  },
]
