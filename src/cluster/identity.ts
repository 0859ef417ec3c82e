import { ApiError, type ClusterClient } from './client.ts'
import type { LoadedKubeconfig } from './kubeconfig.ts'
import type { KubeObject } from './types.ts'

/** Which cluster this is and who we are there: told before anything is touched. */
export interface ClusterIdentity {
  /** The kubeconfig's name for the cluster's context. */
  readonly name: string
  readonly server: string
  readonly version: string
  /** The user that the API server sees; the kubeconfig's user name where it will not say. */
  readonly user: string
  /** The uid of the namespace kube-system, the nearest thing to a cluster id; null when it may not be read. */
  readonly uid: string | null
}

/** Asks the API server for its version, our user name and the cluster's uid, side by side. Throws when it cannot be reached. */
export async function identifyCluster(client: ClusterClient, kubeconfig: LoadedKubeconfig): Promise<ClusterIdentity> {
  const [version, user, uid] = await Promise.all([
    client.get<{ gitVersion: string }>('/version', { timeoutMs: 10_000 }),
    whoAmI(client, kubeconfig),
    client
      .get<KubeObject>('/api/v1/namespaces/kube-system', { timeoutMs: 10_000 })
      .then(({ metadata }) => metadata.uid ?? null)
      .catch(refusedAs(null)),
  ])
  return { name: kubeconfig.contextName, server: kubeconfig.server, version: version.gitVersion, user, uid }
}

async function whoAmI(client: ClusterClient, kubeconfig: LoadedKubeconfig): Promise<string> {
  const fallback = kubeconfig.config.getCurrentUser()?.name ?? 'unknown'
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
  const review = await client
    .send<{ status?: { userInfo?: { username?: string } } }>(
      'POST',
      '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      { body, timeoutMs: 10_000 },
    )
    .catch(refusedAs(null))
  const user = review?.status?.userInfo?.username
  if (user === 'system:anonymous')
    throw new Error('the API server gets no credentials from this kubeconfig (it sees system:anonymous)')
  return user ?? fallback
}

/** Turns "you may not" and "there is no such thing" into a value; 401 stays an error: we are nobody there. */
function refusedAs<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof ApiError && error.status !== 401) return value
    throw error
  }
}

/** Whether `expect-cluster` names this cluster: its API server's URL, or the uid of its kube-system namespace. */
export function isExpectedCluster(expected: string, identity: ClusterIdentity): boolean {
  if (expected === identity.uid) return true
  return normaliseUrl(expected) !== null && normaliseUrl(expected) === normaliseUrl(identity.server)
}

function normaliseUrl(text: string): string | null {
  try {
    const { protocol, hostname, port, pathname } = new URL(text)
    return `${protocol}//${hostname}:${port || (protocol === 'https:' ? '443' : '80')}${pathname.replace(/\/+$/, '')}`
  } catch {
    return null
  }
}
