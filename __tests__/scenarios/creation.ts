// Pods that the API server does not let a controller create.
import { webhookDownIn } from '../helpers/webhook.ts'
import { object, set, web } from './objects.ts'
import type { Scenario } from './scenario.ts'

const refused = (name: string, cause: RegExp, evidence: RegExp, resource = 'Deployment/web'): Scenario['expect'] => ({
  fails: { class: name, resource, cause, evidence },
})
const restricted: NonNullable<Scenario['change']> = ({ cluster, path }) =>
  cluster.patch(path, { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } })

export const creation: Scenario[] = [
  {
    name: 'Pod Security admits restricted pods only',
    change: restricted,
    bad: { web: web({ args: ['serve', '--message=new'] }) },
    expect: refused(
      'admission-denied',
      /its pods cannot be created: violates PodSecurity "restricted:latest"/,
      /allowPrivilegeEscalation/,
    ),
    within: 20,
    isSample: true,
  },
  {
    name: 'Pod Security refuses the pods of a StatefulSet',
    // An upgrade takes an old pod away first, and then nobody can bring it back.
    as: 'install',
    prepare: restricted,
    bad: { web: set('StatefulSet') },
    expect: refused('admission-denied', /violates PodSecurity/, /FailedCreate/, 'StatefulSet/web'),
    within: 20,
  },
  {
    name: 'the quota of the namespace is used up',
    prepare: ({ cluster, path }) =>
      cluster.create(`${path}/resourcequotas`, { metadata: { name: 'small' }, spec: { hard: { pods: '1' } } }),
    bad: { web: web({ spec: { replicas: 3 } }) },
    expect: refused(
      'quota-exceeded',
      /exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1/,
      /exceeded quota/,
    ),
    within: 45,
  },
  {
    name: 'the service account does not exist',
    bad: { web: web({ pod: { serviceAccountName: 'nobody' } }) },
    expect: refused('replica-creation', /serviceaccount "nobody" not found/, /nobody/),
    within: 45,
  },
  {
    name: 'a webhook whose backend is gone has to agree to pods',
    change: async ({ cluster, namespace }, context) => {
      context.after(await webhookDownIn(cluster, namespace))
    },
    bad: { web: web({ args: ['serve', '--message=new'] }) },
    expect: refused('api-refused', /failed calling webhook "policy\.example\.com"/, /service \\"gone\\" not found/),
    within: 60,
  },
  {
    name: 'a LimitRange does not allow what it asks for',
    prepare: ({ cluster, path }) =>
      cluster.create(`${path}/limitranges`, {
        metadata: { name: 'modest' },
        spec: { limits: [{ type: 'Container', max: { memory: '64Mi' } }] },
      }),
    as: 'install',
    bad: {
      web: web({ container: { resources: { requests: { memory: '1Gi' }, limits: { memory: '1Gi' } } } }),
      note: object('v1', 'ConfigMap', 'note'),
    },
    expect: refused('quota-exceeded', /maximum memory usage per Container is 64Mi/, /maximum memory usage/),
    within: 45,
  },
]
