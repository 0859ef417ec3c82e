// Charts as people write them: what is odd in them and common all the same, and must be called neither broken nor by a wrong name.
import { until } from '../helpers/cluster.ts'
import { app, definition, hook, job, object, set, web } from './objects.ts'
import type { Scenario } from './scenario.ts'
import { setTimeout as sleep } from 'node:timers/promises'

const succeeds: Scenario['expect'] = { succeeds: {} }
const mode = { name: 'MODE', valueFrom: { configMapKeyRef: { name: 'mode', key: 'mode' } } }
const port = (number: number): object => ({ httpGet: { path: '/readyz', port: number }, periodSeconds: 1 })

/** What reads its mode at every start crashes until so many containers have ended, and works from then on. */
const mendedAfter = (ends: number): Pick<Scenario, 'prepare' | 'during'> => ({
  prepare: ({ cluster, path }) =>
    cluster.create(`${path}/configmaps`, { metadata: { name: 'mode' }, data: { mode: 'crash' } }),
  during: async ({ cluster, path }) => {
    const isMended = async (): Promise<boolean> => {
      const pods = (await cluster.list(`${path}/pods`)) as {
        status?: { containerStatuses?: Ended[]; initContainerStatuses?: Ended[] }
      }[]
      const all = pods.flatMap(({ status }) => [
        ...(status?.containerStatuses ?? []),
        ...(status?.initContainerStatuses ?? []),
      ])
      const count = all.reduce((sum, one) => sum + (one.restartCount ?? 0) + (one.state?.terminated ? 1 : 0), 0)
      return count >= ends
    }
    await until('the crashes', isMended)
    await cluster.patch(`${path}/configmaps/mode`, { data: { mode: 'exit' } })
  },
})
interface Ended {
  restartCount?: number
  state?: { terminated?: object }
}

/** A Job that is waited for, new in the release. */
const awaited: Pick<Scenario, 'good' | 'inputs' | 'expect'> = {
  good: { map: object('v1', 'ConfigMap', 'other', { data: {} }) },
  inputs: { 'wait-for-jobs': 'true' },
  expect: succeeds,
}

export const charts: Scenario[] = [
  {
    name: 'an init container waits 40 s',
    bad: { web: web({ pod: { initContainers: [{ name: 'wait-for-db', image: app, args: ['sleep', '40s'] }] } }) },
    expect: succeeds,
  },
  {
    name: 'a CronJob is suspended',
    bad: {
      web: web({ args: ['serve', '--message=new'] }),
      report: object('batch/v1', 'CronJob', 'report', {
        spec: {
          schedule: '0 3 * * *',
          suspend: true,
          jobTemplate: {
            spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'report', image: app }] } } },
          },
        },
      }),
    },
    expect: { succeeds: { warning: /CronJob\/report: it is suspended/ } },
  },
  {
    name: 'a StatefulSet starts all at once, slowly',
    good: { web: set('StatefulSet', { spec: { replicas: 3, podManagementPolicy: 'Parallel' } }) },
    bad: {
      web: set('StatefulSet', {
        args: ['serve', '--ready-after=12s'],
        spec: { replicas: 3, podManagementPolicy: 'Parallel' },
      }),
    },
    expect: succeeds,
  },
  {
    name: 'a Job fails twice and then succeeds',
    ...mendedAfter(2),
    bad: { work: job({ args: ['--lines=1'], container: { env: [mode] }, spec: { backoffLimit: 3 } }) },
    ...awaited,
  },
  {
    name: 'a Job whose container is started again fails twice and then succeeds',
    ...mendedAfter(2),
    bad: {
      work: job({
        args: ['--lines=1'],
        container: { env: [mode] },
        pod: { restartPolicy: 'OnFailure' },
        spec: { backoffLimit: 3 },
      }),
    },
    ...awaited,
  },
  {
    name: 'a hook fails twice and then succeeds',
    ...mendedAfter(2),
    bad: {
      web: web({ args: ['serve', '--message=new'] }),
      migrate: hook('pre-upgrade,pre-install', {
        name: 'migrate',
        args: ['--lines=1'],
        container: { env: [mode] },
        spec: { backoffLimit: 3 },
      }),
    },
    expect: succeeds,
  },
  {
    name: 'it has to be ready for 10 s, and has a deadline for its progress',
    bad: {
      web: web({
        args: ['serve', '--ready-after=8s'],
        spec: { replicas: 2, minReadySeconds: 10, progressDeadlineSeconds: 25 },
      }),
    },
    expect: succeeds,
  },
  {
    name: 'a sidecar that is an init container is slow, and there is work beside another one',
    bad: {
      web: web({
        pod: {
          initContainers: [
            {
              name: 'proxy',
              image: app,
              args: ['serve', '--port=8081', '--ready-after=20s'],
              restartPolicy: 'Always',
              startupProbe: { ...port(8081), failureThreshold: 60 },
            },
          ],
        },
      }),
      work: job({
        args: ['sleep', '5s'],
        pod: { initContainers: [{ name: 'proxy', image: app, args: ['serve'], restartPolicy: 'Always' }] },
      }),
    },
    inputs: { 'wait-for-jobs': 'true' },
    expect: succeeds,
  },
  {
    name: 'the old pod takes its time to end before the new one starts',
    as: 'upgrade',
    good: {
      web: web({
        args: ['serve', '--stop-delay=20s'],
        pod: { terminationGracePeriodSeconds: 30 },
        spec: { strategy: { type: 'Recreate' } },
      }),
    },
    bad: {
      web: web({
        args: ['serve', '--ready-after=5s'],
        pod: { terminationGracePeriodSeconds: 30 },
        spec: { strategy: { type: 'Recreate' } },
      }),
    },
    expect: succeeds,
  },
  {
    name: 'a pod of the chart itself ends well',
    good: { map: object('v1', 'ConfigMap', 'other', { data: {} }) },
    bad: {
      once: object('v1', 'Pod', 'once', {
        spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: app, args: ['sleep', '5s'] }] },
      }),
    },
    expect: succeeds,
  },
  {
    name: 'pods of a DaemonSet stay until somebody deletes them',
    as: 'upgrade',
    good: { web: set('DaemonSet', { spec: { updateStrategy: { type: 'OnDelete' } } }) },
    bad: {
      web: set('DaemonSet', { args: ['serve', '--message=new'], spec: { updateStrategy: { type: 'OnDelete' } } }),
    },
    expect: { succeeds: { warning: /DaemonSet\/web: its update strategy is OnDelete/ } },
  },
  {
    name: 'pods of a DaemonSet stay, and something else fails',
    as: 'upgrade',
    good: { agent: set('DaemonSet', { name: 'agent', spec: { updateStrategy: { type: 'OnDelete' } } }), web: web() },
    bad: ({ testbed }) => ({
      agent: set('DaemonSet', {
        name: 'agent',
        args: ['serve', '--message=new'],
        spec: { updateStrategy: { type: 'OnDelete' } },
      }),
      web: web({ container: { image: testbed.images.missing } }),
    }),
    expect: {
      fails: { class: 'image-pull', resource: 'Deployment/web', cause: /does not exist/, evidence: /not found/ },
    },
    within: 30,
  },
  {
    name: 'a custom resource of the chart is not ready for 20 s',
    // Helm makes what is in crds/ only then.
    as: 'install',
    bad: ({ namespace }) => ({
      'crds/widget.yaml': JSON.stringify(definition(`${namespace}.example`, 'Widget')),
      web: web({ args: ['serve', '--message=new'] }),
      own: object(`${namespace}.example/v1`, 'Widget', 'web', { spec: { size: 1 } }),
    }),
    during: async ({ cluster, namespace }) => {
      const path = `/apis/${namespace}.example/v1/namespaces/${namespace}/widgets/web`
      await until('the resource', () => cluster.get(path).catch(() => undefined))
      const tell = (status: string): Promise<unknown> => {
        const lastTransitionTime = new Date().toISOString().replace(/\.\d+Z/, 'Z')
        const condition = { type: 'Ready', status, reason: 'Told', message: 'told', lastTransitionTime }
        return cluster.patch(`${path}/status`, { status: { observedGeneration: 1, conditions: [condition] } })
      }
      await tell('False')
      await sleep(20_000)
      await tell('True')
    },
    expect: succeeds,
  },
  {
    name: 'a sidecar that is an init container crashes',
    bad: {
      web: web({
        pod: {
          initContainers: [
            {
              name: 'proxy',
              image: app,
              args: ['crash', 'FATAL: no certificate'],
              restartPolicy: 'Always',
              readinessProbe: port(8081),
            },
          ],
        },
      }),
    },
    expect: {
      fails: {
        class: 'crash-loop',
        resource: 'Deployment/web',
        cause: /sidecar proxy exited with 1 three times/,
        evidence: /FATAL: no certificate/,
      },
    },
    within: 75,
  },
  {
    name: 'a Job whose container is started again fails',
    bad: {
      web: web({ args: ['serve', '--message=new'] }),
      work: job({
        args: ['crash', 'ERROR: no such table'],
        pod: { restartPolicy: 'OnFailure' },
        spec: { backoffLimit: 1 },
      }),
    },
    inputs: { 'wait-for-jobs': 'true' },
    expect: {
      fails: { class: 'job-failed', resource: 'Job/work', cause: /the Job failed/, evidence: /ERROR: no such table/ },
    },
  },
  {
    name: 'a hook that is a pod fails',
    bad: {
      web: web({ args: ['serve', '--message=new'] }),
      check: {
        ...object('v1', 'Pod', 'check', {
          spec: {
            restartPolicy: 'Never',
            containers: [{ name: 'app', image: app, args: ['crash', 'ERROR: the disk is full'] }],
          },
        }),
        metadata: { name: 'check', annotations: { 'helm.sh/hook': 'pre-upgrade,pre-install' } },
      },
    },
    expect: {
      fails: {
        class: 'hook-failed',
        resource: 'Pod/check',
        cause: /hook failed: it exited with 1/,
        evidence: /ERROR: the disk is full/,
      },
    },
  },
  {
    name: 'all pods of a StatefulSet that starts all at once crash',
    good: { web: set('StatefulSet', { spec: { podManagementPolicy: 'Parallel' } }) },
    bad: {
      web: set('StatefulSet', { args: ['crash', 'FATAL: no quorum'], spec: { podManagementPolicy: 'Parallel' } }),
    },
    expect: {
      fails: { class: 'crash-loop', resource: 'StatefulSet/web', cause: /exited with 1/, evidence: /FATAL: no quorum/ },
    },
  },
]
