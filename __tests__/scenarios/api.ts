// What Helm or the API server refuses before any pod is made.
import { randomBytes } from 'node:crypto'
import { writeChart } from '../helpers/chart.ts'
import { until } from '../helpers/cluster.ts'
import { hook, job, object, web } from './objects.ts'
import type { Failure, Scenario } from './scenario.ts'

const fails = (name: string, resource: string, cause: RegExp, evidence: RegExp, more: Partial<Failure> = {}) => ({
  fails: { class: name, resource, cause, evidence, ...more },
})
const rejected = { isRejected: true } as const

export const api: Scenario[] = [
  {
    name: 'a template reads a value that is not there',
    bad: { web: '{{ .Values.ingress.host.name }}' },
    expect: fails(
      'chart-render',
      'Chart/small',
      /nil pointer evaluating interface \{\}\.(host|name)/,
      /small\/templates\/web\.yaml/,
      rejected,
    ),
    isSample: true,
  },
  {
    name: 'the values break the schema',
    bad: {
      web: web(),
      'values.schema.json': { type: 'object', properties: { replicas: { type: 'integer' } } },
    },
    inputs: { set: 'replicas=many' },
    expect: fails('values-schema', 'Chart/small', /replicas/, /replicas/, rejected),
  },
  {
    name: 'a definition is missing',
    bad: { web: web(), db: object('db.example.com/v1', 'Database', 'shop') },
    expect: fails(
      'unknown-kind',
      'Database/shop',
      /the cluster does not know the kind Database in db\.example\.com\/v1/,
      /no matches for kind/,
      rejected,
    ),
  },
  {
    name: 'a selector cannot be changed',
    as: 'upgrade',
    bad: { web: web({ spec: { selector: { matchLabels: { app: 'web', tier: 'front' } }, template: tiered() } }) },
    expect: fails('immutable-field', 'Deployment/web', /spec\.selector cannot be changed/, /field is immutable/),
  },
  {
    name: 'an object belongs to another release',
    // A first install is refused before Helm is asked: contract/deploy/first-install.test.ts.
    as: 'upgrade',
    prepare: async ({ helm }) => {
      const other = writeChart(
        { 'templates/settings.yaml': JSON.stringify(object('v1', 'ConfigMap', 'settings')) },
        'other',
      )
      await helm('install', 'other', other)
    },
    bad: { web: web(), settings: object('v1', 'ConfigMap', 'settings') },
    expect: fails(
      'ownership',
      'ConfigMap/settings',
      /exists already and does not belong to this release/,
      /other/,
      rejected,
    ),
  },
  {
    name: 'the release is larger than a Secret may be',
    bad: {
      web: web(),
      large: object('v1', 'ConfigMap', 'large', { data: { text: noise(900_000) } }),
      more: object('v1', 'ConfigMap', 'more', { data: { text: noise(900_000) } }),
    },
    expect: fails('api-refused', 'Chart/small', /too large/, /Too long|too large/i, rejected),
  },
  {
    name: 'the namespace is being deleted',
    change: async ({ cluster, path }, context) => {
      const held = `${path}/configmaps/held`
      await cluster.create(`${path}/configmaps`, { metadata: { name: 'held', finalizers: ['example.com/hold'] } })
      await cluster.remove(path)
      context.after(() => cluster.patch(held, { metadata: { finalizers: null } }))
      // Of an upgrade, nothing is left to go back to.
      await until('the end of all else', async () => (await cluster.list(`${path}/secrets`)).length === 0)
      await until('the end of all pods', async () => (await cluster.list(`${path}/pods`)).length === 0)
    },
    bad: { web: web() },
    expect: fails(
      'api-refused',
      'Chart/small',
      /the namespace \S+ is being deleted/,
      /because it is being terminated/,
      rejected,
    ),
  },
  {
    name: 'a hook before the upgrade fails',
    bad: {
      web: web(),
      migrate: hook('pre-upgrade,pre-install', { name: 'migrate', args: ['crash', 'ERROR: relation exists'] }),
    },
    expect: fails('hook-failed', 'Job/migrate', /hook failed: it exited with 1/, /ERROR: relation exists/),
    isSample: true,
  },
  {
    name: 'a hook fails and its policy removes it',
    bad: {
      web: web(),
      migrate: hook('pre-upgrade,pre-install', {
        name: 'migrate',
        args: ['crash', 'ERROR: relation exists'],
        policy: 'before-hook-creation,hook-failed',
      }),
    },
    expect: fails('hook-failed', 'Job/migrate', /hook failed: it exited with 1/, /ERROR: relation exists/),
  },
  {
    name: 'a Job of the chart fails',
    bad: { web: web(), reindex: job({ name: 'reindex', args: ['crash', 'ERROR: index is locked'] }) },
    inputs: { 'wait-for-jobs': 'true' },
    expect: fails('job-failed', 'Job/reindex', /the Job failed/, /ERROR: index is locked/),
    within: 25,
  },
]

function tiered(): object {
  const { spec } = web() as { spec: { template: { spec: object } } }
  return { metadata: { labels: { app: 'web', tier: 'front' } }, spec: spec.template.spec }
}

/** Text that cannot be compressed. */
function noise(bytes: number): string {
  return randomBytes(bytes / 2).toString('hex')
}
