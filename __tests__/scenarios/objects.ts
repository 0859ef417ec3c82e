// Objects that scenarios are made of, each as small as it can be.

type Fields = Record<string, unknown>
export type Parts = {
  name?: string
  args?: string[]
  container?: Fields
  pod?: Fields
  spec?: Fields
  annotations?: Record<string, string>
}

export const app = 'testbed.local/app:1'
const ready = { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 1 }

/** The template of a pod with one container `app`. */
export function template({ name = 'web', args = ['serve'], container = {}, pod = {} }: Parts): Fields {
  const containers = [{ name: 'app', image: app, args, ...container }]
  return { metadata: { labels: { app: name } }, spec: { terminationGracePeriodSeconds: 1, containers, ...pod } }
}

/** A Deployment `web` that serves and is ready at once, but for these parts. */
export function web(parts: Parts = {}): object {
  const { name = 'web', container = {}, spec = {}, annotations = {} } = parts
  const own = { ...parts, container: { readinessProbe: ready, ...container } }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, annotations },
    spec: { replicas: 1, selector: { matchLabels: { app: name } }, template: template(own), ...spec },
  }
}

/** A StatefulSet or DaemonSet. */
export function set(kind: 'StatefulSet' | 'DaemonSet', parts: Parts = {}): object {
  const { name = 'web', container = {}, spec = {} } = parts
  const own = { ...parts, container: { readinessProbe: ready, ...container } }
  const more = kind === 'StatefulSet' ? { serviceName: name, replicas: 2 } : {}
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: { ...more, selector: { matchLabels: { app: name } }, template: template(own), ...spec },
  }
}

/** A Job of one try. */
export function job(parts: Parts): object {
  const { name = 'work', spec = {}, annotations = {} } = parts
  const own = template({ ...parts, name, pod: { restartPolicy: 'Never', ...parts.pod } })
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, annotations },
    spec: { backoffLimit: 0, template: own, ...spec },
  }
}

/** A hook that is a Job. */
export function hook(events: string, parts: Parts & { policy?: string }): object {
  const policy = parts.policy ? { 'helm.sh/hook-delete-policy': parts.policy } : {}
  return job({ ...parts, annotations: { 'helm.sh/hook': events, ...policy } })
}

/** Any object without a namespace. */
export function object(apiVersion: string, kind: string, name: string, fields: Fields = {}): object {
  return { apiVersion, kind, metadata: { name }, ...fields }
}

/** A definition of custom resources of any content, with a status of their own. */
export function definition(group: string, kind: string, names: object = {}): object {
  const plural = `${kind.toLowerCase()}s`
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, ...names },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  }
}
