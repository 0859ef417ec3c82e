import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

// Where Debian keeps what it does not put on everybody's PATH.
const alsoHere = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin', '/usr/local/go/bin']

/** The PATH that our own processes get: the caller's, then the system directories. */
export function searchPath(): string {
  return [...new Set([...(process.env['PATH'] ?? '').split(delimiter), ...alsoHere])].filter(Boolean).join(delimiter)
}

/** The full path of a program, or undefined when it is not installed. */
export function which(program: string): string | undefined {
  for (const dir of searchPath().split(delimiter)) {
    const file = join(dir, program)
    try {
      accessSync(file, constants.X_OK)
      return file
    } catch {
      continue
    }
  }
  return undefined
}

interface RunOptions {
  cwd?: string
  env?: Record<string, string>
}

/** Runs a short command and returns its output; a failure carries the command line and what it said. */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: searchPath(), ...options.env }
    const settings = { cwd: options.cwd, env, encoding: 'utf8' as const, maxBuffer: 64 << 20 }
    execFile(command, args, settings, (error, stdout, stderr) => {
      if (!error) return resolve(stdout)
      const said = `${stdout}${stderr}`.trim().split('\n').slice(-30).join('\n')
      return reject(new Error(`${command} ${args.join(' ')} failed: ${said || error.message}`))
    })
  })
}

/** Resolves after that many milliseconds. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** Whether this machine can run a node of its own: containers need Linux and root. */
export function canRunNode(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0
}
