// The story that every end-to-end test tells: a good deploy by a real workflow, one that fails, and one that mends it.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { WorkflowRun } from '../helpers/act.ts'
import { assertRestored } from '../helpers/stage.ts'
import type { Finding } from '../helpers/stage.ts'
import { helmMajors, useTestbed } from '../helpers/testbed.ts'
import type { Testbed } from '../helpers/testbed.ts'
import { setWorkflows } from './workflows.ts'
import type { Workflows } from './workflows.ts'

export type Failure = {
  /** Values of the chart that break it. */
  values: (testbed: Testbed) => string
  resource: { kind: string; name: string }
  class: string
  /** In the reason, the comment and the summary. */
  cause: RegExp
  /** A line of evidence, in the comment and the summary. */
  line: RegExp
}

const majors = helmMajors(await useTestbed())

/** Runs the workflow with these values of the chart. */
export function deployBy({ run }: Workflows, values: string): Promise<WorkflowRun> {
  return run({ files: { 'deploy/values.yaml': values } })
}

/** What the step says of itself. */
export function assertDeployed(run: WorkflowRun, revision: string): void {
  const { status, rollback, revision: at } = run.outputs
  const said = [...run.lines, ...run.notes].join('\n')
  assert.deepEqual([run.success, run.outcome, run.errors], [true, 'success', []], said)
  assert.deepEqual([status, rollback, at], ['deployed', 'none', revision])
}

/** Declares the story of a failure, with each Helm at the same time. */
export function tellFailure(name: string, failure: Failure): void {
  describe(name, { concurrency: 2 }, () => {
    for (const helm of majors) {
      test(`${name} is diagnosed, rolled back and mended (Helm ${helm.major})`, async (context) => {
        const workflows = await setWorkflows(context, helm)
        const { stage } = workflows
        assertDeployed(await deployBy(workflows, 'greeting: Hello'), '1')
        const before = await stage.picture()
        assert.deepEqual(stage.github.comments(), [], 'a success by itself is not worth a comment')

        const bad = await deployBy(workflows, `greeting: Hello again\n${failure.values(stage.testbed)}`)
        assertFailed(bad, failure)
        const [comment] = stage.github.comments(7)
        assert.ok(comment)
        for (const text of [comment.body, bad.summary]) {
          assert.match(text, failure.cause)
          assert.match(text, failure.line)
          assert.ok(text.includes(`${failure.resource.kind} \`${failure.resource.name}\``), text)
          assert.match(text, /Rolled back to revision 1\b/)
        }
        assert.equal(bad.outputs['comment-url'], `https://github.com/org/shop/pull/7#issuecomment-${comment.id}`)
        assertRestored(await stage.picture(), before)

        assertDeployed(await deployBy(workflows, 'greeting: Hello once more'), '4')
        const comments = stage.github.comments(7)
        assert.equal(comments.length, 1, 'there is one comment, kept up to date')
        assert.equal(comments[0]?.id, comment.id)
        assert.match(comments[0].body, /✅ `shop` is deployed to .* again/)
        assert.match(comments[0].body, failure.cause)
        assert.deepEqual(stage.github.violations(), [])
      })
    }
  })
}

function assertFailed(run: WorkflowRun, failure: Failure): void {
  const { outputs } = run
  const said = [...run.lines, ...run.notes].join('\n')
  assert.deepEqual([run.success, run.outcome], [false, 'failure'], said)
  assert.deepEqual([outputs['status'], outputs['rollback']], ['rolled-back', 'restored'], said)
  assert.deepEqual([outputs['previous-revision'], outputs['revision']], ['1', '3'])
  assert.match(outputs['reason'] ?? '', failure.cause)
  assert.doesNotMatch(outputs['reason'] ?? '', /[\r\n]/)
  assert.equal(run.errors.length, 1, 'one error annotation')
  assert.match(run.errors[0] ?? '', failure.cause)
  const [first] = JSON.parse(outputs['failing-resources'] ?? '[]') as (Finding['resource'] & { class: string })[]
  assert.deepEqual(
    [first?.kind, first?.name, first?.class],
    [failure.resource.kind, failure.resource.name, failure.class],
  )
}
