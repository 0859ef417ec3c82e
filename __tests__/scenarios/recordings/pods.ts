// Pods that run badly, or do not get as far.
import { until } from '../../helpers/cluster.ts'
import { imageOf, programLayer } from '../../testbed/image.ts'
import { pushImage } from '../../testbed/testbed.ts'
import { app, job, object, set, web } from '../objects.ts'
import type { Recorded } from './all.ts'

const soon = { timeout: '20s' }
const mounted = { volumeMounts: [{ name: 'data', mountPath: '/data' }] }
const mode = { name: 'MODE', valueFrom: { configMapKeyRef: { name: 'mode', key: 'mode' } } }
/** Nothing but time for others to look. */
const slow = web({ args: ['serve', '--ready-after=40s'] })
const crashing = (code: number, ...lines: string[]): Pick<Recorded, 'bad'> => ({
  bad: { web: web({ args: ['crash', `--exit-code=${code}`, '--lines=0', ...lines] }) },
})

export const pods: Recorded[] = [
  {
    fixture: 'crash-aborted',
    about: 'A process that gives up on a fault of its own',
    ...crashing(134, "terminate called after throwing an instance of 'std::bad_alloc'", '  what():  std::bad_alloc'),
  },
  {
    fixture: 'crash-command-not-found',
    about: 'A start script that calls a program that is not in the image',
    ...crashing(127, '/entrypoint.sh: line 3: envsubst: command not found'),
  },
  {
    fixture: 'crash-not-executable',
    about: 'A start script that may not be executed',
    ...crashing(126, '/bin/sh: /app/start.sh: Permission denied'),
  },
  {
    fixture: 'crash-segmentation-fault',
    about: 'A process that reads where it must not',
    ...crashing(139, 'Segmentation fault (core dumped)'),
  },
  {
    fixture: 'init-hangs',
    about: 'An init container that waits for something that never comes',
    bad: {
      web: web({ pod: { initContainers: [{ name: 'wait-for-db', image: app, args: ['serve', '--log-every=5s'] }] } }),
    },
    inputs: soon,
  },
  {
    fixture: 'readiness-gate',
    about: 'A load balancer that never calls the pod healthy',
    bad: { web: web({ pod: { readinessGates: [{ conditionType: 'target-health.elbv2.k8s.aws/web' }] } }) },
    inputs: soon,
  },
  {
    fixture: 'start-no-command',
    about: 'An image without an entry point, and no command in the chart',
    bad: async ({ namespace, testbed }) => {
      const image = imageOf(programLayer(Buffer.from('nothing')), { command: [], entrypoint: [] })
      await pushImage(testbed.registry, `silent-${namespace}`, '1', image)
      return { web: web({ args: [], container: { image: `${testbed.registry}/silent-${namespace}:1` } }) }
    },
  },
  {
    fixture: 'start-sub-path',
    about: 'A path within a volume cannot be prepared',
    bad: {
      web: web({
        container: { volumeMounts: [{ name: 'data', mountPath: '/data', subPath: 'file/below' }] },
        pod: {
          initContainers: [{ name: 'fill', image: app, args: ['write', '/data/file', 'x'], ...mounted }],
          volumes: [{ name: 'data', emptyDir: {} }],
        },
      }),
    },
  },
  {
    fixture: 'crash-start-hook',
    about: 'The command that should run right after the start fails',
    bad: { web: web({ container: { lifecycle: { postStart: { exec: { command: ['/app', 'exit', '1'] } } } } }) },
    inputs: { timeout: '2m' },
  },
  {
    fixture: 'sandbox-no-runtime',
    about: 'A runtime class whose handler the node does not have',
    change: async ({ cluster, namespace }, context) => {
      const classes = '/apis/node.k8s.io/v1/runtimeclasses'
      await cluster.create(classes, { metadata: { name: namespace }, handler: 'gvisor' })
      context.after(() => cluster.remove(`${classes}/${namespace}`))
    },
    bad: ({ namespace }) => ({ web: web({ pod: { runtimeClassName: namespace } }) }),
    inputs: { timeout: '3m' },
  },
  {
    fixture: 'job-gone',
    about: 'A Job that has ended is removed by its TTL while the Deployment beside it still starts',
    bad: {
      web: slow,
      import: job({ name: 'import', args: ['print', 'imported'], spec: { ttlSecondsAfterFinished: 0 } }),
    },
    inputs: { ...soon, 'wait-for-jobs': 'true' },
  },
  {
    fixture: 'pod-failed',
    about: 'A pod of the chart itself that took longer than it may',
    bad: {
      import: object('v1', 'Pod', 'import', {
        spec: {
          restartPolicy: 'Never',
          activeDeadlineSeconds: 8,
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: 'import',
              image: app,
              args: ['serve', '--ready=false'],
              readinessProbe: { httpGet: { path: '/readyz', port: 8080 } },
            },
          ],
        },
      }),
    },
  },
  {
    fixture: 'job-sidecar',
    about: 'A proxy keeps running beside work that has ended',
    bad: {
      import: job({
        name: 'import',
        pod: {
          containers: [
            { name: 'import', image: app, args: ['print', 'imported', '120', 'products'] },
            { name: 'proxy', image: app, args: ['sleep'] },
          ],
        },
      }),
    },
    inputs: { ...soon, 'wait-for-jobs': 'true' },
  },
  {
    fixture: 'job-failure-policy',
    about: 'The pod failure policy of a Job gives up at the first failure of a kind',
    bad: {
      import: job({
        name: 'import',
        args: ['crash', '--exit-code=42', '--lines=0', 'ERROR: the file has 3 columns, not 4'],
        spec: {
          backoffLimit: 6,
          podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] },
        },
      }),
    },
    inputs: { 'wait-for-jobs': 'true' },
  },
  {
    fixture: 'statefulset-old-pod',
    about: 'A StatefulSet waits for a pod that was broken before the deploy',
    isUpgrade: true,
    good: {
      store: set('StatefulSet', { name: 'store', args: ['--lines=0'], container: { env: [mode] } }),
      mode: object('v1', 'ConfigMap', 'mode', { data: { mode: 'serve' } }),
    },
    change: async ({ cluster, namespace, path }) => {
      await cluster.patch(`${path}/configmaps/mode`, { data: { mode: 'crash' } })
      await cluster.remove(`${path}/pods/store-1`)
      const isBroken = async (): Promise<boolean> =>
        (await cluster.podHashes(namespace)).some(({ restarts }) => restarts >= 2)
      await until('an old replica that crashes', isBroken)
    },
    bad: {
      store: set('StatefulSet', { name: 'store', args: ['serve'] }),
      mode: object('v1', 'ConfigMap', 'mode', { data: { mode: 'crash' } }),
    },
    inputs: soon,
  },
  {
    fixture: 'rollout-old-pod-stays',
    about: 'An old pod that a finalizer keeps',
    isUpgrade: true,
    good: { store: set('StatefulSet', { name: 'store' }) },
    change: async ({ cluster, path }, context) => {
      const own = `${path}/pods/store-1`
      await cluster.patch(own, { metadata: { finalizers: ['backup.example/drain'] } })
      context.after(() => cluster.patch(own, { metadata: { finalizers: null } }).catch(() => undefined))
    },
    bad: { store: set('StatefulSet', { name: 'store', args: ['serve', '--message=new'] }) },
    inputs: { timeout: '50s', 'rollback-timeout': '20s' },
  },
]
