// What must hold before anything is tested: types, lint, format, workflows, what is taken in, and a dist/ that is built from this source.
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureTools } from '../__tests__/testbed/cache.ts'
import { ensureZizmor } from './zizmor.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
let failed = 0

/** Runs one check and tells how it went; all run, whatever fails. */
function check(name: string, command: string, args: readonly string[]): void {
  const start = performance.now()
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' })
  const isGood = done.status === 0
  if (!isGood) failed++
  console.log(`${isGood ? '✓' : '✗'} ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  if (!isGood) console.log(`${done.stdout ?? ''}${done.stderr ?? ''}${done.error?.message ?? ''}`)
}

const bin = (name: string): string => join(root, 'node_modules/.bin', name)

check('types of src', bin('tsc'), ['--project', 'tsconfig.json', '--noEmit'])
check('types of tests and tools', bin('tsc'), ['--project', '__tests__/tsconfig.json'])
check('lint', bin('oxlint'), ['--type-aware', '--deny-warnings'])
check('format', bin('oxfmt'), ['--check', '.'])
const { actionlint } = await ensureTools(['actionlint'])
check('workflows', actionlint, [
  '-shellcheck=',
  '-pyflakes=',
  ...workflows('.github/workflows'),
  ...workflows('examples'),
  ...workflows('__tests__/fixtures/workflows'),
])
// The workflows of the tests stand for what users have; all others are to be copied, or have rights here.
check('workflows are safe', await ensureZizmor(), [
  '--offline',
  '--pedantic',
  '--strict-collection',
  '--quiet',
  '--no-progress',
  '--config=.github/zizmor.yml',
  '.github',
  'action.yml',
  ...workflows('examples'),
])
check('what is taken in', process.execPath, ['.ci/supply-chain.ts'])
check('README, docs/helm-versions.md and what they tell of in step', process.execPath, ['.ci/readme.ts', '--check'])
check('docs/diagnosis.md and the table in step', process.execPath, ['.ci/diagnosis.ts', '--check'])
check('known hashes in step with their record', process.execPath, ['.ci/known-hashes.ts', '--check'])
compareDist()
console.log(failed === 0 ? 'all checks hold' : `${failed} checks failed`)
process.exitCode = failed === 0 ? 0 : 1

/** The workflow files of a folder and of those in it; none where there is no such folder. */
function workflows(folder: string): string[] {
  return globSync(`${folder}/**/*.{yml,yaml}`, { cwd: root }).filter((path) => isWorkflow(path))
}

/** Examples may have other files beside them, such as a Role or values. */
function isWorkflow(path: string): boolean {
  return /^on:|^'on':|^"on":/m.test(readFileSync(join(root, path), 'utf8'))
}

/** Builds anew and compares byte for byte: what runs is what can be read. */
function compareDist(): void {
  const fresh = mkdtempSync(join(tmpdir(), 'atomic-helm-dist-'))
  check('build', process.execPath, ['.ci/build.ts', '--out', fresh])
  const names = [...new Set([...readdirSync(fresh), ...readdirSync(join(root, 'dist'))])]
  const differing = names.filter((name) => content(join(fresh, name)) !== content(join(root, 'dist', name)))
  if (differing.length > 0) failed++
  console.log(
    differing.length === 0
      ? '✓ dist/ is what this source builds'
      : `✗ dist/ is not what this source builds: ${differing.join(', ')}; run \`npm run build\``,
  )
  rmSync(fresh, { recursive: true, force: true })
}

function content(path: string): string | null {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return null
  }
}
