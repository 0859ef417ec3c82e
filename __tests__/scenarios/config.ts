// What a container needs and does not get before its process runs.
import { app, web } from './objects.ts'
import type { Scenario } from './scenario.ts'

const missing = (cause: RegExp, evidence: RegExp): Scenario['expect'] => ({
  fails: { class: 'missing-config', resource: 'Deployment/web', cause, evidence },
})
const secretRef = (name: string, key: string): Record<string, unknown> => ({
  env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name, key } } }],
})

export const config: Scenario[] = [
  {
    name: 'a ConfigMap of envFrom is missing',
    bad: { web: web({ container: { envFrom: [{ configMapRef: { name: 'settings' } }] } }) },
    expect: missing(
      /container app needs the ConfigMap settings, which does not exist/,
      /configmap \\"settings\\" not found/,
    ),
    within: 75,
    isSample: true,
  },
  {
    name: 'a Secret lacks a key',
    prepare: async ({ cluster, path }) =>
      cluster.create(`${path}/secrets`, { metadata: { name: 'db' }, stringData: { user: 'shop' } }),
    bad: { web: web({ container: secretRef('db', 'password') }) },
    expect: missing(/needs the key password of the Secret db/, /couldn't find key password in Secret/),
    within: 75,
  },
  {
    name: 'a Secret of a volume is missing',
    bad: {
      web: web({
        container: { volumeMounts: [{ name: 'tls', mountPath: '/tls' }] },
        pod: { volumes: [{ name: 'tls', secret: { secretName: 'tls' } }] },
      }),
    },
    expect: missing(/volume tls needs the Secret tls, which does not exist/, /secret \\"tls\\" not found/),
    within: 110,
  },
  {
    name: 'the image runs as root, and may not',
    bad: { web: web({ container: { securityContext: { runAsNonRoot: true } } }) },
    expect: {
      fails: {
        class: 'container-start',
        resource: 'Deployment/web',
        cause: /container app must not run as root \(runAsNonRoot\), but image will run as root/,
        evidence: /CreateContainerConfigError/,
      },
    },
    within: 20,
  },
  {
    name: 'the command does not exist',
    bad: { web: web({ container: { image: app, command: ['/no/such'] } }) },
    expect: {
      fails: {
        class: 'container-start',
        resource: 'Deployment/web',
        cause: /container app cannot start: exec: "\/no\/such"/,
        evidence: /no such file or directory/,
      },
    },
    within: 75,
  },
]
