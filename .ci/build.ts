// Builds dist/: TypeScript to lib/, then one bundle. `--out DIR` builds elsewhere, to compare with what is committed.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'dist') } } })
const out = values.out
const lib = join(root, 'lib')

/** Runs one of the tools in node_modules and ends the build when it fails. */
function tool(...[name, ...args]: [string, ...string[]]): void {
  const done = spawnSync(join(root, 'node_modules/.bin', name), args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (done.status !== 0) process.exit(done.status ?? 1)
}

/** The Kubernetes client lists thousands of generated models; told that they have no side effects, the bundler leaves them out (ADR 3). */
function markWithoutSideEffects(name: string): void {
  const file = join(root, 'node_modules', name, 'package.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { sideEffects?: boolean }
  if (manifest.sideEffects === false) return
  writeFileSync(file, `${JSON.stringify({ ...manifest, sideEffects: false }, null, 2)}\n`)
}

rmSync(lib, { recursive: true, force: true })
rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })
tool('tsc', '--project', 'tsconfig.json')
markWithoutSideEffects('@kubernetes/client-node')
tool('ncc', 'build', 'lib/main.js', '--out', out, '--license', 'licenses.txt', '--target', 'es2023', '--no-cache')
renameSync(join(out, 'index.js'), join(out, 'main.js'))
copyFileSync(join(lib, 'post.js'), join(out, 'post.js'))
console.log(`${join(out, 'main.js')}: ${(statSync(join(out, 'main.js')).size / 1e6).toFixed(2)} MB`)
