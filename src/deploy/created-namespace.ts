import { deleteNamespace, readNamespace } from '../cluster/namespaces.ts'
import { deleteObject, isNamespaceEmpty, metadataList, readObject } from '../cluster/objects.ts'
import type { KubeList } from '../cluster/types.ts'
import { withQuery } from '../cluster/watch.ts'
import { describeError } from '../platform/errors.ts'
import type { NotUndone } from '../report/model.ts'
import type { Session } from './session.ts'

const waitMs = 60_000

/** Removes the namespace that this run made, if nothing else is in it by now; tells when it stays, and why. */
export async function removeCreatedNamespace(session: Session): Promise<NotUndone[]> {
  const { client, target, log, clock } = session
  const path = `/api/v1/namespaces/${target.namespace}`
  const stays = (why: string): NotUndone[] => [
    { object: { kind: 'Namespace', namespace: '', name: target.namespace }, why: `this run made it, but ${why}` },
  ]
  try {
    const live = await readObject(client, path)
    if (!live?.metadata.uid) return []
    const isEmpty = await isNamespaceEmpty(client, target.namespace)
    if (!isEmpty) return stays(isEmpty === false ? 'something else is in it by now' : 'what is in it cannot be listed')
    await deleteObject(client, path, live.metadata.uid)
    const deadline = clock.now() + waitMs
    while (await readObject(client, path)) {
      if (clock.now() >= deadline) return stays(`it is still being deleted after ${waitMs / 1000} s`)
      await clock.sleep(250)
    }
    log.line(`namespace ${target.namespace} removed again: this run had made it`)
    return []
  } catch (error) {
    return stays(`it cannot be deleted: ${describeError(error)}`)
  }
}

/**
 * Removes the namespace that this run made for a preview, with all that is in it: it was made for nothing else. It stays when another
 * step has a release in it. Only for who has the lock of the preview.
 */
export async function removePreviewNamespace(session: Session): Promise<NotUndone[]> {
  const { client, target, log, clock, stop, storage } = session
  const stays = (why: string): NotUndone[] => [
    { object: { kind: 'Namespace', namespace: '', name: target.namespace }, why: `this run made it, but ${why}` },
  ]
  try {
    const live = await readNamespace(client, target.namespace)
    if (!live) return []
    const path = `/api/v1/namespaces/${encodeURIComponent(target.namespace)}/${storage.driver}s`
    const { items } = await client.get<KubeList>(withQuery(path, { labelSelector: 'owner=helm' }), {
      accept: metadataList,
    })
    if (items?.length) return stays('a release is in it by now')
    const left = await deleteNamespace({ client, clock, stop, deadline: clock.now() + waitMs }, live)
    if (left) return stays(`it is still being deleted after ${waitMs / 1000} s`)
    log.line(`namespace ${target.namespace} removed again: this run had made it`)
    return []
  } catch (error) {
    return stays(`it cannot be deleted: ${describeError(error)}`)
  }
}
