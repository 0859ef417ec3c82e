// Makes `npm test`, `npm run demo` and friends work on a fresh clone: installs the locked packages when they are not
// there or not the locked ones. Plain JavaScript, because it runs on whatever Node the machine has.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stamp = `${root}node_modules/.installed-from`
const wanted = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .digest('hex')

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  console.error('Installing the locked npm packages (about 30 s) …')
  const npm = process.env['npm_execpath']
  const [command, args] = npm ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']]
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: !npm && process.platform === 'win32',
  })
  if (done.status !== 0) process.exit(done.status ?? 1)
  writeFileSync(stamp, wanted)
}

// As npm's scripts find it: the packages' programs first.
const path = `${root}node_modules/.bin${delimiter}${process.env['PATH'] ?? ''}`
const node = spawnSync('node', ['--version'], { encoding: 'utf8', cwd: root, env: { ...process.env, PATH: path } })
if (Number(/^v(\d+)/.exec(node.stdout ?? '')?.[1] ?? 0) < 24) {
  console.error(
    `Node 24 or newer is needed and no npm package brings it for ${process.platform}-${process.arch}; found ${node.stdout}`,
  )
  process.exit(1)
}
