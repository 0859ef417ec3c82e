import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** How a process ended; `signal` when one ended it. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A long-running process whose output goes to files, so that a broken pipe can never end it. */
export interface RunningProcess {
  readonly pid: number
  readonly exited: Promise<Exit>
  /** What it has written to standard output and standard error so far. */
  output(): { readonly stdout: string; readonly stderr: string }
  /** On Windows there are no signals: whatever its name, it ends the process at once, as SIGKILL does elsewhere (libuv, `uv_kill`). */
  signal(name: NodeJS.Signals): void
}

export type StartProcess = (command: string, args: readonly string[], options: ProcessOptions) => RunningProcess

export interface ProcessOptions {
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** What it reads from standard input; nothing when left out. */
  readonly input?: string
  /** A name for its output files. */
  readonly name: string
}

/**
 * Starts processes in a group of their own: a signal to ours does not reach them, and they outlive us when they must.
 * Output goes to files of mode 0600 in `folder`: Helm dies of SIGPIPE when its reader is gone (design decision 5).
 */
export function processStarter(folder: string): StartProcess {
  let counter = 0
  return (command, args, { env, cwd, name, input }) => {
    const base = join(folder, `${String(++counter).padStart(2, '0')}-${name}`)
    const [stdout, stderr] = [openSync(`${base}.out`, 'w', 0o600), openSync(`${base}.err`, 'w', 0o600)]
    const child = spawn(command, args, {
      cwd,
      env,
      detached: true,
      stdio: [input === undefined ? 'ignore' : 'pipe', stdout, stderr],
      windowsHide: true,
    })
    // Whoever does not read its input says so by how it ends.
    child.stdin?.on('error', () => undefined).end(input)
    closeSync(stdout)
    closeSync(stderr)
    const exited = new Promise<Exit>((resolve, reject) => {
      child.once('error', (error) => reject(new Error(`start ${command}`, { cause: error })))
      child.once('close', (code, signal) => resolve({ code, signal }))
    })
    // Whoever awaits it sees the error; until then it must not count as unhandled.
    exited.catch(() => undefined)
    return {
      pid: child.pid ?? -1,
      exited,
      output: () => ({ stdout: readFileSync(`${base}.out`, 'utf8'), stderr: readFileSync(`${base}.err`, 'utf8') }),
      signal: (wanted) => void child.kill(wanted),
    }
  }
}
