import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, type ClusterClient } from '../cluster/client.ts'
import { followLog, readLog } from '../cluster/logs.ts'
import type { Pod } from '../cluster/types.ts'
import { tellsFault } from '../health/evidence.ts'
import { containerKey, podContainers, type Observed } from '../health/observed.ts'
import { ownedPods } from '../health/ownership.ts'

/** Keeps the logs of containers that fail, from the moment they fail: Helm or a hook-delete policy may remove the pod next. */
export interface LogKeeper {
  /** Starts reading whatever has failed since the last call. */
  update(observed: Observed, signal: AbortSignal): void
  /** Reads the present logs of these containers, unless lines are kept already; at most 5 s. */
  readNow(pods: readonly { readonly pod: Pod; readonly container: string }[]): Promise<void>
  /** Namespaces whose logs may not be read, in words: one is enough to know of. */
  refusals(): readonly string[]
}

const lateLinesMs = 400

/** Creates a keeper that tells the lines of a container, by `containerKey`, whenever new ones are in. */
export function createLogKeeper(
  client: ClusterClient,
  onLines: (container: string, lines: readonly string[]) => void,
): LogKeeper {
  const kept = new Map<string, readonly string[]>()
  const asked = new Set<string>()
  const pending = new Set<Promise<void>>()
  const refused = new Map<string, string>()

  function keep(key: string, lines: readonly string[]): void {
    if (lines.length === 0) return
    kept.set(key, lines)
    onLines(key, lines)
  }

  function ask(id: string, { metadata }: Pod, read: () => Promise<void>): void {
    if (asked.has(id)) return
    asked.add(id)
    // A log that cannot be read (pod gone, no permission) leaves its lines empty; the status still tells the cause.
    const reading = read().catch((error: unknown) => noteRefusal(metadata.namespace ?? '', error))
    pending.add(reading)
    void reading.then(() => pending.delete(reading))
  }

  function noteRefusal(namespace: string, error: unknown): void {
    if (!(error instanceof ApiError) || error.status !== 403) return
    refused.set(namespace, `cannot read logs in ${namespace}: the identity lacks the permission to get pods/log`)
  }

  /** The log of a container's present instance, or that of the one before when the present one has nothing to say. */
  async function readTelling(pod: Pod, container: string, signal?: AbortSignal): Promise<string[]> {
    const lines = await readLog(client, pod, container, false, signal)
    const status = podContainers(pod).find(({ name }) => name === container)?.status
    const isFirst = !status?.restartCount && !status?.state?.terminated
    if (tellsFault(lines) || isFirst || pod.spec?.restartPolicy === 'Never') return lines
    const before = await readLog(client, pod, container, true, signal).catch(() => [])
    return before.length > 0 ? before : lines
  }

  function capture(pod: Pod, isJob: boolean, signal: AbortSignal): void {
    for (const { name, status } of podContainers(pod)) {
      const key = containerKey(pod, name)
      const crash = `${key}#${status.restartCount ?? 0}`
      const { state, lastState } = status
      if (state?.terminated) {
        if (state.terminated.exitCode !== 0 || pod.spec?.restartPolicy === 'Always')
          ask(crash, pod, async () => {
            const lines = await readTelling(pod, name, signal)
            keep(key, lines)
            if (tellsFault(lines)) return
            // The node writes the last lines a moment after it tells that the container has ended.
            await sleep(lateLinesMs, undefined, { ref: false })
            keep(key, await readTelling(pod, name, signal))
          })
      } else if (lastState?.terminated && state?.waiting) {
        ask(crash, pod, async () => keep(key, await readLog(client, pod, name, true, signal)))
      }
      // Of a Job's pod nothing may be left a moment after it failed, so its log is followed while it runs.
      if (isJob && (state?.running || state?.terminated))
        ask(`${key}#follow`, pod, () => followLog(client, pod, name, signal, (lines) => keep(key, lines)))
    }
  }

  return {
    update: (observed, signal) => {
      for (const object of observed.objects) {
        const isJob = object.manifest.kind === 'Job' || object.hookEvents.length > 0
        for (const pod of ownedPods(observed, object).fresh) capture(pod, isJob, signal)
      }
    },
    readNow: async (pods) => {
      for (const { pod, container } of pods) {
        const key = containerKey(pod, container)
        if (!kept.has(key)) ask(`${key}#now`, pod, async () => keep(key, await readTelling(pod, container)))
      }
      const late = new Promise((resolve) => setTimeout(resolve, 5000).unref())
      await Promise.race([Promise.allSettled(pending), late])
    },
    refusals: () => [...refused.values()],
  }
}
