// A small repository with the scripts of a release, a bare one as its remote, and a program in place of `gh`.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryDirectory } from './temporary.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const licences = ['yaml', 'ISC', 'The text', ''].join('\n')
const changelog = `# Changelog

## [Unreleased]

- Not out yet.

## [1.2.0] - 2026-11-28

### Added

- Something new.

## [1.1.0] - 2026-10-01

- Something old.
`

/** A repository at version 1.2.0, its remote, and what was asked of GitHub. */
export interface ReleaseStage {
  readonly work: string
  readonly record: string
  readonly git: (...args: string[]) => string
  readonly tags: () => Record<string, string>
  /** Runs `.ci/release.ts`; `env` is for the stand-in of `gh`. */
  readonly script: (args: readonly string[], env?: Readonly<Record<string, string>>) => ScriptRun
  /** Commits everything and pushes it to main. */
  readonly land: (message: string) => void
}

/** What one of the script's verbs came to. */
export interface ScriptRun {
  readonly status: number | null
  readonly said: string
}

/** A folder with the program that stands for GitHub. */
export function programs(): string {
  const folder = temporaryDirectory('programs')
  writeFileSync(join(folder, 'gh'), gh)
  chmodSync(join(folder, 'gh'), 0o755)
  return folder
}

/** Runs git as somebody, in a folder. */
const gitIn =
  (work: string): ReleaseStage['git'] =>
  (...args) =>
    execFileSync('git', ['-c', 'user.name=dev', '-c', 'user.email=dev@example.com', ...args], {
      cwd: work,
      encoding: 'utf8',
    }).trim()

let template = ''

/** Sets it all up, at version 1.2.0 and ready to be released: each time a copy of what was made once. */
export function createStage(): ReleaseStage {
  template ||= makeTemplate()
  const home = temporaryDirectory('release')
  cpSync(template, home, { recursive: true })
  const [work, remote, record] = [join(home, 'work'), join(home, 'remote.git'), join(home, 'record')]
  const git = gitIn(work)
  git('remote', 'set-url', 'origin', remote)
  const script: ReleaseStage['script'] = (args, more = {}) => {
    const env = { ...process.env, PATH: [programs(), process.env['PATH']].join(delimiter), RECORD: record, ...more }
    const done = spawnSync(process.execPath, ['.ci/release.ts', ...args], { cwd: work, encoding: 'utf8', env })
    return { status: done.status, said: done.stdout + done.stderr }
  }
  const land = (message: string): void => {
    git('add', '--all')
    git('commit', '--quiet', '--message', message)
    git('push', '--quiet', 'origin', 'main')
  }
  return { work, record, git, tags: () => tagsOf(git), script, land }
}

function makeTemplate(): string {
  const home = temporaryDirectory('release-template')
  const [work, remote, record] = [join(home, 'work'), join(home, 'remote.git'), join(home, 'record')]
  mkdirSync(record)
  for (const path of [
    '.ci/release.ts',
    '.ci/release',
    '.ci/sbom.ts',
    '.ci/supply-chain',
    '.github/workflows/release.yml',
  ])
    cpSync(join(root, path), join(work, path), { recursive: true })
  const yaml = { version: '2.9.1', integrity: 'sha512-x', license: 'ISC' }
  const files = {
    // The release asks for `npm run build`, whatever that is.
    'package.json': json({
      name: 'atomic-helm-action',
      version: '1.2.0',
      type: 'module',
      scripts: { build: 'cp src/version.ts dist/main.js' },
      dependencies: { yaml: '2.9.1' },
    }),
    'package-lock.json': json({
      name: 'atomic-helm-action',
      version: '1.2.0',
      lockfileVersion: 3,
      requires: true,
      packages: {
        '': { name: 'atomic-helm-action', version: '1.2.0', dependencies: { yaml: '2.9.1' } },
        'node_modules/yaml': yaml,
      },
    }),
    'src/version.ts': `export const version = '1.2.0'\n`,
    'dist/main.js': `export const version = '1.2.0'\n`,
    'dist/licenses.txt': licences,
    'CHANGELOG.md': changelog,
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(work, path)), { recursive: true })
    writeFileSync(join(work, path), text)
  }
  const git = gitIn(work)
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', remote])
  git('init', '--quiet', '--initial-branch=main')
  git('remote', 'add', 'upstream', 'https://github.com/org/atomic-helm-action.git')
  git('remote', 'add', 'origin', remote)
  git('commit', '--quiet', '--allow-empty', '--message', 'What was released before')
  git('tag', 'v1.1.0')
  git('tag', 'v1')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'Release 1.2.0')
  git('push', '--quiet', 'origin', 'main', 'v1.1.0', 'v1')
  return home
}

/** Commits by tag, as the remote has them. */
function tagsOf(git: ReleaseStage['git']): Record<string, string> {
  const lines = git('ls-remote', '--tags', 'origin').split('\n')
  return Object.fromEntries(
    lines.map((line) => {
      const [hash = '', ref = ''] = line.split('\t')
      return [ref.replace('refs/tags/', '').replace('^{}', ''), hash]
    }),
  )
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** What was asked of GitHub, in order. */
export function recorded({ record }: ReleaseStage): string[][] {
  const file = join(record, 'asked')
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as string[])
}

/** Knows of one green run of CI, and writes down the release that it should make. */
const gh = `#!/usr/bin/env node
const { appendFileSync, readFileSync } = require('node:fs')
const args = process.argv.slice(2)
const verb = args.slice(0, 2).join(' ')
if (verb === 'run list') console.log(process.env.CI_IS_RED ? '[]' : '[{"url":"https://github.example/run/1"}]')
else if (verb === 'release list') console.log(JSON.stringify((process.env.RELEASED || 'v1.1.0').split(' ').map((tagName) => ({ tagName }))))
else if (verb === 'release create') {
  const notes = args.find((arg) => arg.startsWith('--notes-file='))
  const assets = args.filter((arg) => arg.endsWith('.json')).map((file) => readFileSync(file, 'utf8'))
  const told = { args, notes: readFileSync(notes.slice('--notes-file='.length), 'utf8'), assets }
  appendFileSync(process.env.RECORD + '/asked', JSON.stringify(['release', JSON.stringify(told)]) + '\\n')
} else if (verb !== 'auth setup-git') process.exit(1)
`
