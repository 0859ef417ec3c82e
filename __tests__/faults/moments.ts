// When a fault comes. What the cluster shows is the same for the action and for a plain Helm; lines of the log are the action's own.
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import type { When } from '../helpers/runner/moment.ts'
import { Unplayed } from './cell.ts'
import type { Scene } from './scene.ts'

/** The action's log opens a phase. */
export function group(name: string): When {
  return (line) => stripVTControlCharacters(line).startsWith(`::group::▸ ${name}`)
}

/** The action's log has such a line. */
export function said(pattern: RegExp): When {
  return (line) => pattern.test(stripVTControlCharacters(line))
}

/** What the cluster shows, asked every 50 ms. */
export const shows = {
  /** Helm has recorded a revision and works on it. */
  pending: (scene) => async () => (await lastStatus(scene)).startsWith('pending-'),
  /** The hook's container runs. */
  hookRuns: (scene) => async () => isRunning(await pods(scene, 'migrate')),
  /** The container of the hook before a rollback runs. */
  unwinds: (scene) => async () => isRunning(await pods(scene, 'unwind')),
  /** The hook's pod is there and its container cannot start. */
  hookWaits: (scene) => async () =>
    (await pods(scene, 'migrate')).some(({ status }) =>
      /Image|Err/.test(status?.containerStatuses?.[0]?.state?.waiting?.reason ?? ''),
    ),
  /** Some of many ConfigMaps are there, but not all. */
  halfApplied:
    ({ cluster, path }) =>
    async () => {
      const all = await cluster.list(`${path}/configmaps`)
      return all.filter(({ metadata }) => metadata.name.startsWith('many-')).length >= 40
    },
  /** All is applied, and a pod of the new revision runs. */
  waiting: (scene) => async () => {
    const running = await pods(scene, 'web')
    return (
      new Set(running.map(({ metadata }) => metadata.labels?.['pod-template-hash'])).size > (scene.hadRelease ? 1 : 0)
    )
  },
  /** The new revision is deployed as far as Helm is concerned. */
  wentUp: (scene) => async () => {
    const last = (await scene.records()).at(-1)
    return last?.revision === 2 && last.status === 'deployed'
  },
  /** Helm has begun to roll back or to uninstall. */
  goingBack: (scene) => async () => /^(pending-rollback|uninstalling)$/.test(await lastStatus(scene)),
  /** Helm's rollback is done, and whoever asked for it is not. */
  wentBack: (scene) => async () => {
    const records = await scene.records()
    return records.length > 2 && records.at(-1)?.status === 'deployed'
  },
} satisfies Record<string, (scene: Scene) => () => Promise<boolean>>

/** A moment of `shows`, or of a function like them. */
export function once(scene: Scene, outside: (scene: Scene) => () => Promise<boolean>): When {
  return { outside: outside(scene) }
}

/** Waits for a moment beside a run; when the run ends before it, the cell has not been played. */
export async function comes(scene: Scene, what: string, ask: () => Promise<boolean>): Promise<void> {
  const before = scene.runs.length
  for (;;) {
    if (await ask().catch(() => false)) return
    if (scene.runs.length > before) throw new Unplayed(`${what} did not come`)
    await sleep(50)
  }
}

type Pod = {
  metadata: { labels?: Record<string, string> }
  status?: { containerStatuses?: { state?: { running?: object; waiting?: { reason?: string } } }[] }
}

function pods({ cluster, path }: Scene, app: string): Promise<Pod[]> {
  return cluster.list(`${path}/pods?labelSelector=app%3D${app}`)
}

function isRunning(some: readonly Pod[]): boolean {
  return some.some(({ status }) => status?.containerStatuses?.[0]?.state?.running !== undefined)
}

async function lastStatus(scene: Scene): Promise<string> {
  return (await scene.records()).at(-1)?.status ?? ''
}
