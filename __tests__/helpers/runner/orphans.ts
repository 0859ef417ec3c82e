// At the end of a job the runner ends what its steps left running; a test wants to know what that was.
import { readFileSync, readdirSync } from 'node:fs'

export type Orphan = { pid: number; command: string }

/** Processes that carry a job's tracking id. Linux only; elsewhere there seem to be none. */
export function findOrphans(trackingId: string): Orphan[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0')
        if (!environment.includes(`RUNNER_TRACKING_ID=${trackingId}`)) return []
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
        return command === '' ? [] : [{ pid: Number(name), command }]
      } catch {
        return []
      }
    })
}

/** Ends them for good. */
export function endOrphans(orphans: Orphan[]): void {
  for (const { pid } of orphans) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Gone already.
    }
  }
}
