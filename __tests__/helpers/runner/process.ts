// One node process of an action, started, listened to, and cancelled, killed or cut off as told (actions/runner, ProcessInvoker.cs).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { splitLines } from './commands.ts'
import { watchFor } from './moment.ts'
import type { When } from './moment.ts'
import { endOrphans, findOrphans } from './orphans.ts'

/** Whom SIGKILL meets: the action's node, the Helm that it has started, or first one and then the other. */
export type Victim = 'node' | 'helm' | 'both'

export type Started = {
  script: string
  cwd: string
  env: Record<string, string>
  /** Where the measurements of this process go. */
  scratch: string
  /** Cancels the job. */
  cancelWhen: When | undefined
  /** Signals once more; only after the first cancel. */
  cancelTwiceWhen: When | undefined
  killWhen: { when: When; who: Victim } | undefined
  /** Ends this process for good after so many ms. */
  limitMs: number | undefined
  /** The job was cancelled before this process began. */
  isCancelled: boolean
  timeoutMs: number
}
export type Ended = {
  exitCode: number
  lines: string[]
  wallMs: number
  cpuSeconds: number
  /** The job was cancelled while this process ran. */
  cancelled: boolean
  /** How long it lived on after the cancel. */
  afterCancelMs: number | undefined
  /** What it was sent, in order. */
  signals: NodeJS.Signals[]
  /** Which of the moments that were waited for came. */
  came: ('cancel' | 'kill')[]
}

// The inner shell becomes node, so that its process id is known and nothing stands between node and signals; the outer one
// stays to read what node and all children it has waited for took of the processor. The environment travels as arguments of
// env, because a POSIX shell drops variables with a dash in their name, as most inputs have. The outer shell would say on its
// standard error that node was killed, which the log must not have.
const inner = `sh -c 'echo $$ >"$PID_FILE"; exec env -i "$@" 2>&3 3>&-' sh "$@"`
const measured = `${inner}; code=$?; times >"$TIMES_FILE"; exit $code`

const sigintMs = 7500
const sigtermMs = 2500
/** So long the runner reads on when something else still holds the pipes of a process that has ended. */
const streamsMs = 5000

/** Runs a script with this node. Rejects when it takes longer than allowed. */
export async function runProcess(options: Started): Promise<Ended> {
  const { script, cwd, env, scratch, timeoutMs } = options
  const files = { PID_FILE: join(scratch, 'pid'), TIMES_FILE: join(scratch, 'times') }
  const start = performance.now()
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const child = spawn('sh', ['-c', measured, 'sh', ...variables, process.execPath, script], {
    cwd,
    env: { PATH: '/usr/bin:/bin', ...files },
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  })
  const state = { ended: false, late: false, cancelledAt: undefined as number | undefined }
  const signals: NodeJS.Signals[] = []
  const came: Ended['came'] = []
  const signal = (name: NodeJS.Signals): void => {
    if (state.ended) return
    try {
      process.kill(pidIn(files.PID_FILE), name)
      signals.push(name)
    } catch {
      // It ended by itself in between.
    }
  }
  const cancel = async (): Promise<void> => {
    state.cancelledAt = performance.now()
    while (!existsSync(files.PID_FILE) || readFileSync(files.PID_FILE, 'utf8') === '') await sleep(5)
    signal('SIGINT')
    await sleep(sigintMs, undefined, { ref: false })
    signal('SIGTERM')
    await sleep(sigtermMs, undefined, { ref: false })
    signal('SIGKILL')
  }
  const kill = (who: Victim): void => {
    if (who !== 'helm') signal('SIGKILL')
    if (who !== 'node') endOrphans(findOrphans(env['RUNNER_TRACKING_ID'] ?? '').filter(isHelm))
  }
  // The runner itself signals a process once; a person in front of act, or another runner, does it again.
  const again = watchFor(options.isCancelled ? options.cancelTwiceWhen : undefined, () => signal('SIGINT'))
  const inMain = { again }
  const watches = [
    watchFor(options.cancelWhen, () => {
      came.push('cancel')
      void cancel()
      inMain.again = watchFor(options.cancelTwiceWhen, () => signal('SIGINT'))
    }),
    watchFor(options.killWhen?.when, () => {
      came.push('kill')
      kill(options.killWhen?.who ?? 'node')
    }),
  ]
  const chunks: string[] = []
  const listen = (stream: Readable): void => {
    let rest = ''
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      const whole = (rest + chunk).split('\n')
      rest = whole.pop() ?? ''
      for (const line of whole) {
        chunks.push(`${line}\n`)
        for (const watch of [inMain.again, ...watches]) watch.line(line)
      }
    })
    stream.on('end', () => rest !== '' && chunks.push(`${rest}\n`))
  }
  listen(child.stdout as Readable)
  listen(child.stdio[3] as Readable)
  const deadline = setTimeout(() => {
    state.late = true
    signal('SIGKILL')
  }, timeoutMs)
  const limit =
    options.limitMs === undefined ? undefined : setTimeout(() => signal('SIGKILL'), Math.max(0, options.limitMs))
  const closed = once(child, 'close')
  const [code] = (await once(child, 'exit')) as [number | null]
  state.ended = true
  const endedAt = performance.now()
  clearTimeout(deadline)
  clearTimeout(limit)
  for (const watch of [inMain.again, ...watches]) watch.stop()
  // A child that outlives the action may hold its pipes open.
  await Promise.race([closed, sleep(streamsMs, undefined, { ref: false })])
  const lines = splitLines(chunks.join(''))
  if (state.late)
    throw new Error(`${script} took over ${timeoutMs} ms; its last lines:\n${lines.slice(-20).join('\n')}`)
  return {
    exitCode: code ?? 1,
    lines,
    wallMs: Math.round(endedAt - start),
    cpuSeconds: childrenSeconds(files.TIMES_FILE),
    cancelled: state.cancelledAt !== undefined,
    afterCancelMs: state.cancelledAt === undefined ? undefined : Math.round(endedAt - state.cancelledAt),
    signals,
    came,
  }
}

/** Throws where there is none yet: the number 0 would mean our own group. */
function pidIn(file: string): number {
  const pid = Number(readFileSync(file, 'utf8'))
  if (pid <= 0) throw new Error(`${file} has no process id`)
  return pid
}

function isHelm({ command }: { command: string }): boolean {
  return /(^|\/)helm$/.test(command.split(' ')[0] ?? '')
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
