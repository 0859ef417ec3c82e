import { ApiError } from '../cluster/client.ts'
import { deleteObject, readObject } from '../cluster/objects.ts'
import type { KubeObject } from '../cluster/types.ts'
import type { Session } from '../deploy/session.ts'
import { describeError, type Problem } from '../platform/errors.ts'
import type { PreviewQuota } from './quota.ts'

/** The name of what `preview-quota` makes in a namespace. */
export const limitsName = 'atomic-helm-preview'

const managed = { 'app.kubernetes.io/managed-by': 'atomic-helm-action' }
const kinds = {
  ResourceQuota: { apiVersion: 'v1', path: '/api/v1', plural: 'resourcequotas' },
  LimitRange: { apiVersion: 'v1', path: '/api/v1', plural: 'limitranges' },
  NetworkPolicy: { apiVersion: 'networking.k8s.io/v1', path: '/apis/networking.k8s.io/v1', plural: 'networkpolicies' },
} as const

type LimitKind = keyof typeof kinds

/** An object that limits a preview, or none of its kind. */
export interface Limit {
  readonly kind: LimitKind
  /** Null: it has to go. */
  readonly spec: Readonly<Record<string, unknown>> | null
}

/** The objects that a quota asks for, and those that it does not want. */
export function limitsOf({ hard, limits, isIsolated }: PreviewQuota): readonly Limit[] {
  return [
    { kind: 'ResourceQuota', spec: hard && { hard } },
    { kind: 'LimitRange', spec: limits && { limits: [{ type: 'Container', ...limits }] } },
    { kind: 'NetworkPolicy', spec: isIsolated ? isolation : null },
  ]
}

/** Everybody but other previews reaches the pods: an ingress controller and what collects metrics live in namespaces of the cluster. */
const isolation = {
  podSelector: {},
  policyTypes: ['Ingress'],
  ingress: [
    {
      from: [
        { podSelector: {} },
        { namespaceSelector: { matchExpressions: [{ key: 'atomic-helm.dev/preview', operator: 'DoesNotExist' }] } },
      ],
    },
  ],
}

/** Brings the limits of a namespace in line with what is asked for; the problem when that is not allowed. `isNew`: nothing can be there yet. */
export async function applyLimits(session: Session, quota: PreviewQuota, isNew: boolean): Promise<Problem | null> {
  const wanted = limitsOf(quota).filter(({ spec }) => spec !== null || !isNew)
  const problems = await Promise.all(wanted.map((limit) => apply(session, limit)))
  return problems.find((problem) => problem !== null) ?? null
}

async function apply({ client, target: { namespace }, log }: Session, { kind, spec }: Limit): Promise<Problem | null> {
  const { apiVersion, path, plural } = kinds[kind]
  const own = `${path}/namespaces/${encodeURIComponent(namespace)}/${plural}/${limitsName}`
  try {
    if (spec) {
      const body = { apiVersion, kind, metadata: { name: limitsName, namespace, labels: managed }, spec }
      await client.send('PATCH', `${own}?fieldManager=atomic-helm-action&force=true`, {
        body,
        contentType: 'application/apply-patch+yaml',
      })
      return null
    }
    const live = await readObject(client, own)
    if (live?.metadata.uid && isOurs(live)) {
      await deleteObject(client, own, live.metadata.uid)
      log.line(`${kind} ${limitsName} is not asked for any more: deleted`)
    }
    return null
  } catch (error) {
    // Whoever may not even look has none of ours there.
    if (!spec && error instanceof ApiError && error.status === 403) return null
    return {
      problem: `\`preview-quota\`: ${kind} cannot be brought in line in ${namespace}: ${describeError(error)}`,
      remedy:
        error instanceof ApiError && error.status === 403
          ? `Grant \`create\`, \`patch\`, \`get\` and \`delete\` on ${plural} to the credentials`
          : 'Correct `preview-quota`',
    }
  }
}

function isOurs({ metadata: { labels } }: KubeObject): boolean {
  return labels?.['app.kubernetes.io/managed-by'] === managed['app.kubernetes.io/managed-by']
}
