import { ApiError } from '../cluster/client.ts'
import type { LocatedObject } from '../cluster/discovery.ts'
import { refText, toRef } from '../cluster/manifest.ts'
import { deleteObject, mapLimited, readObject } from '../cluster/objects.ts'
import type { KubeObject } from '../cluster/types.ts'
import type { Repaired } from '../report/model.ts'
import { confirmLock, type Session } from './session.ts'
import { dryRunApply } from './verify.ts'

/** Kinds that hold no data and no address of their own, and so may be deleted and made anew with `repair: safe`. */
export const safeKinds: ReadonlySet<string> = new Set([
  'Deployment',
  'DaemonSet',
  'StatefulSet',
  'Job',
  'CronJob',
  'ConfigMap',
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
  'NetworkPolicy',
  'RoleBinding',
  'Ingress',
])

interface Unchangeable {
  readonly object: LocatedObject
  readonly live: KubeObject
}

/**
 * Deletes what the API server refuses to change back, where that is safe, so that the next rollback makes it anew. Each deletion names
 * its uid and leaves the whole object in the report; what is marked `keep` stays.
 */
export async function removeUnchangeable(session: Session, restored: readonly LocatedObject[]): Promise<Repaired[]> {
  const { client, log } = session
  const found = await mapLimited(restored, (object) => unchangeable(session, object))
  const repaired: Repaired[] = []
  for (const { object, live } of found.filter((one) => one !== null)) {
    const name = refText(toRef(object))
    if (!isSafe(object, live)) {
      log.line(`${name} cannot be changed back, and is not of a kind that \`repair: safe\` makes anew`, 'bad')
      continue
    }
    log.line(`${name} cannot be changed back: deleted, to be made anew (repair: safe)`, 'caution')
    if (await confirmLock(session)) continue
    // The pods of a StatefulSet stay: the new one takes them over, and their volumes with them.
    await deleteObject(
      client,
      object.path,
      live.metadata.uid ?? '',
      object.kind === 'StatefulSet' ? 'Orphan' : 'Background',
    )
    repaired.push({ object: toRef(object), backup: withoutBookkeeping(live) })
  }
  return repaired
}

async function unchangeable({ client }: Session, object: LocatedObject): Promise<Unchangeable | null> {
  const live = await readObject(client, object.path)
  if (!live) return null
  const applied = await dryRunApply(client, object)
  return applied instanceof ApiError && applied.status === 422 ? { object, live } : null
}

interface StatefulSet extends KubeObject {
  readonly spec?: { readonly persistentVolumeClaimRetentionPolicy?: { readonly whenDeleted?: string } }
}

function isSafe({ kind, object }: LocatedObject, live: StatefulSet): boolean {
  const policy = 'helm.sh/resource-policy'
  if (object.metadata.annotations?.[policy] === 'keep' || live.metadata.annotations?.[policy] === 'keep') return false
  return safeKinds.has(kind) && live.spec?.persistentVolumeClaimRetentionPolicy?.whenDeleted !== 'Delete'
}

function withoutBookkeeping(live: KubeObject): KubeObject {
  const { managedFields: _fields, resourceVersion: _version, ...metadata } = live.metadata
  const { status: _status, ...rest } = live as KubeObject & { readonly status?: unknown }
  return { ...rest, metadata }
}
