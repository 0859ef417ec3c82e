import { ApiError, type ClusterClient } from './client.ts'
import type { KubeList, KubeObject } from './types.ts'
import type { Clock } from '../platform/clock.ts'

/** What a watch tells: a full list whenever it (re)starts, then single changes. */
export interface WatchHandler<T extends KubeObject> {
  /** Everything that exists now; what is not in it is gone. */
  replace(items: readonly T[]): void
  changed(item: T): void
  deleted(item: T): void
  /** The API server refuses; the watch has ended for good (403, 404). */
  refused(error: ApiError): void
  /** What was asked for could not be had this time; it is asked for again. */
  failed?(error: unknown): void
}

interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: T & { readonly code?: number; readonly message?: string }
}

/** The API server sends a bookmark about once a minute (kubernetes apiserver cacher), so a longer silence is a dead connection. */
const silenceMs = 150_000

/**
 * Lists a collection and follows its changes until the signal aborts: lists anew after `410 Gone`, reconnects after
 * broken connections with a back-off of at most 5 s. `from` skips the first list and starts at that resourceVersion.
 */
export async function watchCollection<T extends KubeObject>(
  client: ClusterClient,
  clock: Clock,
  path: string,
  query: Readonly<Record<string, string>>,
  handler: WatchHandler<T>,
  signal: AbortSignal,
  from?: string,
): Promise<void> {
  let version = from
  let failures = 0
  while (!signal.aborted) {
    try {
      if (version === undefined) {
        const list = await client.get<KubeList<T>>(withQuery(path, { ...query, resourceVersion: '0' }), { signal })
        handler.replace(list.items ?? [])
        version = list.metadata.resourceVersion ?? '0'
      }
      const watch = {
        ...query,
        watch: '1',
        allowWatchBookmarks: 'true',
        resourceVersion: version,
        timeoutSeconds: '290',
      }
      for await (const line of client.lines(withQuery(path, watch), signal, silenceMs)) {
        if (!line.trim()) continue
        const event = JSON.parse(line) as WatchEvent<T>
        failures = 0
        if (event.type === 'ERROR') throw new ApiError(event.object.code ?? 500, '', event.object.message ?? '', path)
        version = event.object.metadata.resourceVersion ?? version
        if (event.type === 'DELETED') handler.deleted(event.object)
        else if (event.type !== 'BOOKMARK') handler.changed(event.object)
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return handler.refused(error)
      if (error instanceof ApiError && error.status === 410) version = undefined
      handler.failed?.(error)
      failures++
      await clock.sleep(Math.min(5000, 100 * 2 ** failures), signal)
    }
  }
}

/** Adds query parameters to an API path. */
export function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(query).toString()
  return text ? `${path}?${text}` : path
}
