// When a disturbance comes: at a line of the log, or as soon as the outside is in a certain state.
import { setTimeout as sleep } from 'node:timers/promises'

/** A line of the log says so, or the outside, which is asked every 50 ms. */
export type When = ((line: string) => boolean) | { outside: () => boolean | Promise<boolean> }

export type Watch = {
  /** Takes the next line of the log. */
  line: (text: string) => void
  stop: () => void
}

const pollMs = 50

/** Waits for a moment and acts once when it has come. */
export function watchFor(when: When | undefined, act: () => void): Watch {
  const state = { over: when === undefined }
  const happen = (): void => {
    if (state.over) return
    state.over = true
    act()
  }
  const poll = async (outside: () => boolean | Promise<boolean>): Promise<void> => {
    while (!state.over) {
      // An outside that cannot be asked (an API server that is stopped) says nothing.
      if (await Promise.resolve(outside()).catch(() => false)) happen()
      else await sleep(pollMs, undefined, { ref: false })
    }
  }
  if (when !== undefined && typeof when !== 'function') void poll(async () => when.outside())
  return {
    line: (text) => {
      if (typeof when === 'function' && !state.over && when(text)) happen()
    },
    stop: () => {
      state.over = true
    },
  }
}
