// The release workflow as it is, run by act: a small repository with our scripts, a bare one as its remote, and programs and actions that
// only write down what they were asked for in place of GitHub's.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runWorkflow, type WorkflowRun } from '../helpers/act.ts'
import { createStage, json, programs, recorded, type ReleaseStage } from '../helpers/release-stage.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { ensureTool } from '../testbed/cache.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const workflow = readFileSync(join(root, '.github/workflows/release.yml'), 'utf8')

describe('the release workflow', { concurrency: 1 }, () => {
  let tools = ''
  before(async () => void (tools = await ensureTool('act')))

  async function release(
    stage: ReleaseStage,
    inputs: { version: string; 'dry-run': 'true' | 'false' },
  ): Promise<WorkflowRun> {
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

/** Everything that act said, for when a test fails. */
function said({ lines, errors, notes }: WorkflowRun): string {
  return [...lines, ...errors, ...notes].join('\n')
}

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
