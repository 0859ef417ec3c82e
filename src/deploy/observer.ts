import type { ApiError, ClusterClient } from '../cluster/client.ts'
import { collectionPath, type LocatedObject } from '../cluster/discovery.ts'
import type { KubeEvent, KubeObject, Pod } from '../cluster/types.ts'
import { watchCollection } from '../cluster/watch.ts'
import { trimmed, trimmedEvent, trimmedManifest, type Change } from '../health/change.ts'
import type { DiagnosisOptions } from '../health/fault.ts'
import { createMemory, workloadKinds } from '../health/memory.ts'
import type { Observed } from '../health/observed.ts'
import { createRecorder, type Recorder } from '../health/recording.ts'
import type { Clock } from '../platform/clock.ts'
import { createLogKeeper } from './log-keeper.ts'
import { missingThings } from './missing.ts'

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
  /** Reads the logs of containers that still run and are not ready. */
  readRunningLogs(pods: readonly { readonly pod: Pod; readonly container: string }[]): Promise<void>
  /** Kinds that could not be watched, in words; those that only help to explain a failure are left out of `needed`. */
  refusals(): { readonly needed: readonly string[]; readonly helpful: readonly string[] }
  /** Everything that was seen so far. */
  recorded(): Pick<Recorder, 'changes' | 'dropped'>
  stop(): void
}

/** Where the collections of workloads are. */
const collections: Readonly<Record<string, readonly [apiVersion: string, plural: string]>> = {
  Deployment: ['apps/v1', 'deployments'],
  StatefulSet: ['apps/v1', 'statefulsets'],
  DaemonSet: ['apps/v1', 'daemonsets'],
  ReplicaSet: ['apps/v1', 'replicasets'],
  Job: ['batch/v1', 'jobs'],
  Pod: ['v1', 'pods'],
}

/** Whether an object has pods, so that its rollout is judged. */
export function isWatchable(kind: string): boolean {
  return workloadKinds.has(kind)
}

/** Creates an observer; it asks nothing before `watch`. */
export function createObserver(client: ClusterClient, clock: Clock, options: DiagnosisOptions): Observer {
  const abort = new AbortController()
  const memory = createMemory(options)
  const recorder = createRecorder()
  const refused = new Map<string, { readonly text: string; readonly isNeeded: boolean }>()
  const started = new Map<string, Promise<void>>()
  const waiters = new Set<() => void>()
  let latest: Observed | null = null
  const logs = createLogKeeper(client, (container, lines) => note({ kind: 'logs', container, lines }))

  function note(change: Without<Change, 'at'>): void {
    const full = { ...change, at: client.now() } as Change
    memory.apply(full)
    recorder.add(full)
    latest = null
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

  /** Watches a collection once; what it holds goes into the memory under that kind. */
  function follow(
    path: string,
    kind: string,
    isNeeded: boolean,
    query: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const known = new Set<string>()
    const put = (item: KubeObject): void => {
      known.add(item.metadata.uid ?? '')
      note({ kind: 'put', object: trimmed({ ...item, kind }) })
      lookSoon()
    }
    const remove = (uid: string): void => {
      if (known.delete(uid)) note({ kind: 'gone', uid })
    }
    return start(path, query, isNeeded, {
      replace: (items) => {
        const present = new Set(items.map(({ metadata }) => metadata.uid ?? ''))
        for (const item of items) put(item)
        for (const uid of known) if (!present.has(uid)) remove(uid)
      },
      changed: put,
      // What is told last is how it ended.
      deleted: (item) => {
        put(item)
        remove(item.metadata.uid ?? '')
      },
    })
  }

  function followEvents(namespace: string): Promise<void> {
    const put = (event: KubeEvent): void => {
      note({ kind: 'event', event: trimmedEvent(event) })
      lookSoon()
    }
    const path = collectionPath('v1', 'events', namespace)
    return start(path, {}, true, { replace: (items) => items.forEach(put), changed: put, deleted: () => undefined })
  }

  /** Waits for a Secret or ConfigMap that a pod misses; only that it comes is kept, never what it holds. */
  function followMissing(what: string, path: string, name: string): void {
    let version: string | undefined
    const seen = ({ metadata }: KubeObject): void => {
      if (metadata.resourceVersion === version) return
      version = metadata.resourceVersion
      note({ kind: 'appeared', what })
    }
    const query = { fieldSelector: `metadata.name=${name}` }
    void start(path, query, false, { replace: (items) => items.forEach(seen), changed: seen, deleted: () => undefined })
  }

  function start(
    path: string,
    query: Readonly<Record<string, string>>,
    isNeeded: boolean,
    handler: {
      readonly replace: (items: readonly KubeObject[]) => void
      readonly changed: (item: KubeObject) => void
      readonly deleted: (item: KubeObject) => void
    },
  ): Promise<void> {
    const key = `${path} ${query['fieldSelector'] ?? ''}`
    const known = started.get(key)
    if (known) return known
    const synced = new Promise<void>((resolve) => {
      const refuse = (why: string): void => {
        refused.set(key, { text: `cannot watch ${path.replace(/^\/apis?\//, '')}: ${why}`, isNeeded })
        resolve()
        for (const wake of waiters) wake()
      }
      const all = {
        ...handler,
        replace: (items: readonly KubeObject[]) => {
          handler.replace(items)
          resolve()
        },
        refused: (error: ApiError) => refuse(error.message),
      }
      void watchCollection(client, clock, path, query, all, abort.signal).catch((error: unknown) =>
        refuse(String(error)),
      )
    })
    started.set(key, synced)
    return synced
  }

  function watchObject({ object, hookEvents }: ObjectToWatch): Promise<void>[] {
    const { kind, namespace } = object
    const followKind = (name: string): Promise<void> => {
      const [apiVersion, plural] = collections[name] ?? ['v1', 'pods']
      return follow(collectionPath(apiVersion, plural, namespace), name, true)
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
    const query = namespace ? {} : { fieldSelector: `metadata.name=${object.name}` }
    // Nobody waits for what only helps to explain.
    void follow(collection, kind, false, query)
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
    readRunningLogs: (pods) => logs.readNow(pods),
    refusals: () => {
      const all = [...refused.values()]
      const texts = (isNeeded: boolean): string[] =>
        all.filter((one) => one.isNeeded === isNeeded).map(({ text }) => text)
      return { needed: texts(true), helpful: texts(false) }
    },
    recorded: () => recorder,
    stop: () => abort.abort(),
  }
}

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never

const telling = new Set([
  'PersistentVolumeClaim',
  'HorizontalPodAutoscaler',
  'CustomResourceDefinition',
  'APIService',
  'HTTPRoute',
  'GRPCRoute',
  'TLSRoute',
  'TCPRoute',
])

/** Whether the state of an object without pods tells anything: custom resources do by their conditions. */
function isTelling({ kind, apiVersion, object }: LocatedObject): boolean {
  if (kind === 'Service')
    return (object as { readonly spec?: { readonly type?: string } }).spec?.type === 'LoadBalancer'
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : ''
  return telling.has(kind) || (group.includes('.') && !group.endsWith('.k8s.io'))
}
