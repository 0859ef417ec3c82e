import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'

import { searchPath } from './host.ts'
import { cacheDir } from './paths.ts'
import { say } from './progress.ts'

/**
 * Does the work while no other process on this machine holds the lock of that name. The kernel keeps the lock (flock), so
 * it cannot go stale: whatever kills us closes the pipe to the holder, which then ends.
 */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const release = await take(name)
  try {
    return await work()
  } finally {
    await release()
  }
}

function take(name: string): Promise<() => Promise<void>> {
  const dir = `${cacheDir()}/locks`
  mkdirSync(dir, { recursive: true })
  // Detached, so that Ctrl-C reaches us and not the holder: the lock must cover the cleaning up.
  const holder = spawn('flock', [`${dir}/${name}`, 'sh', '-c', 'echo held; cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
    env: { PATH: searchPath() },
  })
  const closed = new Promise<void>((resolve) => holder.once('close', () => resolve()))
  const waiting = setTimeout(() => say(`waiting for another testbed command (lock ${dir}/${name})`), 1000)
  return new Promise((resolve, reject) => {
    holder.once('error', reject)
    holder.once('exit', () => reject(new Error(`could not take the lock ${dir}/${name}`)))
    holder.stdout.once('data', () => {
      clearTimeout(waiting)
      resolve(async () => {
        holder.stdin.end()
        await closed
      })
    })
    void closed.then(() => clearTimeout(waiting))
  })
}
