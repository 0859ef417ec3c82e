// Tools that only one command needs are more than the packages of the action: they are installed only by whoever runs it.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Installs the locked packages of a folder, unless they are there; `name` says what they are. */
export function ensurePackages(folder: string, name: string): void {
  const stamp = join(folder, 'node_modules/.installed-from')
  const wanted = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.error(`Installing ${name} (about 10 s) …`)
  const npm = process.env['npm_execpath']
  const [command, args] = npm ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']]
  const shell = !npm && process.platform === 'win32'
  const done = spawnSync(command, args, { cwd: folder, stdio: ['ignore', 2, 2], shell })
  if (done.status !== 0) throw new Error('npm ci failed')
  writeFileSync(stamp, wanted)
}
