import { cpus } from 'node:os'

const terminal = process.stderr.isTTY

/** Says one line to the person who waits; stdout stays free for results. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Milliseconds as a person reads them: 0.4 s, 12 s, 4 min 10 s. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 90) return `${Math.round(seconds)} s`
  const rest = Math.round(seconds) % 60
  return `${Math.floor(Math.round(seconds) / 60)} min${rest ? ` ${rest} s` : ''}`
}

/** What work measured on two cores will take about here, as text. */
export function estimate(secondsOnTwoCores: number): string {
  const cores = cpus().length
  const seconds = Math.max(1, (secondsOnTwoCores * 2) / Math.max(1, cores))
  const about = seconds < 90 ? `${Math.ceil(seconds / 5) * 5} s` : `${Math.round(seconds / 60)} min`
  return `about ${about} on ${cores} core${cores === 1 ? '' : 's'}`
}

/** Runs long work while a line shows what runs and for how long; in a log file one line every half minute. */
export async function withProgress<T>(label: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now()
  const show = () => {
    const line = `${label} … ${duration(Date.now() - started)}`
    process.stderr.write(terminal ? `\r\u001B[K${line}` : `${line}\n`)
  }
  if (!terminal) say(`${label} …`)
  const timer = setInterval(show, terminal ? 1000 : 30_000)
  try {
    const result = await work()
    process.stderr.write(terminal ? '\r\u001B[K' : '')
    say(`${label}: done in ${duration(Date.now() - started)}`)
    return result
  } catch (error) {
    if (terminal) process.stderr.write('\n')
    throw error
  } finally {
    clearInterval(timer)
  }
}
