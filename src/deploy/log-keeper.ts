import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, type ClusterClient } from '../cluster/client.ts'
import { followLog, readLog } from '../cluster/logs.ts'
import type { Pod } from '../cluster/types.ts'
import { tellsFault } from '../health/evidence.ts'
import { containerKey, podContainers, type Observed } from '../health/observed.ts'
import { ownedPods } from '../health/ownership.ts'
import { unlessStopped } from '../platform/stop.ts'

/** Keeps the logs of containers that fail, from the moment they fail: Helm or a hook-delete policy may remove the pod next. */
export interface LogKeeper {
  /** Starts reading whatever has failed since the last call. */
  update(observed: Observed, signal: AbortSignal): void
  /** Reads the present logs of these containers, unless lines are kept already, and waits for all others, until the signal aborts. */
  readNow(pods: readonly { readonly pod: Pod; readonly container: string }[], signal: AbortSignal): Promise<void>
  /** Which logs may not be read, in words (of each namespace one is enough to know of), and which did not come in time. */
  refusals(): readonly string[]
}

/** A log that somebody asks for; it tells its lines itself. */
interface Reading {
  readonly pod: Pod
  readonly container: string
  readonly read: (signal: AbortSignal) => Promise<void>
}

const lateLinesMs = 400
/** The last lines of a log that is followed come with its container's end; one that goes on has told what there is. */
const followedMs = 5000

/** Creates a keeper that tells the lines of a container, by `containerKey`, whenever new ones are in. */
export function createLogKeeper(
  client: ClusterClient,
  onLines: (container: string, lines: readonly string[]) => void,
): LogKeeper {
  const kept = new Map<string, readonly string[]>()
  const asked = new Set<string>()
  /** Asked for, and neither in nor refused; of these, the ones that are on their way. */
  const open = new Map<string, Reading>()
  const pending = new Map<string, Promise<void>>()
  const follows = new Set<Promise<void>>()
  const missing = new Set<string>()
  const over = new AbortController()
  const refused = new Map<string, string>()

  function keep(key: string, lines: readonly string[]): void {
    if (lines.length === 0) return
    kept.set(key, lines)
    onLines(key, lines)
  }

  function ask(id: string, reading: Reading, signal: AbortSignal): void {
    if (asked.has(id)) return
    asked.add(id)
    open.set(id, reading)
    begin(id, reading, signal)
  }

  function begin(id: string, { pod, read }: Reading, signal: AbortSignal): void {
    const reading = read(AbortSignal.any([signal, over.signal])).then(
      () => void open.delete(id),
      (error: unknown) => {
        // A log that cannot be read (pod gone, no permission) leaves its lines empty; the status still tells the cause.
        if (isAnswer(error)) open.delete(id)
        noteRefusal(pod.metadata.namespace ?? '', error)
      },
    )
    pending.set(id, reading)
    void reading.then(() => pending.delete(id))
  }

  function follow(key: string, pod: Pod, container: string, signal: AbortSignal): void {
    if (asked.has(`${key}#follow`)) return
    asked.add(`${key}#follow`)
    const following = followLog(client, pod, container, signal, (lines) => keep(key, lines)).catch((error: unknown) =>
      noteRefusal(pod.metadata.namespace ?? '', error),
    )
    follows.add(following)
    void following.then(() => follows.delete(following))
  }

  function noteRefusal(namespace: string, error: unknown): void {
    if (!(error instanceof ApiError) || error.status !== 403) return
    refused.set(namespace, `cannot read logs in ${namespace}: the identity lacks the permission to get pods/log`)
  }

  /** The log of a container's present instance, or that of the one before when the present one has nothing to say. */
  async function readTelling(pod: Pod, container: string, signal: AbortSignal): Promise<string[]> {
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
          ask(crash, { pod, container: name, read: (until) => readEnded(key, pod, name, until) }, signal)
      } else if (lastState?.terminated && state?.waiting) {
        const read = async (until: AbortSignal): Promise<void> =>
          keep(key, await readLog(client, pod, name, true, until))
        ask(crash, { pod, container: name, read }, signal)
      }
      // Of a Job's pod nothing may be left a moment after it failed, so its log is followed while it runs.
      if (isJob && (state?.running || state?.terminated)) follow(key, pod, name, signal)
    }
  }

  async function readEnded(key: string, pod: Pod, container: string, signal: AbortSignal): Promise<void> {
    const lines = await readTelling(pod, container, signal)
    keep(key, lines)
    if (tellsFault(lines)) return
    // The node writes the last lines a moment after it tells that the container has ended.
    await sleep(lateLinesMs, undefined, { ref: false })
    keep(key, await readTelling(pod, container, signal))
  }

  return {
    update: (observed, signal) => {
      for (const object of observed.objects) {
        const isJob = object.manifest.kind === 'Job' || object.hookEvents.length > 0
        for (const pod of ownedPods(observed, object).fresh) capture(pod, isJob, signal)
      }
    },
    readNow: async (pods, signal) => {
      for (const { pod, container } of pods) {
        const key = containerKey(pod, container)
        const read = async (until: AbortSignal): Promise<void> => keep(key, await readTelling(pod, container, until))
        if (!kept.has(key)) ask(`${key}#now`, { pod, container, read }, signal)
      }
      // What the API server did not answer is asked once more.
      for (const [id, reading] of open) if (!pending.has(id)) begin(id, reading, signal)
      const reads = unlessStopped(Promise.allSettled(pending.values()), signal).catch(() => undefined)
      const late = sleep(followedMs, undefined, { ref: false })
      await Promise.all([reads, Promise.race([Promise.allSettled(follows), late])])
      for (const { pod, container } of open.values())
        if (!kept.has(containerKey(pod, container)))
          missing.add(
            `the log of Pod/${pod.metadata.name}, container ${container}, is missing: it did not come in time`,
          )
      if (signal.aborted) over.abort()
    },
    refusals: () => [...refused.values(), ...missing],
  }
}

/** Whether the API server has said that there is nothing to be had. */
function isAnswer(error: unknown): boolean {
  return error instanceof ApiError && error.status < 500 && error.status !== 429
}
