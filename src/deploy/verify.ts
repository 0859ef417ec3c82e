import { ApiError, type ClusterClient } from '../cluster/client.ts'
import type { LocatedObject } from '../cluster/discovery.ts'
import { refText, toRef } from '../cluster/manifest.ts'
import { mapLimited, readObject } from '../cluster/objects.ts'
import type { KubeList, KubeObject } from '../cluster/types.ts'
import { withQuery } from '../cluster/watch.ts'
import type { Drift } from '../report/model.ts'
import { differences, essence, pathText, valueAt, type FieldDifference } from './compare.ts'
import type { Snapshot, SnapshotEntry } from './snapshot.ts'

/** What a check of the undo found. */
export interface Verification {
  readonly checked: number
  readonly drifts: readonly Drift[]
  /** Things that people should know and that are no drift, in words. */
  readonly remarks: readonly string[]
}

/** Compares every object of the snapshot with how it is now; asks the server what the manifest would make of those that differ. */
export async function verifySnapshot(
  client: ClusterClient,
  snapshot: Snapshot,
  namespace: string,
): Promise<Verification> {
  const scaled = await autoscaled(client, namespace)
  const remarks: string[] = []
  const found = await mapLimited([...snapshot.values()], async (entry) => {
    const after = await readObject(client, entry.object.path)
    return compareEntry(client, entry, after, scaled, remarks)
  })
  return { checked: snapshot.size, drifts: found.filter((drift) => drift !== null), remarks }
}

/** Compares every object with what the server would make of its manifest now. */
export async function verifyManifest(
  client: ClusterClient,
  objects: readonly LocatedObject[],
  namespace: string,
): Promise<Verification> {
  const scaled = await autoscaled(client, namespace)
  const found = await mapLimited(objects, async (object): Promise<Drift | null> => {
    const live = await readObject(client, object.path)
    if (!live) return { object: toRef(object), kind: 'missing', details: ['the manifest has it'] }
    const details = await unlikeManifest(client, object, live, scaled)
    return details.length > 0 ? { object: toRef(object), kind: 'changed', details } : null
  })
  return { checked: objects.length, drifts: found.filter((drift) => drift !== null), remarks: [] }
}

async function unlikeManifest(
  client: ClusterClient,
  object: LocatedObject,
  live: KubeObject,
  scaled: ReadonlySet<string>,
): Promise<string[]> {
  const applied = await appliedOrNull(client, object)
  const [wanted, now] = [essence(applied ?? object.object), essence(live)]
  return differences(wanted, now)
    .filter(({ path, before }) => (applied !== null || before !== undefined) && !isScaledReplicas(path, object, scaled))
    .map(({ path }) => (applied ? pathText(path) : `${pathText(path)} (${withoutServer})`))
}

const withoutServer = 'compared without the server: it refuses a dry run'

async function compareEntry(
  client: ClusterClient,
  { object, live: before }: SnapshotEntry,
  after: KubeObject | null,
  scaled: ReadonlySet<string>,
  remarks: string[],
): Promise<Drift | null> {
  const ref = toRef(object)
  if (!before) return after ? null : missingSinceBefore(object, remarks)
  if (!after) return { object: ref, kind: 'missing', details: ['it existed before the deploy'] }
  const isNew = before.metadata.uid !== after.metadata.uid
  if (isNew && object.kind === 'PersistentVolumeClaim')
    return {
      object: ref,
      kind: 'recreated',
      details: ['it was deleted and made anew: its data is not the data of before'],
    }
  const changed = differences(essence(before), essence(after)).filter(
    ({ path }) => !isScaledReplicas(path, object, scaled),
  )
  if (isNew)
    remarks.push(
      `${refText(ref)} was deleted by the deploy and made anew by the undo${object.kind === 'Job' ? ': it ran again' : ''}`,
    )
  if (changed.length === 0) return null
  const details = await unexplained(client, object, after, changed)
  return details.length > 0 ? { object: ref, kind: 'changed', details } : null
}

/** The manifest names it, but it did not exist before either: not our doing, so no drift. */
function missingSinceBefore(object: LocatedObject, remarks: string[]): null {
  remarks.push(`${refText(toRef(object))} is in the manifest but did not exist before the deploy either`)
  return null
}

/**
 * Leaves out what the restored manifest explains: a field that somebody had changed by hand before, and that the undo set
 * back to the manifest. What is neither as before nor as the manifest says is drift.
 */
async function unexplained(
  client: ClusterClient,
  object: LocatedObject,
  after: KubeObject,
  changed: readonly FieldDifference[],
): Promise<string[]> {
  const manifest = essence(object.object)
  const applied = await appliedOrNull(client, object)
  const wrong = applied
    ? new Set(differences(essence(applied), essence(after)).map(({ path }) => pathText(path)))
    : null
  return changed
    .filter(({ path, after: value }) => {
      const wanted = valueAt(manifest, path)
      if (wanted === undefined) return true
      return wrong ? wrong.has(pathText(path)) : JSON.stringify(wanted) !== JSON.stringify(value)
    })
    .map(({ path }) => (wrong ? pathText(path) : `${pathText(path)} (${withoutServer})`))
}

async function appliedOrNull(client: ClusterClient, object: LocatedObject): Promise<KubeObject | null> {
  const applied = await dryRunApply(client, object)
  return applied instanceof ApiError ? null : applied
}

/** What the server would make of the manifest's object now, without doing it; its error where it refuses. */
export async function dryRunApply(client: ClusterClient, object: LocatedObject): Promise<KubeObject | ApiError> {
  const path = withQuery(object.path, { dryRun: 'All', fieldManager: 'atomic-helm-verify', force: 'true' })
  const body = {
    ...object.object,
    metadata: { ...object.object.metadata, ...(object.namespace ? { namespace: object.namespace } : {}) },
  }
  return client
    .send<KubeObject>('PATCH', path, { body, contentType: 'application/apply-patch+yaml' })
    .catch((error: unknown) => {
      if (error instanceof ApiError) return error
      throw error
    })
}

interface Autoscaler extends KubeObject {
  readonly spec?: { readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string } }
}

/** The workloads whose replicas an autoscaler owns, as `Kind/name`; empty when autoscalers cannot be read. */
async function autoscaled(client: ClusterClient, namespace: string): Promise<ReadonlySet<string>> {
  const list = await client
    .get<KubeList<Autoscaler>>(`/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`)
    .catch(() => null)
  return new Set((list?.items ?? []).map(({ spec }) => `${spec?.scaleTargetRef?.kind}/${spec?.scaleTargetRef?.name}`))
}

function isScaledReplicas(path: readonly string[], object: LocatedObject, scaled: ReadonlySet<string>): boolean {
  return path.join('.') === 'spec.replicas' && scaled.has(`${object.kind}/${object.name}`)
}
