// Looks on while a cell is played: nothing may be undone beside a hook that runs.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Scene } from './scene.ts'

export type Witness = { end: () => Promise<string[]> }

/** Starts to look on. */
export function watchHooks(scene: Scene): Witness {
  const state = { over: false }
  const seen = new Set<string>()
  const work = (async () => {
    while (!state.over) {
      const found = await lookOnce(scene).catch(() => undefined)
      if (found) seen.add(found)
      await sleep(150)
    }
  })()
  return {
    async end() {
      state.over = true
      await work
      return [...seen]
    },
  }
}

/** First the records, then the pods: a hook that still runs after an undo has begun ran beside it. */
async function lookOnce({ records, cluster, path }: Scene): Promise<string | undefined> {
  const last = (await records()).at(-1)
  if (!/^(pending-rollback|uninstalling)$/.test(last?.status ?? '')) return undefined
  const pods = (await cluster.list(`${path}/pods?labelSelector=app%3Dmigrate`)) as unknown as HookPod[]
  const running = pods.find(({ status }) => status.containerStatuses?.[0]?.state.running !== undefined)
  return running && `the hook's pod ${running.metadata.name} ran beside ${last?.status}`
}

type HookPod = { metadata: { name: string }; status: { containerStatuses?: { state: { running?: object } }[] } }
