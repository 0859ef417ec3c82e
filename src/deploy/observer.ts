import type { ClusterClient } from '../cluster/client.ts'
import { collectionPath, type LocatedObject } from '../cluster/discovery.ts'
import type { KubeEvent, KubeObject, Pod } from '../cluster/types.ts'
import { trimmed, trimmedEvent, trimmedManifest, type Change } from '../health/change.ts'
import type { DiagnosisOptions } from '../health/fault.ts'
import { createMemory } from '../health/memory.ts'
import type { Observed } from '../health/observed.ts'
import { createRecorder, type Recorder } from '../health/recording.ts'
import type { Clock } from '../platform/clock.ts'
import { createFollower, type Refusals } from './follower.ts'
import { createLogKeeper } from './log-keeper.ts'
import { missingThings } from './missing.ts'
import { collectionOf, isTelling, isWatchable } from './watched-kinds.ts'

/** An object of the release that is to be watched; `hookEvents` is empty for an ordinary one. */
export interface ObjectToWatch {
  readonly object: LocatedObject
  readonly hookEvents: readonly string[]
}

/** Follows what the cluster shows while a release rolls out, and remembers all of it (design decision 2). */
export interface Observer {
  /** Watches these objects and what they own; they replace those of an earlier call. Resolves when the first lists are in. */
  watch(objects: readonly ObjectToWatch[]): Promise<void>
  /** From now on, what appears is of this deploy; nothing is judged before `watch` tells what its objects are. */
  begin(): void
  observed(): Observed
  /** Resolves at the next change, after `ms`, or when the signal aborts. */
  nextChange(ms: number, signal?: AbortSignal): Promise<void>
  /** Reads the logs of containers that still run and are not ready, and waits for all that were asked for, until the signal aborts. */
  readRunningLogs(
    pods: readonly { readonly pod: Pod; readonly container: string }[],
    signal: AbortSignal,
  ): Promise<void>
  refusals(): Refusals
  /** Everything that was seen so far. */
  recorded(): Pick<Recorder, 'changes' | 'dropped'>
  stop(): void
}

/** Creates an observer; it asks nothing before `watch`. */
export function createObserver(client: ClusterClient, clock: Clock, options: DiagnosisOptions): Observer {
  const abort = new AbortController()
  const memory = createMemory(options)
  const recorder = createRecorder()
  const waiters = new Set<() => void>()
  let latest: Observed | null = null
  const follower = createFollower(client, clock, abort.signal, wakeAll)
  const logs = createLogKeeper(client, (container, lines) => note({ kind: 'logs', container, lines }))

  function note(change: Without<Change, 'at'>): void {
    const full = { ...change, at: client.now() } as Change
    memory.apply(full)
    recorder.add(full)
    latest = null
    wakeAll()
  }

  function wakeAll(): void {
    for (const wake of waiters) wake()
  }

  function observed(): Observed {
    const now = client.now()
    latest = latest ? { ...latest, now } : memory.observed(now)
    return latest
  }

  /** Once per turn of the event loop, however many objects a list brings. */
  let isLookScheduled = false
  function lookSoon(): void {
    if (isLookScheduled) return
    isLookScheduled = true
    setImmediate(() => {
      isLookScheduled = false
      if (abort.signal.aborted) return
      logs.update(observed(), abort.signal)
      for (const { what, path, name } of missingThings(observed(), options)) followMissing(what, path, name)
    })
  }

  /** Follows a collection; what it holds goes into the memory under that kind. */
  function follow(path: string, kind: string, options: { isNeeded: boolean; fieldSelector?: string }): Promise<void> {
    const known = new Set<string>()
    const put = (item: KubeObject): void => {
      known.add(item.metadata.uid ?? '')
      note({ kind: 'put', object: trimmed({ ...item, kind }) })
      lookSoon()
    }
    const remove = (uid: string): void => {
      if (known.delete(uid)) note({ kind: 'gone', uid })
    }
    const handler = {
      replace: (items: readonly KubeObject[]) => {
        const present = new Set(items.map(({ metadata }) => metadata.uid ?? ''))
        for (const item of items) put(item)
        for (const uid of known) if (!present.has(uid)) remove(uid)
      },
      changed: put,
      // What is told last is how it ended.
      deleted: (item: KubeObject) => {
        put(item)
        remove(item.metadata.uid ?? '')
      },
    }
    return follower.follow(path, handler, options)
  }

  function followEvents(namespace: string): Promise<void> {
    const put = (event: KubeEvent): void => {
      note({ kind: 'event', event: trimmedEvent(event) })
      lookSoon()
    }
    const handler = {
      replace: (items: readonly KubeObject[]) => items.forEach(put),
      changed: put,
      // An event lives for an hour; that it is gone says nothing.
      deleted: () => undefined,
    }
    return follower.follow(collectionPath('v1', 'events', namespace), handler, { isNeeded: true })
  }

  /** Waits for a Secret or ConfigMap that a pod misses; only that it comes is kept, never what it holds. */
  function followMissing(what: string, path: string, name: string): void {
    let version: string | undefined
    const seen = ({ metadata }: KubeObject): void => {
      if (metadata.resourceVersion === version) return
      version = metadata.resourceVersion
      note({ kind: 'appeared', what })
    }
    const handler = {
      replace: (items: readonly KubeObject[]) => items.forEach(seen),
      changed: seen,
      deleted: () => undefined,
    }
    void follower.follow(path, handler, { fieldSelector: `metadata.name=${name}` })
  }

  function watchObject({ object, hookEvents }: ObjectToWatch): Promise<void>[] {
    const { kind, namespace } = object
    const followKind = (name: string): Promise<void> => {
      return follow(collectionOf(name, namespace), name, { isNeeded: true })
    }
    if (isWatchable(kind))
      return [
        followKind(kind),
        ...(kind === 'Deployment' ? [followKind('ReplicaSet')] : []),
        followKind('Pod'),
        followEvents(namespace),
      ]
    if (hookEvents.length > 0 || !isTelling(object)) return []
    const collection = object.path.slice(0, object.path.lastIndexOf('/'))
    // Of a cluster's own objects, such as definitions, there can be hundreds of megabytes.
    const own = namespace ? {} : { fieldSelector: `metadata.name=${object.name}` }
    // Nobody waits for what only helps to explain.
    void follow(collection, kind, { isNeeded: false, ...own })
    return []
  }

  return {
    watch: async (objects) => {
      note({
        kind: 'release',
        objects: objects.map(({ object, hookEvents }) => ({
          manifest: trimmedManifest(object),
          hookEvents,
        })),
      })
      await Promise.all(objects.flatMap(watchObject))
    },
    begin: () => note({ kind: 'begin' }),
    observed,
    nextChange: async (ms, signal) => {
      const woken = new AbortController()
      const wake = (): void => woken.abort()
      waiters.add(wake)
      const stop = signal ? AbortSignal.any([signal, woken.signal]) : woken.signal
      await clock.sleep(ms, stop)
      waiters.delete(wake)
    },
    readRunningLogs: (pods, signal) => logs.readNow(pods, signal),
    refusals: () => {
      const { needed, helpful } = follower.refusals()
      return { needed, helpful: [...helpful, ...logs.refusals()] }
    },
    recorded: () => recorder,
    stop: () => abort.abort(),
  }
}

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never
