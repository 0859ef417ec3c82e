// Time that passes only when a test says so: timers fire in their order, and everything that they cause happens before the next one.
import { setImmediate as turn } from 'node:timers/promises'
import type { Clock, SteadyClock } from '../../../src/platform/clock.ts'

type Timer = { at: number; call: () => void }

/** Time as all of a test's machines share it. */
export function fakeTime() {
  let now = 1000
  const timers = new Set<Timer>()

  function alarm(ms: number, call: () => void): () => void {
    const timer = { at: now + ms, call }
    timers.add(timer)
    return () => void timers.delete(timer)
  }

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const cancel = alarm(ms, resolve)
      signal?.addEventListener('abort', () => {
        cancel()
        resolve()
      })
    })
  }

  const steady: SteadyClock = { now: () => now, alarm }
  return {
    steady,
    alarm,
    clock: { now: () => now, sleep } satisfies Clock,
    /** Lets so much time pass. */
    async pass(ms: number): Promise<void> {
      const end = now + ms
      for (;;) {
        await turn()
        const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (!next) break
        timers.delete(next)
        now = Math.max(now, next.at)
        next.call()
      }
      now = end
      await turn()
    },
  }
}

export type FakeTime = ReturnType<typeof fakeTime>
