// What every workflow of this repository has, and what zizmor and actionlint do not compare: one version of an action in all of them.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { repository } from '../../helpers/documents.ts'

interface Workflow {
  readonly permissions: object
  readonly on: Readonly<Record<string, unknown>>
  readonly concurrency?: unknown
  readonly jobs: Readonly<Record<string, { readonly permissions?: object; readonly 'timeout-minutes'?: number }>>
}

const list = (pattern: string): string[] =>
  globSync(pattern, { cwd: repository, exclude: (path) => /^(node_modules|lib)$/.test(path) })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
const read = (path: string): string => readFileSync(join(repository, path), 'utf8')
const own = list('.github/workflows/*.yml')
const examples = list('examples/*.yml')

describe('workflows', () => {
  for (const path of own)
    test(`${path} has no rights but those that its jobs name, and ends`, () => {
      const { permissions, concurrency, jobs } = parse(read(path)) as Workflow
      assert.deepEqual(permissions, {})
      assert.ok(concurrency)
      for (const [name, job] of Object.entries(jobs)) {
        assert.ok(job.permissions, `${name} names its rights`)
        assert.ok((job['timeout-minutes'] ?? 360) < 360, `${name} has a limit`)
      }
    })

  test('nothing of a pull request runs where a token may write', () => {
    for (const path of own) {
      const { on, jobs } = parse(read(path)) as Workflow
      assert.ok(!('pull_request_target' in on || 'workflow_run' in on), path)
      if (!('pull_request' in on)) continue
      const rights = Object.values(jobs).flatMap((job) => Object.entries(job.permissions ?? {}))
      // What CodeQL has found: GitHub lowers it to `read` for a fork.
      const writes = rights.filter(([right, level]) => level !== 'read' && right !== 'security-events')
      assert.deepEqual(writes, [], path)
    }
  })

  test('an action is pinned to one commit, the same in all workflows and examples', () => {
    const commits = new Map<string, Set<string>>()
    for (const path of [...own, ...examples])
      for (const [line, action = '', commit = ''] of read(path).matchAll(/uses: ([\w-]+\/[\w./-]+)@(.*)$/gm)) {
        if (action === 'org/atomic-helm-action') continue
        assert.match(commit, /^[0-9a-f]{40} # v\d+(?:\.\d+){1,2}$/, `${path}: ${line}`)
        const name = action.split('/').slice(0, 2).join('/')
        commits.set(name, (commits.get(name) ?? new Set()).add(commit))
      }
    assert.ok(commits.size > 5)
    assert.deepEqual(
      [...commits].filter(([, each]) => each.size > 1),
      [],
    )
  })

  test('the unit tests and the bundle itself run on all three systems', () => {
    const { jobs } = parse(read('.github/workflows/ci.yml')) as {
      jobs: Record<string, { strategy?: { matrix: { system: string[] } }; steps: { run?: string; uses?: string }[] }>
    }
    const systems = jobs['systems']
    assert.deepEqual(systems?.strategy?.matrix.system, ['ubuntu-latest', 'macos-latest', 'windows-latest'])
    assert.ok(systems?.steps.some(({ run }) => run === 'npm test -- unit'))
    assert.ok(systems?.steps.some(({ uses }) => uses === './'))
  })
})

test('what is locked is checked, and kept up to date by dependabot', () => {
  const folders = list('**/package-lock.json')
    .map((path) => path.replace(/\/?package-lock\.json$/, '') || '.')
    .sort()
  const checked = /const packages = \[([^\]]*)\]/.exec(read('.ci/supply-chain.ts'))?.[1] ?? ''
  assert.deepEqual([...checked.matchAll(/'([^']*)'/g)].map(([, folder = '']) => folder).sort(), folders)
  const { updates } = parse(read('.github/dependabot.yml')) as {
    updates: { 'package-ecosystem': string; directories?: string[] }[]
  }
  const npm = updates.find((update) => update['package-ecosystem'] === 'npm')?.directories ?? []
  assert.deepEqual(npm.map((folder) => folder.replace(/^\//, '') || '.').sort(), folders)
})
