// The release workflow as it is, run by act: a small repository with our scripts, a bare one as its remote, and programs and actions that
// only write down what they were asked for in place of GitHub's.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runWorkflow, type WorkflowRun } from '../helpers/act.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { ensureTool } from '../testbed/cache.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const workflow = readFileSync(join(root, '.github/workflows/release.yml'), 'utf8')
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
interface Stage {
  readonly work: string
  readonly record: string
  readonly git: (...args: string[]) => string
  readonly tags: () => Record<string, string>
}

describe('the release workflow', { concurrency: 1 }, () => {
  let tools = ''
  before(async () => void (tools = await ensureTool('act')))

  async function release(stage: Stage, inputs: { version: string; 'dry-run': 'true' | 'false' }): Promise<WorkflowRun> {
    return runWorkflow({
      workspace: stage.work,
      workflow: 'release.yml',
      event: { name: 'workflow_dispatch', payload: { inputs } },
      actions: standIns(),
      path: [programs()],
      env: { RECORD: stage.record },
      tools,
    })
  }

  test('checks, attests, tags, publishes and moves the tag of the major', async () => {
    const stage = createStage()
    const commit = stage.git('rev-parse', 'HEAD')
    const old = stage.tags()['v1']
    const run = await release(stage, { version: '1.2.0', 'dry-run': 'false' })
    assert.equal(run.success, true, said(run))
    const tags = stage.tags()
    assert.notEqual(old, commit)
    assert.deepEqual([tags['v1.2.0'], tags['v1'], tags['v1.1.0']], [commit, commit, old])
    const asked = recorded(stage)
    assert.deepEqual(
      asked.map(([what]) => what),
      ['attest', 'attest', 'release'],
    )
    const [provenance, sbom, published] = asked
    assert.deepEqual(provenance, ['attest', 'dist/*.js', ''])
    assert.match(sbom?.[2] ?? '', /\/atomic-helm-action\.cdx\.json$/)
    const { args, notes, assets } = JSON.parse(published?.[1] ?? '{}') as { [key: string]: string & string[] }
    assert.deepEqual(args?.slice(0, 3), ['release', 'create', 'v1.2.0'])
    assert.ok(args?.includes('--verify-tag') && args.includes('--latest=true'), String(args))
    assert.equal(notes, '### Added\n\n- Something new.')
    const [bom = '{}'] = assets ?? []
    const { components } = JSON.parse(bom) as { components: { name: string; version: string }[] }
    assert.deepEqual(
      components.map(({ name, version }) => `${name} ${version}`),
      ['yaml 2.9.1'],
    )
  })

  test('a dry run goes through all of it and changes nothing', async () => {
    const stage = createStage()
    const before = stage.tags()
    const run = await release(stage, { version: '1.2.0', 'dry-run': 'true' })
    assert.equal(run.success, true, said(run))
    assert.deepEqual([stage.tags(), recorded(stage)], [before, []])
    const commit = stage.git('rev-parse', 'HEAD')
    for (const line of [
      `dry run: would tag ${commit} as v1.2.0`,
      `dry run: would move v1 from ${before['v1']} to ${commit}`,
    ])
      assert.ok(run.lines.includes(line), said(run))
    assert.ok(run.lines.some((line) => line.startsWith('dry run: would release v1.2.0 with ')))
  })

  test('what `prepare` makes is accepted by `check`, once the build has followed', () => {
    const stage = createStage()
    const env = { ...process.env, PATH: [programs(), process.env['PATH']].join(delimiter) }
    const script = (...args: string[]): { status: number | null; said: string } => {
      const done = spawnSync(process.execPath, ['.ci/release.ts', ...args], { cwd: stage.work, encoding: 'utf8', env })
      return { status: done.status, said: done.stdout + done.stderr }
    }
    const land = (): void => {
      stage.git('commit', '--quiet', '--all', '--message', 'Release 1.2.1')
      stage.git('push', '--quiet', 'origin', 'main')
    }
    assert.match(script('check', '1.2.1').said, /^package\.json says 1\.2\.0, not 1\.2\.1: run .*prepare 1\.2\.1/)
    assert.equal(script('prepare', '1.2.1').status, 0)
    execFileSync('cp', ['src/version.ts', 'dist/main.js'], { cwd: stage.work })
    assert.match(script('check', '1.2.1').said, /^the build makes something else/)
    land()
    const { status, said } = script('check', '1.2.1')
    assert.deepEqual([status, said.split('\n').at(-2)], [0, '- Not out yet.'], said)
  })

  test('what the source does not build is not released', async () => {
    const stage = createStage()
    writeFileSync(join(stage.work, 'dist/main.js'), 'console.log("not of this source")\n')
    stage.git('commit', '--quiet', '--all', '--message', 'Change dist')
    stage.git('push', '--quiet', 'origin', 'main')
    const before = stage.tags()
    const run = await release(stage, { version: '1.2.0', 'dry-run': 'false' })
    assert.equal(run.success, false)
    assert.match(said(run), /the build makes something else than is committed: .*dist\/main\.js/)
    assert.deepEqual([stage.tags(), recorded(stage)], [before, []])
  })
})

/** A folder with the program that stands for GitHub. */
function programs(): string {
  const folder = temporaryDirectory('programs')
  writeFileSync(join(folder, 'gh'), gh)
  chmodSync(join(folder, 'gh'), 0o755)
  return folder
}

/** Everything that act said, for when a test fails. */
function said({ lines, errors, notes }: WorkflowRun): string {
  return [...lines, ...errors, ...notes].join('\n')
}

function createStage(): Stage {
  const home = temporaryDirectory('release')
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
  const identity = ['-c', 'user.name=dev', '-c', 'user.email=dev@example.com']
  const git = (...args: string[]): string =>
    execFileSync('git', [...identity, ...args], { cwd: work, encoding: 'utf8' }).trim()
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
  return { work, record, git, tags: () => tagsOf(git) }
}

/** Commits by tag, as the remote has them. */
function tagsOf(git: Stage['git']): Record<string, string> {
  const lines = git('ls-remote', '--tags', 'origin').split('\n')
  return Object.fromEntries(
    lines.map((line) => {
      const [hash = '', ref = ''] = line.split('\t')
      return [ref.replace('refs/tags/', '').replace('^{}', ''), hash]
    }),
  )
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** What was asked of GitHub, in order. */
function recorded({ record }: Stage): string[][] {
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
if (verb === 'run list') console.log('[{"url":"https://github.example/run/1"}]')
else if (verb === 'release list') console.log('[{"tagName":"v1.1.0"}]')
else if (verb === 'release create') {
  const notes = args.find((arg) => arg.startsWith('--notes-file='))
  const assets = args.filter((arg) => arg.endsWith('.json')).map((file) => readFileSync(file, 'utf8'))
  const told = { args, notes: readFileSync(notes.slice('--notes-file='.length), 'utf8'), assets }
  appendFileSync(process.env.RECORD + '/asked', JSON.stringify(['release', JSON.stringify(told)]) + '\\n')
} else if (verb !== 'auth setup-git') process.exit(1)
`

/** Each action that the workflow uses, by the reference it uses, as one that writes down what it was asked for or does nothing. */
function standIns(): Record<string, string> {
  const uses = [...workflow.matchAll(/uses: (\S+)/g)].map(([, action = '']) => action)
  return Object.fromEntries(
    [...new Set(uses)]
      .filter((action) => !action.startsWith('actions/checkout@'))
      .map((action) => {
        const folder = temporaryDirectory('action')
        const run = action.startsWith('actions/attest@') ? attest : 'true'
        writeFileSync(
          join(folder, 'action.yml'),
          json({
            name: 'stand-in',
            description: 'Does nothing',
            inputs: Object.fromEntries(
              ['subject-path', 'sbom-path', 'node-version'].map((name) => [name, { description: name }]),
            ),
            runs: { using: 'composite', steps: [{ run, shell: 'bash', env: attestEnvironment }] },
          }),
        )
        return [action, folder]
      }),
  )
}

const attest = `printf '["attest","%s","%s"]\\n' "$SUBJECT" "$SBOM_PATH" >> "$RECORD/asked"`
const attestEnvironment = { SUBJECT: '${{ inputs.subject-path }}', SBOM_PATH: '${{ inputs.sbom-path }}' }
