// The repository that act runs a workflow of: a git repository of its own, so that nothing of ours is copied or changed.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryDirectory } from '../temporary.ts'

const repository = fileURLToPath(new URL('../../..', import.meta.url))
const fixtures = join(repository, '__tests__/fixtures')

export type Contents = {
  /** `owner/name` that its origin has. */
  repo: string
  /** A workflow of `fixtures/workflows`, by its file name, or one of `examples`, as `examples/kind.yml`. */
  workflow: string
  /** A chart of `fixtures/charts`, copied to `chartPath`. */
  chart: string
  chartPath: string
  /** Further files by path. */
  files: Record<string, string>
}

/** Makes the repository with one commit on `main`. */
export function createWorkspace({ repo, workflow, chart, chartPath, files }: Contents): string {
  const directory = join(temporaryDirectory('workspace'), 'repo')
  mkdirSync(join(directory, '.github/workflows'), { recursive: true })
  const own = `.github/workflows/${basename(workflow)}`
  const source = workflow.startsWith('examples/') ? join(repository, workflow) : join(fixtures, 'workflows', workflow)
  if (files[own] === undefined) cpSync(source, join(directory, own))
  cpSync(join(fixtures, 'charts', chart), join(directory, chartPath), { recursive: true })
  for (const [path, text] of Object.entries({ 'deploy/values.yaml': '', ...files })) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  const git = (...args: string[]): unknown => execFileSync('git', args, { cwd: directory, stdio: 'pipe' })
  git('init', '--quiet', '--initial-branch=main')
  git('remote', 'add', 'origin', `https://github.com/${repo}.git`)
  git('add', '--all')
  git('-c', 'user.name=dev', '-c', 'user.email=dev@example.com', 'commit', '--quiet', '--message', 'Deploy the shop')
  return directory
}

/** Copies what a user of the action gets, since act copies the whole directory of a local action. */
export function slimAction(from: string = repository): string {
  const directory = temporaryDirectory('action')
  for (const name of ['action.yml', 'dist']) cpSync(join(from, name), join(directory, name), { recursive: true })
  return directory
}
