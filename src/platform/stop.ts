import type { System } from './system.ts'

/** Why a run has to stop where it is: the job was cancelled. */
export class Cancelled extends Error {
  constructor() {
    super('the job was cancelled')
    this.name = 'Cancelled'
  }
}

/** What the runner asks a step with to end, and 7.5 s later once more (actions/runner ProcessInvoker.cs): on Windows Ctrl+C, then Ctrl+Break. */
export function stopSignals({ name }: Pick<System, 'name'>): readonly NodeJS.Signals[] {
  return ['SIGINT', name === 'win32' ? 'SIGBREAK' : 'SIGTERM']
}

/**
 * A signal that aborts when the runner asks this process to end. From then on neither of its ways ends the process by itself: whoever
 * listens has to.
 */
export function cancelSignal(
  system: Pick<System, 'name'>,
  onCancel: () => void,
  source: Pick<NodeJS.Process, 'on'> = process,
): AbortSignal {
  const abort = new AbortController()
  for (const name of stopSignals(system))
    source.on(name, () => {
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
