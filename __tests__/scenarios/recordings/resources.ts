// Objects without pods: load balancers, autoscalers, definitions, custom resources.
import { until } from '../../helpers/cluster.ts'
import { definition, object, web } from '../objects.ts'
import type { Recorded } from './all.ts'

/** Nothing but time for others to look. */
const slow = web({ args: ['serve', '--ready-after=40s'] })

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** A custom resource whose controller, which is the test, says this of it. */
function custom(fixture: string, about: string, kind: string, condition: Record<string, string>): Recorded {
  const plural = `${kind.toLowerCase()}s`
  return {
    fixture,
    about,
    change: async ({ cluster, namespace }, context) => {
      const group = `${namespace}.example`
      await cluster.create(definitions, definition(group, kind))
      context.after(() => cluster.remove(`${definitions}/${plural}.${group}`))
      const served = `/apis/${group}/v1/namespaces/${namespace}/${plural}`
      await until('the definition', () => cluster.list(served).catch(() => undefined))
    },
    bad: ({ namespace }) => ({ web: slow, own: object(`${namespace}.example/v1`, kind, 'web') }),
    // Helm 4 would wait for it.
    inputs: { timeout: '50s' },
    during: async ({ cluster, namespace }) => {
      const path = `/apis/${namespace}.example/v1/namespaces/${namespace}/${plural}/web`
      await until('the resource', () => cluster.get(path))
      const lastTransitionTime = new Date().toISOString().replace(/\.\d+Z/, 'Z')
      const conditions = [{ ...condition, lastTransitionTime }]
      await cluster.patch(`${path}/status`, { status: { observedGeneration: 1, conditions } })
    },
  }
}

const scaler = (target: string): object =>
  object('autoscaling/v2', 'HorizontalPodAutoscaler', 'web', {
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: target },
      maxReplicas: 3,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
      ],
    },
  })

export const resources: Recorded[] = [
  {
    fixture: 'load-balancer-pending',
    about: 'A load balancer that gets no address',
    bad: {
      web: slow,
      service: object('v1', 'Service', 'web', {
        spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
      }),
    },
    inputs: { timeout: '50s' },
  },
  {
    fixture: 'autoscaler-no-target',
    about: 'An autoscaler of something that does not exist',
    bad: { web: slow, own: scaler('wbe') },
  },
  {
    fixture: 'autoscaler-no-metrics',
    about: 'An autoscaler without metrics yet is no fault',
    bad: { web: slow, own: scaler('web') },
  },
  {
    fixture: 'definition-names',
    about: 'A definition whose kind is taken',
    change: async ({ cluster, namespace }, context) => {
      const group = `${namespace}.example`
      await cluster.create(definitions, definition(group, 'Widget'))
      context.after(() => cluster.remove(`${definitions}/widgets.${group}`))
    },
    bad: ({ namespace }) => ({
      web: slow,
      own: definition(`${namespace}.example`, 'Gadget', { kind: 'Widget', listKind: 'WidgetList' }),
    }),
  },
  {
    fixture: 'api-service-down',
    about: 'An aggregated API whose backend does not answer',
    bad: ({ namespace }) => ({
      web: slow,
      service: object('v1', 'Service', 'web', {
        spec: { selector: { app: 'web' }, ports: [{ port: 443, targetPort: 9443 }] },
      }),
      own: object('apiregistration.k8s.io/v1', 'APIService', `v1.${namespace}.example`, {
        spec: {
          group: `${namespace}.example`,
          version: 'v1',
          groupPriorityMinimum: 100,
          versionPriority: 100,
          insecureSkipTLSVerify: true,
          service: { name: 'web', namespace },
        },
      }),
    }),
    inputs: { timeout: '25s' },
  },
  custom('custom-stalled', 'A controller that has given up', 'Source', {
    type: 'Stalled',
    status: 'True',
    reason: 'URLInvalid',
    message: 'the URL of the repository is not valid',
  }),
  custom('custom-not-ready', 'A certificate that is not issued', 'Certificate', {
    type: 'Ready',
    status: 'False',
    reason: 'DoesNotExist',
    message: 'Issuing certificate as Secret does not exist',
  }),
  custom('custom-degraded', 'A rollout of another controller that is degraded', 'Rollout', {
    type: 'Degraded',
    status: 'True',
    reason: 'ProgressDeadlineExceeded',
    message: 'ReplicaSet "web-5b6f" has timed out progressing.',
  }),
]
