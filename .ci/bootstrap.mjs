// Makes `npm test`, `npm run demo` and friends work on a fresh clone: installs the locked packages when they are not
// there or not the locked ones, then runs the script it is given with the Node that they bring. Both in one process, because the
// shell of an npm script remembers where it found `node` first, and `ignore-scripts` in .npmrc keeps npm from running `pretest`.
// Plain JavaScript, because it runs on whatever Node the machine has.
import { spawn, spawnSync } from 'node:child_process'
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
  // Only errors: an old Node that runs this file would have npm warn of every package that needs a newer one.
  const install = ['ci', '--loglevel=error']
  const [command, args] = npm ? [process.execPath, [npm, ...install]] : ['npm', install]
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

const [script, ...args] = process.argv.slice(2)
if (script) {
  const child = spawn('node', [script, ...args], { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path } })
  // A terminal tells the whole group; whoever signals only us means the script. It decides when it ends.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.once('exit', (code, signal) => (process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143)))
}
