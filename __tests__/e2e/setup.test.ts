// A workflow of a user that installs Helm by the action, and uses it in a later step.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { archiveOf } from '../helpers/archives.ts'
import { runWorkflow } from '../helpers/act.ts'
import type { WorkflowRun } from '../helpers/act.ts'
import { archiveNameOf, published, sha256Of, startDownloads } from '../helpers/downloads.ts'
import { helmMajors, useTestbed } from '../helpers/testbed.ts'
import { versions } from '../testbed/versions.ts'

const testbed = await useTestbed()

async function setUp(version: string, mirror: string, archive: Buffer): Promise<WorkflowRun> {
  return runWorkflow({
    workflow: 'setup.yml',
    event: { name: 'push', payload: {} },
    vars: { HELM_VERSION: version, MIRROR: mirror, HELM_SHA256: sha256Of(archive) },
    tools: testbed.toolsDir,
  })
}

describe('`mode: setup` in a workflow', { concurrency: 2 }, () => {
  for (const { major, dir } of helmMajors(testbed)) {
    const version = major === 3 ? versions.helm3 : versions.helm4

    test(`puts Helm ${major} on PATH of the later steps`, async (context) => {
      const archive = await archiveOf(`${dir}/helm`)
      const server = await startDownloads(published(version, archive))
      context.after(server.close)
      const run = await setUp(version, server.url, archive)
      const said = [...run.lines, ...run.notes].join('\n')
      assert.deepEqual([run.success, run.outcome, run.errors, run.warnings], [true, 'success', [], []], said)
      const { status, 'helm-version': told, 'helm-path': path } = run.outputs
      assert.deepEqual([status, told], ['installed', version])
      assert.ok(run.lines.includes(`later: ${path}`), said)
      assert.match(said, new RegExp(`^later: v${version.replaceAll('.', '\\.')}\\b`, 'm'))
      assert.deepEqual(server.requests(), [`/${archiveNameOf(version)} 200`])
    })
  }

  test('ends a workflow before its later steps when there is no Helm to be had', async (context) => {
    const server = await startDownloads({})
    context.after(server.close)
    const run = await setUp('4.99.0', server.url, Buffer.from('x'))
    assert.deepEqual([run.success, run.outcome, run.outputs['status']], [false, 'failure', 'rejected'])
    assert.match(run.errors.join('\n'), /Helm 4\.99\.0 cannot be downloaded/)
    assert.ok(!run.lines.some((line) => line.startsWith('later: ')))
  })
})
