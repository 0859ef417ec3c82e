import { ApiError, type ClusterClient } from '../cluster/client.ts'
import { collectionPath } from '../cluster/discovery.ts'
import { leaseName, type Lease, type LockedRelease } from './lease.ts'

/** The Lease of one release in the API. Writes have preconditions: none of them replaces or removes what we have not seen. */
export interface LeaseApi {
  /** The collection that it is in, and its name there: for a watch. */
  readonly path: string
  readonly name: string
  /** Null when there is one already. */
  create(lease: Lease): Promise<Lease | null>
  /** Null when there is none. */
  read(signal?: AbortSignal): Promise<Lease | null>
  /** Null when it is not what it was when this one was read. */
  replace(lease: Lease): Promise<Lease | null>
  /** False when it is not what it was when this one was read; true also when it is gone. */
  remove(lease: Lease): Promise<boolean>
}

/** A few of these have to fit into the 30 s that a Lease lasts. */
const timeoutMs = 5000

/** Opens the Lease of a release; nothing is asked before it is needed. */
export function openLease(client: ClusterClient, { namespace, release }: LockedRelease): LeaseApi {
  const path = collectionPath('coordination.k8s.io/v1', 'leases', namespace)
  const name = leaseName(release)
  const own = `${path}/${encodeURIComponent(name)}`
  return {
    path,
    name,
    create: (lease) => client.send<Lease>('POST', path, { body: lease, timeoutMs }).catch(nullWhen(409)),
    read: (signal) => client.get<Lease>(own, { timeoutMs, ...(signal && { signal }) }).catch(nullWhen(404)),
    replace: (lease) => client.send<Lease>('PUT', own, { body: lease, timeoutMs }).catch(nullWhen(404, 409)),
    remove: async ({ metadata: { uid, resourceVersion } }) => {
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid, resourceVersion } }
      return client.send('DELETE', own, { body, timeoutMs }).then(
        () => true,
        (error: unknown) => nullWhen(404, 409)(error) ?? (error as ApiError).status === 404,
      )
    },
  }
}

/** Whether the API server does not let us: a permission that is missing, or an API that it does not have. */
export function isRefusal(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.status === 403 || error.status === 404 || error.status === 405)
}

function nullWhen(...statuses: readonly number[]): (error: unknown) => null {
  return (error) => {
    if (error instanceof ApiError && statuses.includes(error.status)) return null
    throw error
  }
}
