/** Time as the core sees it, so that tests can move it. */
export interface Clock {
  /** Milliseconds since 1970, by this machine. */
  now(): number
  /** Resolves after `ms`, or at once when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** The clock of this machine as it was when the process began, and the time since: setting it moves no deadline that is under way. */
export const systemClock: Clock = {
  now: () => Math.round(performance.timeOrigin + performance.now()),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const timer = setTimeout(done, ms)
      function done(): void {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      signal?.addEventListener('abort', done)
    }),
}

/** Time that only goes forward, whatever is done to the machine's clock, and calls that nothing waits for. */
export interface SteadyClock {
  /** Milliseconds since some moment. */
  now(): number
  /** Calls once after `ms` without keeping the process alive; gives what takes the call back. */
  alarm(ms: number, call: () => void): () => void
}

/** The steady clock of this machine. */
export const systemSteadyClock: SteadyClock = {
  now: () => performance.now(),
  alarm: (ms, call) => {
    const timer = setTimeout(call, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
