import { parseManifest, refKey, type ManifestObject } from '../cluster/manifest.ts'
import type { LocatedObject } from '../cluster/discovery.ts'
import { locateManifest, locateObjects, mapLimited, readObject } from '../cluster/objects.ts'
import { ownedPods } from '../health/ownership.ts'
import type { HookRecord, ReleaseRecord } from '../release/record.ts'
import type { ObjectToWatch } from './observer.ts'
import type { Session } from './session.ts'
import { isWatchable } from './watched-kinds.ts'

/** Watches what a revision consists of: its workloads and its hooks. */
export async function observeRecord(
  session: Session,
  record: Pick<ReleaseRecord, 'manifest' | 'hooks'>,
): Promise<void> {
  const { discovery, target } = session
  const objects = (await locateManifest(discovery, record.manifest, target.namespace)).map((object) => ({
    object,
    hookEvents: [],
  }))
  await session.observer.watch([...objects, ...(await locateHooks(session, record.hooks))])
}

/** Finds where the objects of hooks live; a hook's events travel with it. */
export async function locateHooks(session: Session, hooks: readonly HookRecord[]): Promise<ObjectToWatch[]> {
  const found = await mapLimited(hooks, async (hook) => {
    const objects = parseManifest(hook.manifest).map((object) => ({ ...object, source: hook.path }))
    const located = await locateObjects(session.discovery, objects, session.target.namespace)
    return located.map((object) => ({ object, hookEvents: hook.events }))
  })
  return found.flat()
}

/** A pod that should be gone, and the object of the release that it is of, as `refKey` names it. */
export interface PodLeft {
  readonly name: string
  readonly owner: string
}

/** Pods of the failed revision that are still there, when these objects are restored. */
export function podsLeft(session: Session, restored: readonly LocatedObject[]): PodLeft[] {
  const observed = session.observer.observed()
  const keys = new Set(restored.map(refKey))
  return observed.objects.flatMap((watched) => {
    const owner = refKey(watched.manifest)
    const isRestored = keys.has(owner)
    const { old, current } = ownedPods(observed, watched)
    const left = isRestored ? old : [...old, ...current]
    return left
      .filter(({ metadata }) => !observed.gone.has(metadata.uid ?? ''))
      .map(({ metadata: { name } }) => ({ name, owner }))
  })
}

/** The generation of each workload as the server has it now, by uid: an older one in the observer is yesterday's news. */
export async function freshGenerations(
  { client }: Session,
  objects: readonly LocatedObject[],
): Promise<ReadonlyMap<string, number>> {
  const watchable = objects.filter(({ kind }) => isWatchable(kind))
  const live = await mapLimited(watchable, ({ path }) => readObject(client, path).catch(() => null))
  return new Map(
    live.flatMap((object) =>
      object?.metadata.uid ? [[object.metadata.uid, object.metadata.generation ?? 0] as const] : [],
    ),
  )
}

/** Tells the hooks of a rendered chart from its objects: `helm template` prints both in one stream. */
export function splitHooks(rendered: string): Pick<ReleaseRecord, 'manifest' | 'hooks'> {
  const objects = parseManifest(rendered)
  const eventsOf = ({ object }: ManifestObject): string => object.metadata.annotations?.['helm.sh/hook'] ?? ''
  // JSON is YAML, so an object that was parsed is a manifest again.
  const text = ({ object }: ManifestObject): string => JSON.stringify(object)
  return {
    manifest: objects
      .filter((object) => !eventsOf(object))
      .map((object) => `# Source: ${object.source}\n${text(object)}`)
      .join('\n---\n'),
    hooks: objects.filter(eventsOf).map((object) => ({
      name: object.name,
      kind: object.kind,
      path: object.source,
      manifest: text(object),
      events: eventsOf(object).split(/\s*,\s*/),
      deletePolicies: [],
      ended: '',
    })),
  }
}
