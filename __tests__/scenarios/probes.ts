// Containers that run and never become ready: named at the timeout, for slow is not broken.
import { app, web } from './objects.ts'
import type { Scenario } from './scenario.ts'

const notReady = (cause: RegExp, evidence: RegExp): Scenario['expect'] => ({
  fails: { class: 'not-ready', resource: 'Deployment/web', cause, evidence },
})
const inputs = { timeout: '30s' }

export const probes: Scenario[] = [
  {
    name: 'readiness answers 503',
    bad: { web: web({ args: ['serve', '--ready=false'] }) },
    inputs,
    expect: notReady(/Readiness probe failed: .*503/, /statuscode: 503/),
  },
  {
    name: 'nobody listens at the port of the readiness probe',
    bad: { web: web({ container: { readinessProbe: { tcpSocket: { port: 9090 }, periodSeconds: 1 } } }) },
    inputs,
    expect: notReady(/Readiness probe failed: .*connection refused/, /9090/),
  },
  {
    name: 'an init container hangs',
    bad: { web: web({ pod: { initContainers: [{ name: 'wait-for-db', image: app, args: ['sleep'] }] } }) },
    inputs,
    expect: notReady(/init container wait-for-db still runs/, /wait-for-db/),
  },
]
