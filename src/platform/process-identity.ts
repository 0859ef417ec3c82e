import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { System } from './system.ts'

/** When a process started, in the kernel's ticks since the machine did (`man 5 proc`, field 22 of stat); null where that cannot be known. */
export function startTicks(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name, in brackets, may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

/** Whether that process still runs: the same one, not another with its number, and not one that only waits to be reaped. */
export function isAlive(pid: number, ticks: string | null): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return startTicks(pid) === ticks && !isZombie(pid)
}

/**
 * Whether that number is that of this program. Where the start of a process cannot be known (macOS, Windows), another may have the number of one
 * that has ended; what is not the same program must not be waited for, let alone killed.
 */
export function runsProgram(
  pid: number,
  program: string,
  { name, path }: System,
  ask: (command: string, args: readonly string[]) => string | null = answerOf,
): boolean {
  const isWindows = name === 'win32'
  const said = isWindows
    ? ask('tasklist', ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH'])
    : ask('ps', ['-p', String(pid), '-o', 'comm='])
  const found = isWindows ? /^"([^"]+)"/.exec(said?.trim() ?? '')?.[1] : said?.trim()
  return found !== undefined && path.basename(found).toLowerCase() === path.basename(program).toLowerCase()
}

function answerOf(command: string, args: readonly string[]): string | null {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 10_000 })
  } catch {
    return null
  }
}

function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')
  } catch {
    return false
  }
}
