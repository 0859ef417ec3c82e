// The process that watches for `watch.ts`: looks every few milliseconds, until it is told to end.
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { filesWith, readIfThere } from './watch.ts'
import type { Found, Program, Seen, Task } from './watch.ts'

const intervalMs = 4
/** A process becomes another program soon after it was started, or never; so older ones are looked at once in a while. */
const youngTicks = 250
const oldTicks = 50

const programs = new Map<string, Program>()
const files = new Map<string, Found>()
const ages = new Map(processes().map((pid) => [pid, youngTicks]))

const [task] = (await once(process, 'message')) as [Task]
const timer = setInterval(look, intervalMs)
// When the test is gone, so is its watcher.
process.once('disconnect', () => clearInterval(timer))
process.once('message', () => {
  clearInterval(timer)
  look()
  const seen: Seen = { programs: [...programs.values()], files: [...files.values()] }
  process.send?.(seen)
})
look()
process.send?.('watching')

function look(): void {
  const alive = processes()
  const isAlive = new Set(alive)
  for (const pid of ages.keys()) if (!isAlive.has(pid)) ages.delete(pid)
  for (const pid of alive) {
    const age = (ages.get(pid) ?? 0) + 1
    ages.set(pid, age)
    if (age <= youngTicks || (age + Number(pid)) % oldTicks === 0) lookAtProcess(pid)
  }
  const { secrets, directory } = task
  if (directory !== undefined) for (const file of filesWith(directory, secrets)) files.set(file.path, file)
}

function processes(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
}

function lookAtProcess(pid: string): void {
  const argv = readIfThere(`/proc/${pid}/cmdline`)
  // Kernel threads have none. The fake runner hands a step its environment as arguments of `sh` and `env`, which the real one does not.
  if (argv === '' || argv.includes('\0GITHUB_ACTIONS=true\0')) return
  const environ = readIfThere(`/proc/${pid}/environ`)
  const key = `${pid} ${argv}`
  const known = programs.get(key)
  const within = (text: string, before: string[] = []): string[] =>
    task.secrets.filter((secret) => before.includes(secret) || text.includes(secret))
  programs.set(key, {
    command: argv.replaceAll('\0', ' ').trim(),
    inArguments: within(argv, known?.inArguments),
    inEnvironment: within(environ, known?.inEnvironment),
  })
}
