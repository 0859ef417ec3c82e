// Processes that run and end.
import { withoutEventsAndLogs } from '../helpers/account.ts'
import { app, set, web } from './objects.ts'
import type { Scenario } from './scenario.ts'

const crash = (cause: RegExp, evidence: RegExp, resource = 'Deployment/web'): Scenario['expect'] => ({
  fails: { class: 'crash-loop', resource, cause, evidence },
})
const sidecar = (args: string[], more: object = {}): object => ({ name: 'proxy', image: app, args, ...more })

export const crashes: Scenario[] = [
  {
    name: 'it exits with 1 and says why',
    bad: { web: web({ args: ['crash', 'FATAL: password authentication failed for user "shop"'] }) },
    expect: crash(/container app exited with 1 three times/, /FATAL: password authentication failed/),
    within: 60,
    isSample: true,
  },
  {
    name: 'it exits with 1, and neither events nor logs may be read',
    bad: { web: web({ args: ['crash', 'FATAL: password authentication failed for user "shop"'] }) },
    kubeconfig: withoutEventsAndLogs,
    expect: {
      fails: {
        class: 'crash-loop',
        resource: 'Deployment/web',
        cause: /container app exited with 1 three times/,
        evidence: /"crashes":"3"/,
        warning: /cannot watch .*events/,
      },
    },
    within: 60,
  },
  {
    name: 'it runs out of memory',
    bad: { web: web({ args: ['eat'], container: { resources: { limits: { memory: '24Mi' } } } }) },
    expect: crash(/container app ran out of memory \(limit 24Mi\)/, /OOMKilled/),
    within: 75,
  },
  {
    name: 'its liveness probe asks at the wrong port',
    bad: {
      web: web({
        args: ['serve', '--ready-after=30s'],
        container: {
          livenessProbe: { httpGet: { path: '/healthz', port: 9090 }, periodSeconds: 1, failureThreshold: 1 },
        },
      }),
    },
    expect: crash(/container app was killed .* by its liveness probe: Get .*:9090/, /connection refused/),
    within: 120,
  },
  {
    name: 'an init container crashes',
    bad: {
      web: web({ pod: { initContainers: [{ name: 'prepare', image: app, args: ['crash', 'ERROR: no schema'] }] } }),
    },
    expect: crash(/init container prepare exited with 1/, /ERROR: no schema/),
    within: 60,
  },
  {
    name: 'a sidecar wants a port that is taken',
    bad: {
      web: web({
        pod: {
          containers: [
            { name: 'app', image: app, args: ['serve'] },
            sidecar(['serve', '--start-delay=1s', '--port=8080'], {
              readinessProbe: { tcpSocket: { port: 8081 }, periodSeconds: 1 },
            }),
          ],
        },
      }),
    },
    expect: crash(/container proxy exited with 1/, /address already in use/),
    within: 75,
  },
  {
    name: 'it serves for a moment and crashes, while it is watched on',
    bad: { web: web({ args: ['serve', '--exit-after=4s'] }) },
    inputs: { stabilize: '30s' },
    expect: crash(/container app exited with 1/, /FATAL: something went wrong/),
    within: 30,
  },
  {
    name: 'a StatefulSet is stuck on its first pod',
    good: { web: set('StatefulSet') },
    bad: { web: set('StatefulSet', { args: ['crash', 'FATAL: data directory is not writable'] }) },
    expect: crash(/container app exited with 1/, /data directory is not writable/, 'StatefulSet/web'),
    within: 75,
  },
  {
    name: 'two faults at once',
    bad: ({ testbed }) => ({
      web: web({ args: ['crash', 'FATAL: no licence'] }),
      api: web({ name: 'api', container: { image: testbed.images.missing } }),
    }),
    inputs: { timeout: '50s', 'fail-fast': 'false' },
    expect: {
      fails: {
        class: 'image-pull',
        resource: 'Deployment/api',
        cause: /does not exist/,
        evidence: /not found/,
        besides: ['crash-loop Deployment/web'],
      },
    },
  },
]
