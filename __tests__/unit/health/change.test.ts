import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeEvent, Workload } from '../../../src/cluster/types.ts'
import { isPod, trimmed, trimmedEvent, trimmedManifest } from '../../../src/health/change.ts'
import { indexed, type Observed, type WatchedObject } from '../../../src/health/observed.ts'
import { remarks } from '../../../src/health/remarks.ts'
import { at, event, watched, workload } from './builders.ts'
import { judge, readFixtures, toObserved } from './fixture.ts'

/** All that an API server tells of a pod, with what nobody should keep. */
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'web-1',
    namespace: 'shop',
    uid: 'u',
    generation: 1,
    resourceVersion: '4711',
    creationTimestamp: at(1),
    deletionTimestamp: at(9),
    finalizers: ['example.dev/x'],
    labels: { app: 'web' },
    annotations: {
      'kubectl.kubernetes.io/last-applied-configuration': '{"spec":"hunter2"}',
      'atomic-helm.dev/grace': '90s',
    },
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 's', uid: 'su', controller: true, blockOwnerDeletion: true },
      { apiVersion: 'v1', kind: 'Other', name: 'o', uid: 'ou' },
    ],
    managedFields: [{ manager: 'kubelet' }],
  },
  spec: {
    nodeName: 'node-a',
    restartPolicy: 'Always',
    serviceAccountName: 'hunter2',
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'gpu', operator: 'Exists' }],
    imagePullSecrets: [{ name: 'registry' }],
    containers: [
      {
        name: 'app',
        image: 'registry.example/app:1',
        command: ['run'],
        args: ['--fast'],
        ports: [{ name: 'http', containerPort: 8080 }, { containerPort: 9 }],
        env: [{ name: 'PASSWORD', value: 'hunter2' }],
        envFrom: [{ secretRef: { name: 'hunter2' } }],
        readinessProbe: { httpGet: { path: '/readyz', port: 8080 } },
        livenessProbe: { tcpSocket: { port: 1 } },
        startupProbe: { grpc: { port: 2 } },
        resources: { limits: { memory: '64Mi' } },
      },
    ],
    initContainers: [{ name: 'proxy', restartPolicy: 'Always', env: [{ name: 'A', value: 'hunter2' }] }],
    volumes: [
      { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
      { name: 'secret', secret: { secretName: 'hunter2' } },
    ],
  },
  status: { phase: 'Running', containerStatuses: [{ name: 'app', ready: true }] },
}

test('a pod keeps what the diagnosis reads: no values of its environment, no fields of managers', () => {
  assert.deepEqual(trimmed(pod as unknown as Workload), {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web-1',
      namespace: 'shop',
      uid: 'u',
      generation: 1,
      creationTimestamp: at(1),
      deletionTimestamp: at(9),
      finalizers: ['example.dev/x'],
      labels: { app: 'web' },
      annotations: { 'atomic-helm.dev/grace': '90s' },
      ownerReferences: [
        { kind: 'ReplicaSet', name: 's', uid: 'su', controller: true },
        { kind: 'Other', name: 'o', uid: 'ou' },
      ],
    },
    spec: {
      nodeName: 'node-a',
      restartPolicy: 'Always',
      containers: [
        {
          name: 'app',
          image: 'registry.example/app:1',
          command: ['run'],
          args: ['--fast'],
          ports: [{ name: 'http' }],
          readinessProbe: { httpGet: { path: '/readyz', port: 8080 } },
          livenessProbe: { tcpSocket: { port: 1 } },
          startupProbe: { grpc: { port: 2 } },
          resources: { limits: { memory: '64Mi' } },
        },
      ],
      initContainers: [{ name: 'proxy', restartPolicy: 'Always' }],
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'gpu', operator: 'Exists' }],
      imagePullSecrets: [{ name: 'registry' }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    },
    status: pod.status,
  })
})

test('what is not there is not written as nothing', () => {
  const bare = { kind: 'Pod', metadata: { name: 'a', namespace: null } } as unknown as Workload
  assert.deepEqual(Object.keys(trimmed(bare)), ['kind', 'metadata', 'spec', 'status'])
  assert.deepEqual([trimmed(bare).metadata, trimmed(bare).spec], [{ name: 'a' }, {}])
  const noKind = trimmed({ metadata: { name: 'a', annotations: { 'example.dev/x': '1' } } })
  assert.deepEqual([noKind.metadata, 'kind' in noKind, 'apiVersion' in noKind], [{ name: 'a' }, false, false])
  const noVolumes = trimmed({ kind: 'Pod', metadata: { name: 'a' }, spec: { volumes: [{ name: 'x' }] } } as Workload)
  assert.deepEqual(noVolumes.spec, {})
})

test('a workload keeps how it rolls out, and of its template only the labels', () => {
  const spec = {
    replicas: 2,
    paused: true,
    suspend: false,
    completions: 3,
    backoffLimit: 4,
    ttlSecondsAfterFinished: 60,
    selector: { matchLabels: { app: 'web' } },
    strategy: { type: 'Recreate' },
    updateStrategy: { type: 'OnDelete' },
    podManagementPolicy: 'Parallel',
  }
  const template = { metadata: { labels: { app: 'web' }, annotations: { a: 'hunter2' } }, spec: pod.spec }
  const live = workload('Deployment', { spec: { ...spec, template } })
  const found = trimmed(live)
  assert.deepEqual(found.spec, { ...spec, template: { metadata: { labels: { app: 'web' } } } })
  assert.deepEqual(found.status, live.status)
  assert.deepEqual('template' in (trimmed(workload('Deployment')).spec ?? {}), false)
  assert.deepEqual(trimmed({ kind: 'Service', metadata: { name: 'a' } }).spec?.replicas, undefined)
})

test('annotations by which a revision is told are kept', () => {
  const annotations = {
    'deployment.kubernetes.io/revision': '7',
    'deployment.kubernetes.io/revision-history': '1,2',
    'deprecated.daemonset.template.generation': '3',
    'x.atomic-helm.dev/grace': '1s',
  }
  assert.deepEqual(trimmed(workload('DaemonSet', { metadata: { name: 'a', annotations } })).metadata.annotations, {
    'deployment.kubernetes.io/revision': '7',
    'deprecated.daemonset.template.generation': '3',
  })
})

test('a manifest keeps its name, its annotations and what a Service selects', () => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', managedFields: [] },
    spec: {
      type: 'ClusterIP',
      selector: { app: 'web' },
      clusterIP: '10.0.0.1',
      ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }, { port: 81 }],
    },
  }
  const whole = { apiVersion: 'v1', kind: 'Service', name: 'web', namespace: 'shop', source: 'a.yaml', object: service }
  const spec = {
    type: 'ClusterIP',
    selector: { app: 'web' },
    ports: [{ name: 'http', port: 80, targetPort: 'http' }, { port: 81 }],
  }
  assert.deepEqual(trimmedManifest(whole), {
    ...whole,
    object: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec },
  })
  const kept = (kind: string, all: object) =>
    trimmedManifest({ ...whole, kind, object: { kind, metadata: { name: 'web' }, spec: all } as typeof service }).object
  const rules = [{ host: 'shop.example' }]
  assert.deepEqual(kept('Ingress', { rules, tls: [{ secretName: 'hunter2' }] }), {
    kind: 'Ingress',
    metadata: { name: 'web' },
    spec: { defaultBackend: undefined, rules },
  })
  assert.deepEqual(kept('PodDisruptionBudget', { selector: { matchLabels: {} }, maxUnavailable: 1 }), {
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web' },
    spec: { selector: { matchLabels: {} } },
  })
  const secret = { kind: 'Secret', metadata: { name: 'web' }, spec: { a: 1 }, data: { password: 'hunter2' } }
  assert.deepEqual(trimmedManifest({ ...whole, kind: 'Secret', object: secret }).object, {
    kind: 'Secret',
    metadata: { name: 'web' },
  })
  const nothing = { metadata: { name: 'web' } }
  assert.deepEqual(trimmedManifest({ ...whole, kind: 'Secret', object: nothing }).object, nothing)
})

test('an event keeps what is told of it', () => {
  const whole = {
    ...event('p', 'Failed', 'x', 3, { type: 'Warning', series: { count: 2 }, eventTime: at(3) }),
    metadata: { name: 'e', uid: 'u', creationTimestamp: at(3), namespace: 'shop', resourceVersion: '9' },
    source: { component: 'kubelet' },
    reportingInstance: 'node-a',
  }
  const { source: _, reportingInstance: __, ...rest } = whole
  assert.deepEqual(trimmedEvent(whole), { ...rest, metadata: { name: 'e', uid: 'u', creationTimestamp: at(3) } })
  const bare: KubeEvent = { metadata: { name: 'e' }, lastTimestamp: null }
  assert.deepEqual(trimmedEvent(bare), { metadata: { name: 'e' } })
})

test('only a pod is a pod', () => {
  assert.deepEqual([isPod(workload('Pod')), isPod(workload('Job'))], [true, false])
})

/** All that was seen, as a recording keeps it. */
function trimmedSights(seen: Observed): Observed {
  const object = (one: WatchedObject): WatchedObject => ({
    ...one,
    manifest: trimmedManifest(one.manifest),
    live: one.live && trimmed(one.live),
  })
  return indexed({
    ...seen,
    objects: seen.objects.map(object),
    others: seen.others.map(object),
    replicaSets: seen.replicaSets.map(trimmed),
    pods: seen.pods.map((one) => trimmed(one as Workload) as typeof one),
    events: seen.events.map(trimmedEvent),
  })
}

test('what is trimmed is judged as the whole', () => {
  for (const [name, fixture] of readFixtures()) {
    const seen = toObserved(fixture)
    const kept = trimmedSights(seen)
    assert.deepEqual(judge(kept), judge(seen), name)
    assert.deepEqual(remarks(kept), remarks(seen), name)
    assert.doesNotMatch(JSON.stringify(kept.objects.map(({ manifest }) => manifest.object)), /"status"/, name)
  }
  assert.equal(trimmedManifest(watched(workload('Deployment')).manifest).source, '')
})
