import { refKey } from '../cluster/manifest.ts'
import type { KubeEvent, Pod, Workload } from '../cluster/types.ts'
import { isPod, type Change, type ReleaseObject } from './change.ts'
import { indexed, podContainers, type Observed, type WatchedObject } from './observed.ts'
import type { SignalOptions } from './row.ts'
import { podSignals } from './signals.ts'

/** Remembers what the cluster showed, so that nothing is lost when Helm deletes it: a fold over changes that asks nobody. */
export interface Memory {
  apply(change: Change): void
  /** Everything seen so far, as it is at that time, ms since 1970 by the API server. */
  observed(now: number): Observed
}

/** Kinds whose rollout is judged; everything else of a release is only looked at. */
export const workloadKinds: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'Pod'])

/** Creation times are whole seconds, and API servers may differ a little. */
const skewMs = 5000

/** Creates a memory that has seen nothing. */
export function createMemory(options: SignalOptions): Memory {
  const wanted = new Map<string, ReleaseObject>()
  const live = new Map<string, Workload>()
  const gone = new Map<string, number>()
  const events = new Map<string, KubeEvent>()
  const before = new Set<string>()
  const changed = new Map<string, number>()
  const since = new Map<string, number>()
  const keysOf = new Map<string, ReadonlySet<string>>()
  const firstStart = new Map<string, number>()
  const appeared = new Map<string, number>()
  const logs = new Map<string, readonly string[]>()
  let startedAt: number | null = null

  function put(object: Workload, at: number): void {
    const uid = object.metadata.uid ?? ''
    const last = live.get(uid)?.metadata.generation
    if (startedAt !== null && last !== undefined && (object.metadata.generation ?? 0) > last) changed.set(uid, at)
    // Nobody waits for the first list of what has no pods: it may bring old things after the beginning.
    const isOld =
      startedAt === null || (!workloadKinds.has(object.kind ?? '') && createdAt(object) < startedAt - skewMs)
    if (isOld && !live.has(uid)) before.add(uid)
    live.set(uid, object)
    // A list that came from a stale cache lacks what is there.
    gone.delete(uid)
    if (isPod(object)) notePod(object, at)
  }

  function notePod(pod: Pod, at: number): void {
    const uid = pod.metadata.uid ?? ''
    const present = new Set(podSignals(pod, options).map(({ key }) => key))
    for (const key of keysOf.get(uid) ?? []) if (!present.has(key)) since.delete(key)
    for (const key of present) if (!since.has(key)) since.set(key, at)
    keysOf.set(uid, present)
    for (const { name, status } of podContainers(pod)) {
      const started =
        status.lastState?.terminated?.startedAt ??
        status.state?.terminated?.startedAt ??
        status.state?.running?.startedAt
      const key = `${uid}/${name}`
      const ms = Date.parse(started ?? '')
      if (ms) firstStart.set(key, Math.min(ms, firstStart.get(key) ?? ms))
    }
  }

  function apply(change: Change): void {
    switch (change.kind) {
      case 'put':
        return put(change.object, change.at)
      case 'gone':
        gone.set(change.uid, gone.get(change.uid) ?? change.at)
        return
      case 'event':
        events.set(change.event.metadata.uid ?? change.event.metadata.name, change.event)
        return
      case 'logs':
        logs.set(change.container, change.lines)
        return
      case 'appeared':
        appeared.set(change.what, change.at)
        return
      case 'begin':
        // What ended before is nothing that this deploy could remember.
        if (startedAt === null) for (const uid of gone.keys()) live.delete(uid)
        startedAt ??= change.at
        wanted.clear()
        events.clear()
        return
      case 'release':
        wanted.clear()
        for (const object of change.objects) wanted.set(refKey(object.manifest), object)
    }
  }

  function observed(now: number): Observed {
    const all = [...live.values()]
    const byName = Map.groupBy(all, nameOf)
    const watched = [...wanted.values()].map((object) => toWatched(object, byName))
    return indexed({
      startedAt: startedAt ?? now,
      now,
      objects: watched.filter(({ manifest, hookEvents }) => workloadKinds.has(manifest.kind) || hookEvents.length > 0),
      others: watched.filter(
        ({ manifest, hookEvents }) => !workloadKinds.has(manifest.kind) && hookEvents.length === 0,
      ),
      replicaSets: all.filter(({ kind, metadata }) => kind === 'ReplicaSet' && !gone.has(metadata.uid ?? '')),
      pods: all.filter(isPod).map(markDeleted),
      events: [...events.values()],
      gone,
      podsBefore: before,
      signalSince: since,
      firstStart,
      appeared,
      logs,
    })
  }

  function toWatched(
    { manifest, hookEvents }: ReleaseObject,
    byName: ReadonlyMap<string, readonly Workload[]>,
  ): WatchedObject {
    const same = byName.get(nameOf({ kind: manifest.kind, metadata: manifest })) ?? []
    // Of several that bore the name (a hook is deleted and made anew), the present one counts, else the last of this run: a Job
    // is known by how it ended, even when its TTL or Helm has taken it away.
    const isHook = hookEvents.length > 0
    const isRemembered = isHook || manifest.kind === 'Job'
    const candidates = isHook ? same.filter(({ metadata }) => !before.has(metadata.uid ?? '')) : same
    const present = candidates.find(({ metadata }) => !gone.has(metadata.uid ?? ''))
    const found = present ?? (isRemembered ? candidates.at(-1) : undefined) ?? null
    const uid = found?.metadata.uid ?? ''
    const isNew = !before.has(uid)
    return {
      manifest,
      live: found,
      hookEvents,
      isNew,
      changedAt: changed.get(uid) ?? (isNew ? startedAt : null),
      wasDeleted: found !== null && found !== present,
    }
  }

  function markDeleted(pod: Pod): Pod {
    const at = gone.get(pod.metadata.uid ?? '')
    if (at === undefined || pod.metadata.deletionTimestamp) return pod
    return { ...pod, metadata: { ...pod.metadata, deletionTimestamp: new Date(at).toISOString() } }
  }

  return { apply, observed }
}

function createdAt({ metadata }: Workload): number {
  return Date.parse(metadata.creationTimestamp ?? '')
}

function nameOf({
  kind,
  metadata,
}: Pick<Workload, 'kind'> & { readonly metadata: { name: string; namespace?: string } }): string {
  return `${kind}|${metadata.namespace ?? ''}|${metadata.name}`
}
