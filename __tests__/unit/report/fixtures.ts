import type { Evidence, Finding } from '../../../src/health/finding.ts'
import { urlFinding } from '../../../src/health/url-finding.ts'
import type { Report, SweptPreview, UndoReport } from '../../../src/report/model.ts'
import { recording } from './recording.ts'

const namespace = 'shop'

export const deployment = { kind: 'Deployment', namespace, name: 'shop' }
export const pod = { kind: 'Pod', namespace, name: 'shop-7d9f6c5b4d-x2x9p' }
export const fatal = 'FATAL: password authentication failed for user "shop"'

export function evidence(changes: Partial<Evidence> = {}): Evidence {
  return { status: {}, events: [], logs: [], excerpt: {}, ...changes }
}

export function finding(changes: Partial<Finding> = {}): Finding {
  return {
    class: 'crash-loop',
    resource: deployment,
    cause: 'container app exited with 1 three times in 34 s',
    advice: 'The Secret `shop-db` that app reads changed in this deploy: check its password',
    severity: { kind: 'now' },
    count: 4,
    evidence: crashEvidence,
    ...changes,
  }
}

export const crashEvidence: Evidence = evidence({
  object: pod,
  container: 'app',
  node: 'node-1',
  status: { 'exit code': '1', restarts: '3', reason: 'Error', 'ran for': '0.4 s' },
  excerpt: { image: 'registry.example/shop:b81e77d', 'readiness probe': 'GET :8080/health every 2 s' },
  events: [
    {
      reason: 'Pulled',
      message: 'Container image "registry.example/shop:b81e77d" already present on machine',
      count: 3,
      atSeconds: 1.1,
    },
    {
      reason: 'BackOff',
      message: 'Back-off restarting failed container app in pod shop-7d9f6c5b4d-x2x9p',
      count: 4,
      atSeconds: 15.2,
    },
  ],
  logs: [
    'shop 1.9.0 starting, pid 1',
    'connecting to postgres at shop-db:5432',
    fatal,
    'Traceback (most recent call last):',
    '  File "/app/main.py", line 41, in connect',
    'SystemExit: 1',
  ],
  decisiveLine: fatal,
})

const deploying: Report['phases'] = [
  { name: 'prepare', startMs: 0, durationMs: 400 },
  { name: 'lock', startMs: 400, durationMs: 100 },
  { name: 'look at the release', startMs: 500, durationMs: 200 },
  { name: 'deploy', startMs: 700, durationMs: 34_000 },
]

/** A deploy that failed, and its undo. */
export function failing(undo: 'roll back' | 'uninstall'): Report['phases'] {
  return [
    ...deploying,
    { name: 'evidence', startMs: 34_700, durationMs: 800 },
    { name: undo, startMs: 35_500, durationMs: 3500 },
  ]
}

export function report(changes: Partial<Report> = {}): Report {
  return {
    schemaVersion: 1,
    version: '1.2.3',
    timeline: null,
    mode: 'deploy',
    status: 'deployed',
    reason: 'revision 42 is deployed',
    release: 'shop',
    namespace,
    environment: 'production',
    environmentUrl: null,
    answered: null,
    cluster: {
      name: 'prod-eu',
      server: 'https://10.0.0.1:6443',
      version: 'v1.36.3',
      identity: 'system:serviceaccount:ci:deployer',
    },
    helm: { version: '4.3.1', path: '/opt/helm/helm' },
    chart: { name: 'shop', version: '1.9.0', previousVersion: '1.8.2', digest: null },
    images: [{ container: 'app', before: 'registry.example/shop:9f2c1ab', after: 'registry.example/shop:b81e77d' }],
    revision: 42,
    attemptedRevision: 42,
    previousRevision: 41,
    rollback: 'none',
    changed: true,
    changes: [],
    drifted: null,
    sweep: null,
    findings: [],
    undo: null,
    notUndone: [],
    availability: { lowest: 4, wanted: 4 },
    phases: deploying,
    problems: [],
    warnings: [],
    run: {
      url: 'https://github.example/acme/shop/actions/runs/9001/attempts/2',
      number: '1234',
      attempt: '2',
      actor: 'dev',
      sha: 'b81e77d0c0ffee00000000000000000000000000',
      repository: 'acme/shop',
      workflow: 'deploy',
      job: 'production',
    },
    startedAt: '2026-11-22T10:42:17.000Z',
    durationMs: 48_000,
    ...changes,
  }
}

const undone: UndoReport = {
  action: 'rollback',
  toRevision: 41,
  durationMs: 3100,
  checkedObjects: 12,
  drifts: [],
  commands: [],
}

const restored: Partial<Report> = {
  status: 'rolled-back',
  reason: 'Deployment shop: container app exited with 1 three times in 34 s',
  revision: 43,
  rollback: 'restored',
  findings: [finding()],
  phases: failing('roll back'),
  undo: undone,
  notUndone: [
    {
      object: { kind: 'Job', namespace, name: 'shop-migrate' },
      why: 'the pre-upgrade hook ran to its end; what it did to data stays',
    },
  ],
}

const byHand: Partial<Report> = {
  mode: 'rollback',
  status: 'rolled-back',
  reason: 'shop is back on revision 41, and that was checked',
  revision: 43,
  rollback: 'restored',
  availability: null,
  phases: [
    { name: 'prepare', startMs: 0, durationMs: 400 },
    { name: 'look at the release', startMs: 500, durationMs: 200 },
    { name: 'roll back', startMs: 700, durationMs: 3500 },
  ],
  undo: undone,
}

const imageFinding = finding({
  class: 'image-pull',
  cause: 'image `registry.example/shop:b81e77d` does not exist',
  advice: 'Check that the tag b81e77d was pushed to registry.example/shop',
  evidence: evidence({
    object: pod,
    container: 'app',
    status: { waiting: 'ImagePullBackOff' },
    message: 'failed to pull and unpack image "registry.example/shop:b81e77d": not found',
    events: [{ reason: 'Failed', message: 'Error: ErrImagePull', count: 2, atSeconds: 1.4 }],
  }),
})

const changes: Report['changes'] = [
  {
    object: deployment,
    kind: 'changed',
    source: 'shop/templates/deployment.yaml',
    highlights: ['app: registry.example/shop:9f2c1ab → registry.example/shop:b81e77d', 'replicas: 2 → 4'],
    labelsOnly: false,
    diff: [
      ' spec:',
      '-  replicas: 2',
      '+  replicas: 4',
      '…',
      '       containers:',
      '-        - image: registry.example/shop:9f2c1ab',
      '+        - image: registry.example/shop:b81e77d',
      '           name: app',
    ],
  },
  {
    object: { kind: 'Secret', namespace, name: 'shop-db' },
    kind: 'changed',
    source: 'shop/templates/secret.yaml',
    highlights: [],
    labelsOnly: false,
    diff: [' data:', '-  password: hidden 3f9a1c2b', '+  password: hidden 90b1d7e4', '   user: hidden 5c0de11a'],
  },
  {
    object: { kind: 'ConfigMap', namespace, name: 'shop-flags' },
    kind: 'added',
    source: 'shop/templates/flags.yaml',
    highlights: [],
    labelsOnly: false,
    diff: ['+apiVersion: v1', '+data:', '+  checkout: "on"', '+kind: ConfigMap', '+metadata:', '+  name: shop-flags'],
  },
  {
    object: { kind: 'Service', namespace, name: 'shop' },
    kind: 'changed',
    source: 'shop/templates/service.yaml',
    highlights: [],
    labelsOnly: true,
    diff: ['   labels:', '-    helm.sh/chart: shop-1.8.2', '+    helm.sh/chart: shop-1.9.0'],
  },
]

const planned: Partial<Report> = {
  mode: 'plan',
  status: 'planned',
  revision: 41,
  attemptedRevision: null,
  availability: null,
  drifted: [],
}

const urlFault = urlFinding(
  {
    url: 'https://shop.example.com',
    resource: { kind: 'Ingress', namespace, name: 'shop' },
    last: {
      kind: 'status',
      status: 503,
      text: 'Service Temporarily Unavailable',
      tookMs: 12,
      leadsTo: null,
      body: ['503 Service Temporarily Unavailable', 'nginx'],
    },
    tries: 31,
    waitedMs: 58_400,
  },
  { kind: 'Chart', namespace, name: 'shop' },
)
const previewed: Partial<Report> = {
  mode: 'preview',
  release: 'pr-7',
  namespace: 'preview-shop-pr-7',
  environment: null,
  availability: null,
}

/** A preview that is not there any more. */
const gone: Partial<Report> = {
  status: 'removed',
  reason: 'pr-7 and all that it had in preview-shop-pr-7 is gone.',
  images: [],
  chart: null,
  revision: null,
  attemptedRevision: null,
  previousRevision: null,
}

/** What all sweeps have in common: they are of no release. */
const sweeping: Partial<Report> = {
  mode: 'preview',
  environment: null,
  environmentUrl: null,
  release: '',
  namespace: '',
  chart: null,
  images: [],
  revision: null,
  attemptedRevision: null,
  previousRevision: null,
  availability: null,
  findings: [],
  notUndone: [],
  phases: [
    { name: 'prepare', startMs: 0, durationMs: 400 },
    { name: 'look for previews', startMs: 400, durationMs: 900 },
    { name: 'sweep', startMs: 1300, durationMs: 12_000 },
  ],
  durationMs: 13_300,
}

function sweptPreview(pull: number, outcome: SweptPreview['outcome'], why: string): SweptPreview {
  return { pull, namespace: `preview-shop-pr-${String(pull)}`, release: 'shop', outcome, why }
}

/** One report for every way a run can end now; the names are those of the golden files. */
export const states: Readonly<Record<string, Report>> = {
  planned: report({ ...planned, changes }),
  'planned-unchanged': report({
    ...planned,
    changed: false,
    images: [],
    drifted: [{ object: deployment, kind: 'changed', details: ['spec.replicas'] }],
  }),
  deployed: report({ environmentUrl: 'https://shop.example.com' }),
  'deployed-answered': report({
    environmentUrl: 'https://shop.example.com',
    answered: {
      url: 'https://shop.example.com',
      status: 302,
      tookMs: 120,
      leadsTo: 'https://login.example.com/authorize',
    },
  }),
  'preview-ready': report({
    ...previewed,
    environmentUrl: 'https://pr-7.preview.example.com',
    images: [{ container: 'Deployment/pr-7 app', before: null, after: 'registry.example/shop:1.9.0' }],
    revision: 1,
    attemptedRevision: 1,
    previousRevision: null,
    changes,
  }),
  'preview-removed': report({
    ...previewed,
    ...gone,
    notUndone: [
      {
        object: { kind: 'PersistentVolume', namespace: '', name: 'pvc-1f2e3d4c' },
        why: 'its reclaim policy is Retain, so its data is kept: kubectl delete pv pvc-1f2e3d4c',
      },
    ],
  }),
  'preview-not-removed': report({
    ...previewed,
    ...gone,
    status: 'rollback-failed',
    rollback: 'failed',
    reason:
      'the namespace preview-shop-pr-7 does not go: configmaps held (it is being deleted, held by example.com/hold)',
    undo: {
      action: 'remove',
      toRevision: null,
      durationMs: 300_000,
      checkedObjects: 0,
      drifts: [
        {
          object: { kind: 'configmaps', namespace: 'preview-shop-pr-7', name: 'held' },
          kind: 'left-over',
          details: ['it is being deleted, held by example.com/hold'],
        },
      ],
      error: 'configmaps held (it is being deleted, held by example.com/hold)',
      commands: [
        `kubectl -n preview-shop-pr-7 patch configmaps held --type=merge -p '{"metadata":{"finalizers":null}}'`,
        'kubectl get namespace preview-shop-pr-7 -o yaml',
      ],
    },
  }),
  'rolled-back': report({ ...restored, changes, timeline: recording() }),
  'rolled-back-image': report({
    ...restored,
    reason: imageFinding.cause,
    findings: [imageFinding],
    notUndone: [],
    environment: null,
    availability: null,
  }),
  'rolled-back-url': report({ ...restored, reason: urlFault.cause, findings: [urlFault], notUndone: [] }),
  'rolled-back-many': report({
    ...restored,
    availability: { lowest: 0, wanted: 6 },
    findings: [
      finding(),
      finding({
        class: 'not-ready',
        resource: { kind: 'StatefulSet', namespace, name: 'shop-cache' },
        cause: 'pod shop-cache-0 never became ready: readiness probe got HTTP 503',
        count: 1,
        evidence: evidence({
          object: { kind: 'Pod', namespace, name: 'shop-cache-0' },
          status: { ready: 'false' },
          events: [
            {
              reason: 'Unhealthy',
              message: 'Readiness probe failed: HTTP probe failed with statuscode: 503',
              count: 17,
              atSeconds: 31,
            },
          ],
        }),
      }),
      finding({
        class: 'missing-config',
        resource: { kind: 'CronJob', namespace, name: 'shop-report' },
        cause: 'key `smtp` is missing in ConfigMap `shop-settings`',
        count: 2,
        evidence: evidence(),
      }),
    ],
  }),
  drifted: report({
    ...restored,
    rollback: 'drifted',
    undo: {
      ...undone,
      drifts: [
        { object: deployment, kind: 'changed', details: ['spec.template.spec.containers[1]: added by revision 42'] },
        {
          object: { kind: 'Pod', namespace, name: 'shop-cache-0' },
          kind: 'left-over',
          details: ['a pod of the failed revision still runs'],
        },
      ],
      commands: ['kubectl -n shop delete pod shop-cache-0'],
    },
  }),
  'gone-back': report(byHand),
  'gone-back-drifted': report({
    ...byHand,
    rollback: 'drifted',
    undo: {
      ...undone,
      drifts: [{ object: deployment, kind: 'changed', details: ['spec.replicas'] }],
      commands: ['helm -n shop get manifest shop | kubectl -n shop apply -f -'],
    },
  }),
  'rejected-rollback': report({
    ...byHand,
    status: 'rejected',
    phases: deploying.slice(0, 3),
    reason: 'There is no revision to go back to',
    rollback: 'none',
    undo: null,
    revision: 42,
    problems: [
      { problem: '"shop" has no good revision before revision 42', remedy: 'Name one with `revision`, or deploy' },
    ],
  }),
  uninstalled: report({
    ...restored,
    status: 'uninstalled',
    phases: failing('uninstall'),
    revision: null,
    attemptedRevision: 1,
    previousRevision: null,
    chart: { name: 'shop', version: '1.9.0', previousVersion: null, digest: null },
    images: [{ container: 'app', before: null, after: 'registry.example/shop:b81e77d' }],
    undo: { action: 'uninstall', toRevision: null, durationMs: 2100, checkedObjects: 5, drifts: [], commands: [] },
    notUndone: [],
    availability: null,
  }),
  'rollback-failed': report({
    ...restored,
    status: 'rollback-failed',
    reason: imageFinding.cause,
    findings: [imageFinding],
    rollback: 'failed',
    availability: { lowest: 3, wanted: 4 },
    undo: {
      action: 'rollback',
      toRevision: 41,
      durationMs: 1800,
      checkedObjects: 12,
      error: 'the API server refused Service shop: spec.clusterIP: field is immutable',
      drifts: [{ object: { kind: 'Service', namespace, name: 'shop' }, kind: 'changed', details: ['spec.clusterIP'] }],
      commands: ['kubectl -n shop delete service shop', 'helm -n shop rollback shop 41 --wait'],
    },
  }),
  kept: report({
    ...restored,
    status: 'kept',
    phases: failing('roll back').slice(0, 5),
    rollback: 'none',
    undo: null,
    revision: 42,
    notUndone: [],
  }),
  rejected: report({
    status: 'rejected',
    reason: '2 problems: `timeout`: "10 minutes" is not a duration …',
    problems: [
      {
        problem: '`timeout`: "10 minutes" is not a duration',
        remedy: 'Use a number and a unit, such as 90s, 5m or 1h30m',
      },
      { problem: '`chart`: charts/shop does not exist', remedy: 'Check the path from the root of the repository' },
    ],
    phases: deploying.slice(0, 1),
    revision: 41,
    attemptedRevision: null,
    cluster: null,
    chart: null,
    images: [],
    availability: null,
    durationMs: 400,
  }),
  'rejected-cluster': report({
    status: 'rejected',
    reason: 'the cluster at https://10.0.0.1:6443 does not answer. Check the kubeconfig.',
    problems: [{ problem: 'the cluster at https://10.0.0.1:6443 does not answer', remedy: 'Check the kubeconfig' }],
    phases: deploying.slice(0, 1),
    revision: null,
    attemptedRevision: null,
    previousRevision: null,
    cluster: null,
    chart: null,
    images: [],
    availability: null,
    durationMs: 5400,
  }),
  swept: report({
    ...sweeping,
    status: 'removed',
    reason: '1 removed, 2 kept',
    changed: true,
    sweep: [
      sweptPreview(7, 'removed', 'its pull request is closed'),
      sweptPreview(8, 'kept', 'its pull request is open, and it has 5h left'),
      sweptPreview(9, 'kept', 'whether pull request 9 is open cannot be read: GitHub cannot be reached (502)'),
    ],
    warnings: [
      'preview-shop-pr-9 is kept: whether pull request 9 is open cannot be read: GitHub cannot be reached (502)',
    ],
  }),
  'swept-failed': report({
    ...sweeping,
    status: 'rollback-failed',
    rollback: 'failed',
    reason: 'preview-shop-pr-7: shop cannot be removed: Widget shop (it is being deleted, held by acme.dev/hold)',
    changed: true,
    sweep: [
      sweptPreview(7, 'failed', 'shop cannot be removed: Widget shop (it is being deleted, held by acme.dev/hold)'),
      sweptPreview(8, 'removed', 'it expired 3h ago'),
    ],
    undo: {
      action: 'uninstall',
      toRevision: null,
      durationMs: 0,
      checkedObjects: 0,
      drifts: [],
      commands: ['kubectl -n preview-shop-pr-7 patch widget shop --type=merge -p \'{"metadata":{"finalizers":null}}\''],
    },
  }),
  cancelled: report({
    ...restored,
    status: 'cancelled',
    reason: 'the workflow was cancelled',
    phases: deploying,
    rollback: 'none',
    undo: null,
    findings: [],
    notUndone: [],
  }),
}
