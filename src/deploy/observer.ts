import type { ApiError, ClusterClient } from '../cluster/client.ts'
import { collectionPath, type LocatedObject } from '../cluster/discovery.ts'
import { refKey } from '../cluster/manifest.ts'
import type { KubeEvent, KubeObject, Pod, Workload } from '../cluster/types.ts'
import { watchCollection } from '../cluster/watch.ts'
import { creationKey } from '../health/diagnose.ts'
import { podContainers, type Observed, type WatchedObject } from '../health/observed.ts'
import { podSignals, type SignalOptions } from '../health/signals.ts'
import type { Clock } from '../platform/clock.ts'
import { createLogKeeper } from './log-keeper.ts'

/** An object of the release that is to be watched; `hookEvents` is empty for an ordinary one. */
export interface ObjectToWatch {
  readonly object: LocatedObject
  readonly hookEvents: readonly string[]
}

/** Remembers what the cluster shows while a release rolls out, so that nothing is lost when Helm deletes it (design decision 2). */
export interface Observer {
  /** Watches these objects and what they own; they replace those of an earlier call. Resolves when the first lists are in. */
  watch(objects: readonly ObjectToWatch[]): Promise<void>
  /** From now on, what appears is of this deploy; nothing is judged before `watch` tells what its objects are. */
  begin(): void
  observed(): Observed
  /** Resolves at the next change, after `ms`, or when the signal aborts. */
  nextChange(ms: number, signal?: AbortSignal): Promise<void>
  /** Reads the logs of containers that still run and are not ready. */
  readRunningLogs(pods: readonly { readonly pod: Pod; readonly container: string }[]): Promise<void>
  /** Kinds that could not be watched, in words. */
  refusals(): readonly string[]
  stop(): void
}

/** Kinds whose objects and pods are watched: kind → where its collection is and whether ReplicaSets are needed too. */
const watchedKinds: Readonly<Record<string, { readonly apiVersion: string; readonly plural: string }>> = {
  Deployment: { apiVersion: 'apps/v1', plural: 'deployments' },
  StatefulSet: { apiVersion: 'apps/v1', plural: 'statefulsets' },
  DaemonSet: { apiVersion: 'apps/v1', plural: 'daemonsets' },
  Job: { apiVersion: 'batch/v1', plural: 'jobs' },
  Pod: { apiVersion: 'v1', plural: 'pods' },
}

/** Whether an object has pods, so that it is worth watching. */
export function isWatchable(kind: string): boolean {
  return kind in watchedKinds
}

/** Creates an observer; it asks nothing before `watch`. */
export function createObserver(client: ClusterClient, clock: Clock, options: SignalOptions): Observer {
  const abort = new AbortController()
  const wanted = new Map<string, ObjectToWatch>()
  const live = new Map<string, Workload>()
  const gone = new Set<string>()
  const events = new Map<string, KubeEvent>()
  const before = new Set<string>()
  const since = new Map<string, number>()
  const firstStart = new Map<string, number>()
  const refused = new Map<string, string>()
  const started = new Map<string, Promise<void>>()
  const waiters = new Set<() => void>()
  let startedAt: number | null = null
  const logs = createLogKeeper(client, changed)

  function changed(): void {
    for (const wake of waiters) wake()
  }

  /** Once per turn of the event loop, however many objects a list brings. */
  let isReadScheduled = false
  function readLogsSoon(): void {
    if (isReadScheduled) return
    isReadScheduled = true
    setImmediate(() => {
      isReadScheduled = false
      if (!abort.signal.aborted) logs.update(observed(), abort.signal)
    })
  }

  function collection(
    apiVersion: string,
    plural: string,
    namespace: string,
    note: (item: KubeObject, isGone: boolean) => void,
    sweep?: (present: ReadonlySet<string>) => void,
  ): Promise<void> {
    const path = collectionPath(apiVersion, plural, namespace)
    const known = started.get(path)
    if (known) return known
    const synced = new Promise<void>((resolve) => {
      const handler = {
        replace: (items: readonly KubeObject[]) => {
          for (const item of items) note(item, false)
          sweep?.(new Set(items.map(({ metadata }) => metadata.uid ?? '')))
          resolve()
          changed()
        },
        changed: (item: KubeObject) => {
          note(item, false)
          changed()
        },
        deleted: (item: KubeObject) => {
          note(item, true)
          changed()
        },
        refused: (error: ApiError) => {
          refused.set(path, `cannot watch ${plural} in namespace ${namespace}: ${error.message}`)
          resolve()
        },
      }
      void watchCollection(client, clock, path, {}, handler, abort.signal).catch((error: unknown) => {
        refused.set(path, `the watch of ${plural} ended: ${String(error)}`)
        resolve()
      })
    })
    started.set(path, synced)
    return synced
  }

  /** Keeps an object of a watched kind; a deleted one stays as it was last seen, marked as gone. */
  function keep(
    kind: string,
    namespace: string,
  ): { note: (item: Workload, isGone: boolean) => void; sweep: (present: ReadonlySet<string>) => void } {
    return {
      note: (item, isGone) => {
        const uid = item.metadata.uid ?? ''
        live.set(uid, { ...item, kind })
        if (isGone) gone.add(uid)
        if (startedAt === null) before.add(uid)
        if (kind === 'Pod') notePod({ ...item, kind } as Pod)
        if (kind === 'ReplicaSet') noteAge(creationKey(item), isRefused(item))
        readLogsSoon()
      },
      sweep: (present) => {
        for (const [uid, item] of live)
          if (item.kind === kind && item.metadata.namespace === namespace && !present.has(uid)) gone.add(uid)
      },
    }
  }

  function notePod(pod: Pod): void {
    const prefix = `${pod.metadata.uid}|`
    const present = new Set(podSignals(pod, options).map(({ key }) => key))
    for (const key of since.keys()) if (key.startsWith(prefix) && !present.has(key)) since.delete(key)
    for (const key of present) noteAge(key, true)
    for (const { name, status } of podContainers(pod)) {
      const at =
        status.lastState?.terminated?.startedAt ??
        status.state?.terminated?.startedAt ??
        status.state?.running?.startedAt
      const key = `${pod.metadata.uid}/${name}`
      const ms = Date.parse(at ?? '')
      if (ms) firstStart.set(key, Math.min(ms, firstStart.get(key) ?? ms))
    }
  }

  function noteAge(key: string, isPresent: boolean): void {
    if (!isPresent) since.delete(key)
    else if (!since.has(key)) since.set(key, client.now())
  }

  function observed(): Observed {
    const all = [...live.values()]
    return {
      startedAt: startedAt ?? client.now(),
      now: client.now(),
      objects: [...wanted.values()].map((entry) => toWatched(entry, all)),
      replicaSets: all.filter(({ kind, metadata }) => kind === 'ReplicaSet' && !gone.has(metadata.uid ?? '')),
      pods: all.filter(({ kind }) => kind === 'Pod').map((pod) => markDeleted(pod as Pod)),
      events: [...events.values()],
      gone,
      podsBefore: before,
      signalSince: since,
      firstStart,
      logs: logs.lines(),
    }
  }

  function toWatched({ object, hookEvents }: ObjectToWatch, all: readonly Workload[]): WatchedObject {
    const same = all.filter(
      ({ kind, metadata }) =>
        kind === object.kind && metadata.name === object.name && metadata.namespace === object.namespace,
    )
    // Of several that bore the name (a hook is deleted and made anew), the present one counts, else the last of this run.
    const isHook = hookEvents.length > 0
    const candidates = isHook ? same.filter(({ metadata }) => !before.has(metadata.uid ?? '')) : same
    const present = candidates.find(({ metadata }) => !gone.has(metadata.uid ?? ''))
    const found = present ?? (isHook ? candidates.at(-1) : undefined) ?? null
    return {
      manifest: object,
      live: found,
      hookEvents,
      isNew: !before.has(found?.metadata.uid ?? ''),
      wasDeleted: found !== null && found !== present,
    }
  }

  function markDeleted(pod: Pod): Pod {
    if (!gone.has(pod.metadata.uid ?? '') || pod.metadata.deletionTimestamp) return pod
    return { ...pod, metadata: { ...pod.metadata, deletionTimestamp: new Date(client.now()).toISOString() } }
  }

  return {
    watch: async (objects) => {
      const lists: Promise<void>[] = []
      wanted.clear()
      for (const entry of objects) {
        const served = watchedKinds[entry.object.kind]
        if (!served) continue
        wanted.set(refKey(entry.object), entry)
        const { namespace, kind } = entry.object
        const follow = (name: string, apiVersion: string, plural: string): void => {
          const { note, sweep } = keep(name, namespace)
          lists.push(collection(apiVersion, plural, namespace, note, sweep))
        }
        follow(kind, served.apiVersion, served.plural)
        if (kind === 'Deployment') follow('ReplicaSet', 'apps/v1', 'replicasets')
        follow('Pod', 'v1', 'pods')
        lists.push(
          collection(
            'v1',
            'events',
            namespace,
            (event) => void events.set(event.metadata.uid ?? event.metadata.name, event),
          ),
        )
      }
      await Promise.all(lists)
    },
    begin: () => {
      startedAt ??= client.now()
      wanted.clear()
      events.clear()
    },
    observed,
    nextChange: async (ms, signal) => {
      const woken = new AbortController()
      const wake = (): void => woken.abort()
      waiters.add(wake)
      const stop = signal ? AbortSignal.any([signal, woken.signal]) : woken.signal
      await clock.sleep(ms, stop)
      waiters.delete(wake)
    },
    readRunningLogs: (pods) => logs.readNow(pods),
    refusals: () => [...refused.values()],
    stop: () => abort.abort(),
  }
}

function isRefused(set: Workload): boolean {
  return (set.status?.conditions ?? []).some(({ type, status }) => type === 'ReplicaFailure' && status === 'True')
}
