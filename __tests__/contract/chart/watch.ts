// Sees what every other user of the machine could see while the action runs: arguments, environments, and files of RUNNER_TEMP.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A program that ran; a process that becomes another program is two. */
export type Program = {
  command: string
  /** Which of the secrets its arguments, or its environment, held. */
  inArguments: string[]
  inEnvironment: string[]
}
/** A file that held one of the secrets. */
export type Found = { path: string; mode: string; directoryMode: string }
export type Seen = { programs: Program[]; files: Found[] }
export type Watch = {
  /** Ends the watching and gives what was seen. */
  end: () => Promise<Seen>
}
/** What the process that watches is told. */
export type Task = { secrets: string[]; directory: string | undefined }

/** Watches all processes, and the files under a directory, for secrets. In a process of its own: a test is busy at times. */
export async function watch(secrets: string[], directory?: string): Promise<Watch> {
  const task: Task = { secrets, directory }
  const child = fork(fileURLToPath(new URL('watcher.ts', import.meta.url)))
  child.send(task)
  await once(child, 'message')
  return {
    async end() {
      child.send('end')
      const [seen] = (await once(child, 'message')) as [Seen]
      child.disconnect()
      return seen
    },
  }
}

/** All files under a directory that hold one of the secrets. */
export function filesWith(directory: string, secrets: string[]): Found[] {
  return list(directory).flatMap((path) => {
    const text = readIfThere(path)
    if (!secrets.some((secret) => text.includes(secret))) return []
    const mode = modeOf(path)
    // Gone in between: a temporary name, which is seen under its last one.
    return mode === '' ? [] : [{ path, mode, directoryMode: modeOf(dirname(path)) }]
  })
}

/** The content of a file; empty when it is gone. */
export function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It ended, or was removed, in between.
    return ''
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
  } catch {
    // A directory was removed while it was listed.
    return []
  }
}

function modeOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? '' : (found.mode & 0o777).toString(8)
}
