// Stryker's packages are more than those of the action: they are installed only by whoever wants to run it.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Installs the locked packages of a folder, unless they are there. */
export function ensurePackages(folder: string): void {
  const stamp = join(folder, 'node_modules/.installed-from')
  const wanted = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.error('Installing Stryker (about 10 s) …')
  const npm = process.env['npm_execpath']
  const [command, args] = npm ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']]
  const shell = !npm && process.platform === 'win32'
  const done = spawnSync(command, args, { cwd: folder, stdio: ['ignore', 2, 2], shell })
  if (done.status !== 0) throw new Error('npm ci failed')
  writeFileSync(stamp, wanted)
}
