import { deleteObject, isNamespaceEmpty, readObject } from '../cluster/objects.ts'
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
