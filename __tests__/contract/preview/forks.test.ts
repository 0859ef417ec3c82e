// Pull requests from forks: code that nobody has read is not deployed, and what somebody has read is deployed as it was read.
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fixtureChart } from '../../helpers/helm.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { commits, previewsOn } from '../../helpers/previews.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'

const [read, unread] = commits
const fork = 'stranger/shop'
const roles = { boss: 'admin', dev: 'write', helper: 'triage' } as const

/** What actions/checkout leaves: the chart, and a HEAD that is at the commit. */
function checkoutOf(sha: string): string {
  const directory = temporaryDirectory('checkout')
  mkdirSync(join(directory, '.git'))
  writeFileSync(join(directory, '.git/HEAD'), `${sha}\n`)
  cpSync(fixtureChart('settings'), join(directory, 'chart'), { recursive: true })
  return directory
}

sideBySide('a pull request from a fork', () => {
  const options = { only: 4, exists: false, roles } as const

  staged('has no secrets on pull_request, which is said plainly', options, async (stage, _helm, context) => {
    const previews = previewsOn(stage, context)
    // As on GitHub: the secret is empty.
    const run = await previews.on('opened', { fork, inputs: { kubeconfig: '' } })
    assert.equal(run.status, 'rejected', run.log)
    assert.match(
      run.outputs['reason'] ?? '',
      /^Pull request 7 comes from a fork, and the event pull_request has no secr/,
    )
    assert.equal(run.report.problems.length, 1)
    assert.equal(await previews.live(), undefined)
  })

  staged(
    'is refused on pull_request_target unless somebody who may write has labeled that commit',
    options,
    async (stage, _helm, context) => {
      const previews = previewsOn(stage, context)
      const event = { event: 'pull_request_target', fork, inputs: { chart: 'chart' } }
      const at = (sha: string) => ({ sha, options: { workspace: checkoutOf(sha) } })
      const labeled = (sender: string, label = 'preview') => ({ ...event, ...at(read), label, sender })
      const refusals = [
        ['opened', { ...event, ...at(read) }, /its code is not deployed on "opened"/],
        ['synchronize', { ...event, ...at(read) }, /its code is not deployed on "synchronize"/],
        ['reopened', { ...event, ...at(read), sender: 'boss' }, /its code is not deployed on "reopened"/],
        ['labeled', labeled('boss', 'bug'), /its code is not deployed on "labeled" with "bug"/],
        ['labeled', labeled('stranger'), /"stranger" has labeled .* but may not write to this repository/],
        ['labeled', labeled('helper'), /"helper" has labeled .* but may not write to this repository/],
        ['labeled', labeled('some-app[bot]'), /may write to this repository cannot be read/],
        ['labeled', { ...labeled('dev'), options: { workspace: checkoutOf(unread) } }, /The workspace has commit bbbb/],
        [
          'labeled',
          { ...labeled('dev'), options: { workspace: temporaryDirectory('none') } },
          /It cannot be told which/,
        ],
      ] as const
      for (const [action, run, reason] of refusals) {
        const refused = await previews.on(action, run)
        assert.equal(refused.status, 'rejected', refused.log)
        assert.match(refused.outputs['reason'] ?? '', reason)
      }
      assert.equal(await previews.live(), undefined)

      const late = await previews.on('labeled', {
        ...labeled('dev'),
        pull: { head: { ref: 'x', sha: unread, repo: fork } },
      })
      assert.equal(late.status, 'rejected', late.log)
      assert.match(late.outputs['reason'] ?? '', /is at commit bbbbbbbbbbbb by now.* then give the label anew$/)
      assert.equal(await previews.live(), undefined)

      const values = { ...labeled('dev'), inputs: { ...event.inputs, values: 'data: {level: "{{ sha }}"}' } }
      const deployed = await previews.on('labeled', values)
      assert.equal(deployed.status, 'deployed', deployed.log)
      const level = async (): Promise<unknown> =>
        ((await stage.cluster.get(`${previews.path}/configmaps/pr-7`)) as { data?: { level?: string } }).data?.level
      assert.equal(await level(), read)

      const pushed = await previews.on('synchronize', { ...event, ...at(unread) })
      assert.equal(pushed.status, 'rejected', pushed.log)
      assert.equal(await level(), read)
      const closed = await previews.on('closed', { ...event, sha: unread })
      assert.equal(closed.status, 'removed', closed.log)
      assert.equal(await previews.live(), undefined)
    },
  )

  staged('is not deployed by its number', options, async (stage, _helm, context) => {
    const previews = previewsOn(stage, context)
    stage.github.setPull({ number: 7, head: { ref: 'x', sha: read, repo: fork } })
    const event = { name: 'workflow_dispatch', payload: { inputs: { 'pr-number': '7' } } }
    const run = await previews.sweep({ 'pr-number': '7' }, event)
    assert.equal(run.status, 'rejected', run.log)
    assert.match(run.outputs['reason'] ?? '', /comes from stranger\/shop, and `pr-number` names no commit of it/)
    assert.equal(await previews.live(), undefined)
  })
})
