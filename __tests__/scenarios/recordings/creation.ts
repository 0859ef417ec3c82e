// Pods that the API server does not let a controller create.
import { until } from '../../helpers/cluster.ts'
import { webhookDownIn } from '../../helpers/webhook.ts'
import { app, set, web } from '../objects.ts'
import type { Recorded } from './all.ts'

export const creation: Recorded[] = [
  {
    fixture: 'creation-limit-range',
    about: 'A LimitRange that does not allow what the pod asks for',
    change: ({ cluster, path }) =>
      cluster.create(`${path}/limitranges`, {
        metadata: { name: 'modest' },
        spec: { limits: [{ type: 'Container', max: { cpu: '500m' } }] },
      }),
    bad: { web: web({ container: { resources: { requests: { cpu: '100m' }, limits: { cpu: '2' } } } }) },
  },
  {
    fixture: 'creation-quota-asks',
    about: 'A quota that wants every container to say its limits',
    change: ({ cluster, path }) =>
      cluster.create(`${path}/resourcequotas`, {
        metadata: { name: 'compute' },
        spec: { hard: { 'limits.cpu': '4', 'limits.memory': '4Gi' } },
      }),
    bad: { web: web() },
  },
  {
    fixture: 'creation-replica-set',
    about: 'A quota that counts ReplicaSets',
    change: ({ cluster, path }) =>
      cluster.create(`${path}/resourcequotas`, {
        metadata: { name: 'small' },
        spec: { hard: { 'count/replicasets.apps': '1' } },
      }),
    isUpgrade: true,
    bad: { web: web({ args: ['serve', '--message=new'] }) },
  },
  {
    fixture: 'creation-priority-class',
    about: 'A PriorityClass that does not exist',
    bad: { web: web({ pod: { priorityClassName: 'gold' } }) },
  },
  {
    fixture: 'creation-name-too-long',
    about: 'A StatefulSet whose name leaves no room for the hash of its revision',
    bad: {
      store: set('StatefulSet', { name: 'a-rather-long-name-of-a-store-that-does-not-fit-into-labels' }),
    },
  },
  {
    fixture: 'creation-policy',
    about: 'A policy that refuses the pod',
    change: async ({ cluster, namespace }, context) => {
      const policies = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies'
      const bindings = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings'
      const name = `require-team-${namespace}`
      await cluster.create(policies, {
        metadata: { name },
        spec: {
          matchConstraints: {
            resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
          },
          validations: [{ expression: 'has(object.metadata.labels.team)', message: 'a pod needs the label team' }],
        },
      })
      await cluster.create(bindings, {
        metadata: { name },
        spec: {
          policyName: name,
          validationActions: ['Deny'],
          matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
        },
      })
      context.after(() => Promise.all([cluster.remove(`${policies}/${name}`), cluster.remove(`${bindings}/${name}`)]))
      // The API server reads it a moment later.
      const probe = { metadata: { name: 'probe' }, spec: { containers: [{ name: 'app', image: app }] } }
      const isRefused = (): Promise<boolean> =>
        cluster.create(`/api/v1/namespaces/${namespace}/pods?dryRun=All`, probe).then(
          () => false,
          () => true,
        )
      await until('the policy', isRefused)
    },
    bad: { web: web() },
  },
  {
    fixture: 'creation-webhook-down',
    about: 'A webhook that has to agree, and whose backend is gone',
    change: async ({ cluster, namespace }, context) => {
      context.after(await webhookDownIn(cluster, namespace))
    },
    bad: { web: web() },
  },
]
