// Installs Helm through the bundle on a runner that has none, and what has to hold of every way that can end.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { TestContext } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { archiveOf } from '../../helpers/archives.ts'
import { startDownloads } from '../../helpers/downloads.ts'
import type { Downloads, DownloadsOptions, Script } from '../../helpers/downloads.ts'
import { runAction } from '../../helpers/runner.ts'
import type { ActionRun, RunOptions } from '../../helpers/runner.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { useTestbed } from '../../helpers/testbed.ts'
import { versions } from '../../testbed/versions.ts'

export type InstallOptions = Pick<RunOptions, 'env' | 'workspace' | 'cancelWhen'> & {
  /** The tool cache; a fresh one when left out. */
  cache?: string
  /** All of PATH; without any Helm when left out. */
  path?: string[]
}
export type Installed = ActionRun & {
  status: string
  /** The log without its colours. */
  said: string
  cache: string
}
export type Helm = { version: string; directory: string; archive: () => Promise<Buffer> }

/** Runs the action with `mode: setup`. */
export async function install(
  inputs: Record<string, string>,
  { cache = temporaryDirectory('tools'), path = [], env = {}, ...options }: InstallOptions = {},
): Promise<Installed> {
  const run = await runAction({
    inputs: { mode: 'setup', ...inputs },
    env: { RUNNER_TOOL_CACHE: cache, PATH: [...path, '/nowhere'].join(':'), ...env },
    // Who tries again what cannot succeed does it for two minutes.
    timeoutMs: 40_000,
    ...options,
  })
  const said = stripVTControlCharacters(run.log)
  return { ...run, status: run.outputs['status'] ?? '', said, cache }
}

/** Starts a server that ends with the test. */
export async function serve(
  context: Pick<TestContext, 'after'>,
  script: Script,
  options?: DownloadsOptions,
): Promise<Downloads> {
  const server = await startDownloads(script, options)
  context.after(server.close)
  return server
}

/** Helm is where the tool cache has it, is on PATH for later steps, and is the one that was wanted. */
export function assertInstalled(run: Installed, version: string): void {
  assert.equal(run.status, 'installed', run.said)
  const path = join(run.cache, 'helm', version, process.arch, 'helm')
  assert.deepEqual([run.outputs['helm-version'], run.outputs['helm-path']], [version, path], run.said)
  assert.deepEqual([run.exitCode, run.main.path, run.errors], [0, [dirname(path)], []], run.said)
  assert.equal(versionOf(path), `v${version}`)
  assert.equal(statSync(path).mode & 0o777, 0o755)
  assertTidy(run)
}

/** The step failed with one error that says this, and nothing is left of what it may have downloaded. */
export function assertRefused(run: Installed, ...says: RegExp[]): void {
  assert.equal(run.status, 'rejected', run.said)
  assert.deepEqual([run.exitCode, run.main.path, run.errors.length], [1, [], 1], run.said)
  assert.deepEqual([run.outputs['helm-version'], run.outputs['helm-path']], ['', ''])
  for (const one of says) assert.match(run.errors.join('\n'), one)
  assert.deepEqual(filesIn(run.cache), [], 'nothing in the tool cache')
  assertTidy(run)
}

/** All files under a directory, by their path in it. */
export function filesIn(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(directory, join(parentPath, name)))
}

/** RUNNER_TEMP holds what the runner has put there, and the report. */
export function assertTidy({ temp, injected }: Installed): void {
  const isExpected = (name: string): boolean => name === '_github_workflow' || /^atomic-helm-.*\.json$/.test(name)
  assert.deepEqual(
    readdirSync(temp).filter((name) => !isExpected(name)),
    [],
    'nothing in RUNNER_TEMP',
  )
  assert.deepEqual(injected, [])
}

/** What a program says when it is asked for its version. */
export function versionOf(path: string): string {
  return execFileSync(path, ['version', '--template={{.Version}}'], { encoding: 'utf8', env: {} })
}

/** The Helm of a major that the testbed has built; its archive is made once. */
export async function realHelm(major: 3 | 4): Promise<Helm> {
  const directory = process.env[`ATOMIC_HELM${major}`] ?? (await useTestbed())[`helm${major}Dir`]
  let made: Promise<Buffer> | undefined
  return {
    version: major === 3 ? versions.helm3 : versions.helm4,
    directory,
    archive: () => (made ??= archiveOf(join(directory, 'helm'))),
  }
}
