// The classes of failure whose verdict is measured: a chart that shows each, and by which sight it is certain. What is seen is read here
// once more, apart from the action's own rules; only how long a rule waits is taken from its table.
import type { Templates } from '../helpers/chart.ts'
import type { Cluster } from '../helpers/cluster.ts'
import { job, object, web } from '../scenarios/objects.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { rowGraceMs } from './graces.ts'
import type { Certain, Seen } from './watch.ts'

export type FailureClass = {
  name: string
  templates: Templates
  certain: () => Certain
  inputs?: Record<string, string>
  /** Labels of the namespace. */
  labels?: Record<string, string>
  prepare?: (cluster: Cluster, path: string) => Promise<unknown>
}
type ContainerState = { waiting?: { reason?: string; message?: string }; running?: Times; terminated?: Times }
type Times = { startedAt?: string }
type ContainerStatus = { restartCount: number; state?: ContainerState; lastState?: ContainerState }
type Status = {
  containerStatuses?: ContainerStatus[]
  conditions?: { type: string; status: string; message?: string; lastTransitionTime?: string }[]
}

/** Of namespaces in which a webhook has to agree to pods; its backend does not exist. */
export const webhookLabel = { 'bench-webhook': 'down' }

/** All of them. */
export function failureClasses({ images }: Testbed): FailureClass[] {
  const config = { envFrom: [{ configMapRef: { name: 'settings' } }] }
  const claim = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }
  const nowhere = {
    storageClassName: 'nowhere',
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
  }
  return [
    one('image-name', web({ container: { image: 'testbed.local/App:1:2' } }), waiting(/^InvalidImageName$/, /.?/, 0)),
    one('image-pull', web({ container: { image: images.missing } }), waiting(/Pull/, /not found/, rowGraceMs('E03'))),
    one('missing-config', web({ container: config }), waiting(/Config/, /"settings" not found/, rowGraceMs('F01'))),
    one(
      'container-start',
      web({ container: { securityContext: { runAsNonRoot: true } } }),
      waiting(/Config/, /root/, 0),
    ),
    one('crash-loop', web({ args: ['crash', 'FATAL: no licence'] }), thirdCrash),
    one('volume', web({ pod: claim }), failedClaim, {
      templates: { data: object('v1', 'PersistentVolumeClaim', 'data', { spec: nowhere }) },
    }),
    one('admission-denied', web(), refused(/violates PodSecurity/, rowGraceMs('B03')), {
      labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
    }),
    one('api-refused', web(), refused(/failed calling webhook/, rowGraceMs('B04', 'api-refused')), {
      labels: webhookLabel,
    }),
    one('quota-exceeded', web({ spec: { replicas: 3 } }), refused(/exceeded quota/, rowGraceMs('B01')), {
      prepare: (cluster, path) =>
        cluster.create(`${path}/resourcequotas`, { metadata: { name: 'small' }, spec: { hard: { pods: '1' } } }),
    }),
    one(
      'replica-creation',
      web({ pod: { serviceAccountName: 'no' } }),
      refused(/serviceaccount "no"/, rowGraceMs('B05')),
    ),
    one('job-failed', web(), failedJob, {
      templates: { work: job({ name: 'work', args: ['crash', 'ERROR: index is locked'] }) },
      inputs: { 'wait-for-jobs': 'true' },
    }),
  ]
}

/** Makes the namespace of a class. */
export async function namespaceFor(
  cluster: Cluster,
  name: string,
  { labels = {}, prepare }: FailureClass,
): Promise<void> {
  await cluster.createNamespace(name)
  await cluster.patch(`/api/v1/namespaces/${name}`, { metadata: { labels } })
  await prepare?.(cluster, `/api/v1/namespaces/${name}`)
}

function one(
  name: string,
  workload: object,
  certain: () => Certain,
  { templates = {}, ...more }: Partial<FailureClass> = {},
): FailureClass {
  return { name, templates: { web: workload, ...templates }, certain, ...more }
}

function statusOf(object: Seen): Status {
  return object['status'] ?? {}
}

/** A container waits for that reason, and has done so without a break for that long. */
function waiting(reason: RegExp, message: RegExp, graceMs: number): () => Certain {
  return () => (object, now) => {
    const all = object.kind === 'Pod' ? (statusOf(object).containerStatuses ?? []) : []
    const isSeen = all.some(
      ({ state }) => reason.test(state?.waiting?.reason ?? '') && message.test(state?.waiting?.message ?? ''),
    )
    return isSeen ? now + graceMs : null
  }
}

/** The third crash, and so long since the first start. */
function thirdCrash(): Certain {
  let firstStart = Infinity
  return ({ kind, ...object }, now) => {
    if (kind !== 'Pod') return null
    for (const { restartCount, state, lastState } of statusOf({ kind, ...object }).containerStatuses ?? []) {
      const started = [state?.running, state?.terminated, lastState?.terminated].flatMap(
        (times) => times?.startedAt ?? [],
      )
      firstStart = Math.min(firstStart, ...started.map((text) => Date.parse(text)))
      const isDown =
        state?.terminated !== undefined || (state?.waiting !== undefined && lastState?.terminated !== undefined)
      if (restartCount >= 2 && isDown) return Math.max(now, firstStart + rowGraceMs('G01'))
    }
    return null
  }
}

/** The API server does not let the ReplicaSet create its pods, for so long. */
function refused(message: RegExp, graceMs: number): () => Certain {
  return () => (object, now) => {
    const conditions = object.kind === 'ReplicaSet' ? (statusOf(object).conditions ?? []) : []
    const failure = conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True')
    if (!failure || !message.test(failure.message ?? '')) return null
    return Math.max(now, Date.parse(failure.lastTransitionTime ?? '') + graceMs)
  }
}

/** A try to fill the claim has failed so long after the first one. */
function failedClaim(): Certain {
  return (object, now) => {
    if (object.kind !== 'Event' || object['reason'] !== 'ProvisioningFailed') return null
    const [first, last] = [object['firstTimestamp'], object['lastTimestamp']].map((text) => Date.parse(String(text)))
    return (last ?? 0) - (first ?? 0) >= rowGraceMs('D05') ? now : null
  }
}

function failedJob(): Certain {
  return (object, now) => {
    const conditions = object.kind === 'Job' ? (statusOf(object).conditions ?? []) : []
    return conditions.some(({ type, status }) => type.startsWith('Fail') && status === 'True') ? now : null
  }
}
