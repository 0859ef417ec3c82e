import type { Clock } from './platform/clock.ts'
import type { Log } from './platform/log.ts'
import type { Report } from './report/model.ts'

/** Keeps the phases of a run: a group in the log and a line in the report for each. */
export interface PhaseKeeper {
  readonly begin: (name: string) => void
  readonly end: () => Report['phases']
}

/** Begins to count at `startedAtMs` (ms, the clock's). */
export function phaseKeeper(
  { log, clock }: { readonly log: Log; readonly clock: Clock },
  startedAtMs: number,
): PhaseKeeper {
  const done: { name: string; startMs: number; durationMs: number }[] = []
  let open: { name: string; startMs: number } | null = null
  function close(): void {
    if (open) done.push({ ...open, durationMs: clock.now() - startedAtMs - open.startMs })
    open = null
  }
  return {
    begin: (name) => {
      close()
      open = { name, startMs: clock.now() - startedAtMs }
      log.group(name)
    },
    end: () => {
      close()
      log.endGroup()
      return done
    },
  }
}
