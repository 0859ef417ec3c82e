import type { ApiError, ClusterClient } from '../cluster/client.ts'
import type { KubeObject } from '../cluster/types.ts'
import { watchCollection } from '../cluster/watch.ts'
import type { Clock } from '../platform/clock.ts'

/** What is told of a collection: everything that is there, then each change. */
export interface CollectionHandler {
  readonly replace: (items: readonly KubeObject[]) => void
  readonly changed: (item: KubeObject) => void
  readonly deleted: (item: KubeObject) => void
}

/** Collections that could not be watched, in words; those that only help to explain a failure are not `needed`. */
export interface Refusals {
  readonly needed: readonly string[]
  readonly helpful: readonly string[]
}

/** Follows collections of the API, each once, however often it is asked to. */
export interface Follower {
  /** Resolves when the first list is in, or is refused; rejects when it cannot be had now, but then goes on to ask for it. */
  follow(
    path: string,
    handler: CollectionHandler,
    options?: { readonly isNeeded?: boolean; readonly fieldSelector?: string },
  ): Promise<void>
  refusals(): Refusals
}

/** Creates a follower that ends with the signal; `onRefused` is called when a collection may not be watched. */
export function createFollower(
  client: ClusterClient,
  clock: Clock,
  signal: AbortSignal,
  onRefused: () => void,
): Follower {
  const refused = new Map<string, { readonly text: string; readonly isNeeded: boolean }>()
  /** The next answer to the first list of each collection. */
  const first = new Map<string, PromiseWithResolvers<void>>()

  function begin(
    key: string,
    path: string,
    query: Readonly<Record<string, string>>,
    handler: CollectionHandler,
    isNeeded: boolean,
  ): void {
    first.set(key, awaited())
    const refuse = (why: string): void => {
      refused.set(key, { text: `cannot watch ${path.replace(/^\/apis?\//, '')}: ${why}`, isNeeded })
      first.get(key)?.resolve()
      onRefused()
    }
    let isIn = false
    const all = {
      ...handler,
      replace: (items: readonly KubeObject[]) => {
        handler.replace(items)
        isIn = true
        first.get(key)?.resolve()
      },
      refused: (error: ApiError) => refuse(error.message),
      // Whoever waits has a deadline of his own, and must not wait for a server that does not come back.
      failed: (error: unknown) => {
        if (isIn) return
        first.get(key)?.reject(error)
        first.set(key, awaited())
      },
    }
    void watchCollection(client, clock, path, query, all, signal).catch((error: unknown) => refuse(String(error)))
  }

  return {
    follow: (path, handler, { isNeeded = false, fieldSelector } = {}) => {
      const key = `${path} ${fieldSelector ?? ''}`
      if (!first.has(key)) begin(key, path, fieldSelector ? { fieldSelector } : {}, handler, isNeeded)
      return first.get(key)?.promise ?? Promise.resolve()
    },
    refusals: () => {
      const all = [...refused.values()]
      const texts = (isNeeded: boolean): string[] =>
        all.filter((one) => one.isNeeded === isNeeded).map(({ text }) => text)
      return { needed: texts(true), helpful: texts(false) }
    },
  }
}

/** A promise that may be rejected without anybody who waits for it. */
function awaited(): PromiseWithResolvers<void> {
  const waiting = Promise.withResolvers<void>()
  waiting.promise.catch(() => undefined)
  return waiting
}
