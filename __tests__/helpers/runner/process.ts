// One node process of an action, started, listened to and if asked for cancelled as the runner does it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { splitLines } from './commands.ts'

export type Started = {
  script: string
  cwd: string
  env: Record<string, string>
  /** Where the measurements of this process go. */
  scratch: string
  /** Cancels the job once a line of the log says so. */
  cancelWhen: ((line: string) => boolean) | undefined
  timeoutMs: number
}
export type Ended = { exitCode: number; lines: string[]; wallMs: number; cpuSeconds: number; cancelled: boolean }

// The inner shell becomes node, so that its process id is known and nothing stands between node and signals; the outer one
// stays to read what node and all children it has waited for took of the processor. The environment travels as arguments of
// env, because a POSIX shell drops variables with a dash in their name, as most inputs have.
const measured = `sh -c 'echo $$ >"$PID_FILE"; exec env -i "$@"' sh "$@"; code=$?; times >"$TIMES_FILE"; exit $code`

/** Runs a script with this node. Rejects when it takes longer than allowed. */
export async function runProcess({ script, cwd, env, scratch, cancelWhen, timeoutMs }: Started): Promise<Ended> {
  const files = { PID_FILE: join(scratch, 'pid'), TIMES_FILE: join(scratch, 'times') }
  const start = performance.now()
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const child = spawn('sh', ['-c', measured, 'sh', ...variables, process.execPath, script], {
    cwd,
    env: { PATH: '/usr/bin:/bin', ...files },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const chunks: string[] = []
  const ended = { yes: false, cancelled: false, late: false }
  const listen = (stream: NodeJS.ReadableStream): void => {
    let rest = ''
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      const whole = (rest + chunk).split('\n')
      rest = whole.pop() ?? ''
      for (const line of whole) {
        chunks.push(`${line}\n`)
        if (!ended.cancelled && cancelWhen?.(line) === true) {
          ended.cancelled = true
          void cancel()
        }
      }
    })
    stream.on('end', () => rest !== '' && chunks.push(`${rest}\n`))
  }
  const signal = (name: NodeJS.Signals): void => {
    if (ended.yes) return
    try {
      process.kill(Number(readFileSync(files.PID_FILE, 'utf8')), name)
    } catch {
      // It ended by itself in between.
    }
  }
  const cancel = async (): Promise<void> => {
    signal('SIGINT')
    await sleep(7500, undefined, { ref: false })
    signal('SIGTERM')
    await sleep(2500, undefined, { ref: false })
    signal('SIGKILL')
  }
  listen(child.stdout)
  listen(child.stderr)
  const deadline = setTimeout(() => {
    ended.late = true
    signal('SIGKILL')
  }, timeoutMs)
  const closed = once(child, 'close')
  // Not 'close': a child that outlives the action may hold its pipes open, which the runner does not wait for either.
  const [code] = (await once(child, 'exit')) as [number | null]
  ended.yes = true
  const wallMs = Math.round(performance.now() - start)
  clearTimeout(deadline)
  await Promise.race([closed, sleep(500, undefined, { ref: false })])
  const lines = splitLines(chunks.join(''))
  if (ended.late)
    throw new Error(`${script} took over ${timeoutMs} ms; its last lines:\n${lines.slice(-20).join('\n')}`)
  return {
    exitCode: code ?? 1,
    lines,
    wallMs,
    cpuSeconds: childrenSeconds(files.TIMES_FILE),
    cancelled: ended.cancelled,
  }
}

/** The second line of the shell's `times`: user and system time of its children, such as `0m1.230000s 0m0.120000s`. */
function childrenSeconds(file: string): number {
  const times = readFileSync(file, 'utf8').split('\n')[1] ?? ''
  const seconds = Array.from(
    times.matchAll(/(\d+)m([\d.]+)s/g),
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  )
  return Math.round(seconds.reduce((sum, part) => sum + part, 0) * 1000) / 1000
}
