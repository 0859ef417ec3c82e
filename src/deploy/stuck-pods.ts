import { deleteObject } from '../cluster/objects.ts'
import type { Pod } from '../cluster/types.ts'
import { ownedPods } from '../health/ownership.ts'
import type { Session } from './session.ts'

/**
 * While a rollback runs: deletes the broken pods of the failed revision that an ordered StatefulSet would wait for without
 * end (kubernetes#67250). Only pods that this deploy made, that are not ready, and that bear another revision than the set.
 */
export async function replaceStuckPods(session: Session, signal: AbortSignal): Promise<void> {
  const { observer, client, log } = session
  const deleted = new Set<string>()
  while (!signal.aborted) {
    for (const pod of stuckPods(session)) {
      const uid = pod.metadata.uid ?? ''
      if (deleted.has(uid)) continue
      deleted.add(uid)
      log.line(
        `pod ${pod.metadata.name}: broken and of the failed revision; deleted, because its StatefulSet would wait for it`,
      )
      const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`
      await deleteObject(client, path, uid).catch((error: unknown) =>
        log.warning(`pod ${pod.metadata.name} cannot be deleted: ${String(error)}`),
      )
    }
    await observer.nextChange(1000, signal)
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
