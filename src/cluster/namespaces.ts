import type { Clock } from '../platform/clock.ts'
import { ApiError, type ClusterClient } from './client.ts'
import { deleteObject, readObject } from './objects.ts'
import type { Condition, KubeObject } from './types.ts'
import { watchCollection } from './watch.ts'

/** A namespace as far as we read it. */
export interface Namespace extends KubeObject {
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] }
}

const pollMs = 500

/** The path of a namespace in the API. */
export function namespacePath(name: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(name)}`
}

/** Reads a namespace; null when it does not exist. */
export async function readNamespace(client: ClusterClient, name: string): Promise<Namespace | null> {
  return readObject(client, namespacePath(name))
}

/** What the waiting for the end of a namespace needs. */
export interface Waiting {
  readonly client: ClusterClient
  readonly clock: Clock
  /** Ends the waiting: its reason is thrown. */
  readonly stop: AbortSignal
  /** Until then, ms since 1970 by this machine's clock. */
  readonly deadline: number
}

/** Deletes a namespace, if it still is the one with that uid, and waits until it is gone; what was last seen of it when it stays. */
export async function deleteNamespace(
  waiting: Waiting,
  { metadata: { name, uid = '' } }: Namespace,
): Promise<Namespace | null> {
  await deleteObject(waiting.client, namespacePath(name), uid)
  return waitUntilGone(waiting, name, uid)
}

/** Waits until a namespace with this uid is gone; gives what was last seen of it when it is still there at the deadline. */
export async function waitUntilGone(
  { client, clock, stop, deadline }: Waiting,
  name: string,
  uid: string,
): Promise<Namespace | null> {
  const done = new AbortController()
  const signal = AbortSignal.any([done.signal, stop])
  let last: Namespace | null = null
  const see = (object: Namespace | undefined): void => {
    last = object?.metadata.uid === uid ? object : null
    if (!last) done.abort()
  }
  const watching = watchCollection<Namespace>(
    client,
    clock,
    '/api/v1/namespaces',
    { fieldSelector: `metadata.name=${name}` },
    {
      replace: ([first]) => see(first),
      changed: see,
      deleted: () => see(undefined),
      refused: () => undefined,
    },
    signal,
  )
  const late = clock.sleep(Math.max(0, deadline - clock.now()), signal)
  await Promise.race([watching.then(() => pollUntilGone()), late])
  const isGone = done.signal.aborted
  done.abort()
  stop.throwIfAborted()
  return isGone ? null : (last ?? (await readNamespace(client, name)))

  /** Whoever may read a namespace and not watch it asks again and again. */
  async function pollUntilGone(): Promise<void> {
    while (!signal.aborted && clock.now() < deadline) {
      see((await readNamespace(client, name)) ?? undefined)
      await clock.sleep(pollMs, signal)
    }
  }
}

/** Why a namespace that is being deleted is still there, in the words of the namespace controller; empty when it does not tell. */
export function whatBlocks({ status }: Namespace): string {
  return (status?.conditions ?? [])
    .filter(({ type, status: is, message }) => type.startsWith('Namespace') && is === 'True' && message)
    .map(({ message }) => message ?? '')
    .join('; ')
}

/** Whether the API server does not let us do something with namespaces. */
export function isForbidden(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 403
}
