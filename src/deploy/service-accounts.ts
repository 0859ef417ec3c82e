import { mapLimited, readObject } from '../cluster/objects.ts'
import { refText, toRef } from '../cluster/manifest.ts'
import type { LocatedObject } from '../cluster/discovery.ts'
import type { KubeObject, PodSpec } from '../cluster/types.ts'
import { describeError } from '../platform/errors.ts'
import { confirmLock, type Session } from './session.ts'
import type { Snapshot } from './snapshot.ts'

type AccountSpec = PodSpec & { readonly serviceAccountName?: string }

interface Templated extends KubeObject {
  readonly spec?: { readonly template?: { readonly spec?: AccountSpec } }
}

const accountOf = (object: Templated | null): string => object?.spec?.template?.spec?.serviceAccountName ?? ''

/**
 * Takes the service account out of pod templates that had none before. A rollback cannot: the API server keeps the old alias of the
 * field, `serviceAccount`, and fills `serviceAccountName` from it again (kubernetes#72519). What fails is a warning; the check tells.
 */
export async function takeBackServiceAccounts(
  session: Session,
  failed: string,
  restored: readonly LocatedObject[],
  before: Snapshot,
): Promise<void> {
  // Hardly any failed revision has to do with it, and each object would be a request.
  if (!failed.includes('serviceAccount')) return
  const without = restored.filter(({ path, object }) => {
    const earlier = before.get(path)?.live ?? object
    return hasTemplate(earlier) && accountOf(earlier) === ''
  })
  if (without.length === 0 || (await confirmLock(session))) return
  await mapLimited(without, async ({ path, ...object }) => {
    const now = await readObject(session.client, path).catch(() => null)
    if (accountOf(now) === '') return
    const body = { spec: { template: { spec: { serviceAccountName: null, serviceAccount: null } } } }
    await session.client.send('PATCH', path, { body, contentType: 'application/merge-patch+json' }).then(
      () => session.log.line(`${refText(toRef(object))}: its service account is taken out again (kubernetes#72519)`),
      (error: unknown) =>
        session.log.warning(`${refText(toRef(object))} keeps its service account: ${describeError(error)}`),
    )
  })
}

function hasTemplate(live: Templated | null): boolean {
  return live?.spec?.template?.spec !== undefined
}
