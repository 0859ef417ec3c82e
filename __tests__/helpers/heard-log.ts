// A log that only remembers what it was told.
import type { Log } from '../../src/platform/log.ts'

/** Every text goes to `said`, reminders each time. */
export function heardLog(said: string[]): Log {
  const say = (text: string): void => void said.push(text)
  return {
    group: say,
    endGroup: () => undefined,
    line: say,
    warning: say,
    reminder: (text) => {
      say(text())
      return 0
    },
    block: () => undefined,
  }
}
