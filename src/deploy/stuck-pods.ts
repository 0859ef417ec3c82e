import { deleteObject } from '../cluster/objects.ts'
import type { Pod } from '../cluster/types.ts'
import { ownedPods } from '../health/ownership.ts'
import { describeError } from '../platform/errors.ts'
import { confirmLock, type Session } from './session.ts'

/**
 * Deletes the broken pods of the failed revision that an ordered StatefulSet would wait for without end (kubernetes#67250), each
 * once. Only pods that this deploy made, that are not ready, and that bear another revision than the set has now.
 */
export async function replaceStuckPods(session: Session, deleted: Set<string>): Promise<void> {
  const { client, log } = session
  for (const pod of stuckPods(session)) {
    const uid = pod.metadata.uid ?? ''
    if (deleted.has(uid)) continue
    if (await confirmLock(session)) return
    deleted.add(uid)
    log.line(
      `pod ${pod.metadata.name}: broken and of the failed revision; deleted, because its StatefulSet waits for it`,
    )
    const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`
    await deleteObject(client, path, uid).catch((error: unknown) => {
      log.warning(`pod ${pod.metadata.name} cannot be deleted: ${describeError(error)}`)
    })
  }
}

function stuckPods(session: Session): Pod[] {
  const observed = session.observer.observed()
  return observed.objects
    .filter(
      ({ live }) =>
        live?.kind === 'StatefulSet' && (live.status?.observedGeneration ?? 0) >= (live.metadata.generation ?? 0),
    )
    .flatMap((object) => ownedPods(observed, object).old)
    .filter(
      (pod) => !pod.metadata.deletionTimestamp && !observed.podsBefore.has(pod.metadata.uid ?? '') && !isReady(pod),
    )
}

function isReady(pod: Pod): boolean {
  return (pod.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True')
}
