/** Why a run has to stop where it is: the job was cancelled. */
export class Cancelled extends Error {
  constructor() {
    super('the job was cancelled')
    this.name = 'Cancelled'
  }
}

/**
 * A signal that aborts when the runner asks this process to end (SIGINT, 7.5 s later SIGTERM; actions/runner ProcessInvoker.cs). From
 * then on neither ends the process by itself: whoever listens has to.
 */
export function cancelSignal(onCancel: () => void): AbortSignal {
  const abort = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => {
      if (abort.signal.aborted) return
      abort.abort(new Cancelled())
      onCancel()
    })
  return abort.signal
}

/** Waits for work, but not beyond the signal: then throws its reason and leaves the work to itself. */
export async function unlessStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  // What is left to itself must not end the process when it fails.
  work.catch(() => undefined)
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = (): void => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', stop))
}
