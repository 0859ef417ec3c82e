// Brings zizmor, a program that PyPI has as wheels, into the cache outside of the tree, in a folder of its version.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { arch } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installMissing } from '../__tests__/testbed/apt.ts'
import { run, which } from '../__tests__/testbed/host.ts'
import { cacheDir } from '../__tests__/testbed/paths.ts'
import { estimate, withProgress } from '../__tests__/testbed/progress.ts'

const requirements = fileURLToPath(new URL('zizmor/requirements.txt', import.meta.url))

/** The path of the zizmor that requirements.txt pins, installed first where this machine has not done so before. Throws when it cannot be had. */
export async function ensureZizmor(): Promise<string> {
  const pinned = readFileSync(requirements)
  const version = /^zizmor==(\S+)/m.exec(pinned.toString())?.[1]
  const key = createHash('sha256').update(pinned).digest('hex').slice(0, 8)
  const folder = join(cacheDir(), `zizmor-${version}-${process.platform}-${arch()}-${key}`)
  const program = join(folder, 'bin', process.platform === 'win32' ? 'zizmor.exe' : 'zizmor')
  if (!existsSync(program)) await withProgress(`installing zizmor ${version}, ${estimate(3)}`, () => install(folder))
  return program
}

/** Beside its place and renamed into it, so that what is in the cache is always whole; of two that install at once one is as good as the other. */
async function install(folder: string): Promise<void> {
  const python = process.platform === 'win32' ? 'python' : 'python3'
  if (!(await hasPip(python))) {
    const missing = (): string[] => (which('pip3') ? [] : ['python3-pip'])
    await installMissing(missing)
  }
  mkdirSync(cacheDir(), { recursive: true })
  const staged = mkdtempSync(join(cacheDir(), '.zizmor-'))
  const options = ['--no-deps', '--require-hashes', '--only-binary=:all:', '--disable-pip-version-check', '--quiet']
  try {
    await run(python, ['-m', 'pip', 'install', ...options, '--target', staged, '--requirement', requirements])
    renameSync(staged, folder)
  } catch (error) {
    rmSync(staged, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
}

async function hasPip(python: string): Promise<boolean> {
  return run(python, ['-m', 'pip', '--version']).then(
    () => true,
    () => false,
  )
}
