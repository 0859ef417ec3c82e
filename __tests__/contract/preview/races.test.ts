// What happens to a preview when people push, close and reopen faster than runs end.
import assert from 'node:assert/strict'
import { until } from '../../helpers/cluster.ts'
import { installation } from '../../helpers/github/world.ts'
import type { GitHub } from '../../helpers/github/server.ts'
import { fixtureChart } from '../../helpers/helm.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { commits, previewsOn } from '../../helpers/previews.ts'

const [first, second] = commits
const head = (sha: string) => ({ head: { ref: 'faster-checkout', sha } })
/** Becomes ready late, so that there is time for something to happen meanwhile. */
const slow = { chart: fixtureChart('shop'), set: 'slowStart=4s\nreplicas=1' }

const asked = (github: GitHub): number => github.requests().filter(({ path }) => path.endsWith('/pulls/7')).length

sideBySide('a preview whose pull request', () => {
  const only = { only: 4, exists: false } as const

  staged('is at a newer commit stands down and says nothing', only, async (stage, _helm, context) => {
    const previews = previewsOn(stage, context)
    const late = await previews.on('synchronize', { sha: first, pull: head(second) })
    assert.equal(late.status, 'rejected', late.log)
    assert.match(late.outputs['reason'] ?? '', new RegExp(`^pull request 7 is at commit ${second.slice(0, 12)} by now`))
    assert.deepEqual([await previews.live(), stage.github.comments(7)], [undefined, []])

    const newer = await previews.on('synchronize', { sha: second })
    assert.equal(newer.status, 'deployed', newer.log)
    const again = await previews.on('synchronize', { sha: first, pull: head(second) })
    assert.deepEqual([again.status, again.outputs['revision']], ['rejected', '1'], again.log)
    assert.equal(stage.github.comments(7)[0]?.body, newer.comment)
    assert.equal((await stage.cluster.releases(previews.namespace, 'pr-7')).length, 1)
  })

  staged('is closed before it is its turn leaves nothing', only, async (stage, _helm, context) => {
    const previews = previewsOn(stage, context)
    const run = await previews.on('opened', { pull: { state: 'closed' } })
    assert.equal(run.status, 'removed', run.log)
    assert.equal(await previews.live(), undefined)
    assert.doesNotMatch(run.log, /helm upgrade (?!--install)/)
  })

  staged('is closed while it is deployed is removed at the end', only, async (stage, _helm, context) => {
    const previews = previewsOn(stage, context)
    const running = previews.on('opened', { inputs: { ...slow, environment: 'preview' } })
    await until('the first question', async () => asked(stage.github) > 0)
    stage.github.setPull({ number: 7, state: 'closed' })
    const run = await running
    assert.equal(run.status, 'removed', run.log)
    assert.equal(asked(stage.github), 2)
    assert.equal(await previews.live(), undefined)
    assert.match(run.comment, /is removed from/)
    assert.deepEqual(
      stage.github.deployments().map(({ statuses }) => statuses.at(-1)?.state),
      ['inactive'],
    )
  })

  staged(
    'is closed by one run while another deploys is gone when both have ended',
    only,
    async (stage, _helm, context) => {
      const previews = previewsOn(stage, context)
      const opening = previews.on('opened', { inputs: slow })
      await until('the first question', async () => asked(stage.github) > 0)
      const closing = previews.on('closed')
      const [opened, closed] = await Promise.all([opening, closing])
      assert.deepEqual([opened.status, closed.status], ['removed', 'removed'], `${opened.log}\n${closed.log}`)
      assert.equal(await previews.live(), undefined)
    },
  )

  staged('is reopened before its removal begins stays', only, async (stage, _helm, context) => {
    const previews = previewsOn(stage, context)
    const opened = await previews.on('opened')
    const closed = await previews.on('closed', { pull: { state: 'open' } })
    assert.equal(closed.status, 'rejected', closed.log)
    assert.match(closed.outputs['reason'] ?? '', /is open again: its preview stays/)
    assert.equal(closed.comment, opened.comment)
    assert.ok(await previews.live())
  })

  staged('is closed is removed, whatever an answer says that is older', only, async (stage, _helm, context) => {
    const previews = previewsOn(stage, context)
    await previews.on('opened')
    const pull = { state: 'open', updatedAt: '2026-11-28T12:00:00Z' } as const
    const closed = await previews.on('closed', { updatedAt: '2026-11-28T12:00:07Z', pull })
    assert.equal(closed.status, 'removed', closed.log)
    assert.equal(await previews.live(), undefined)
  })

  staged('is reopened while it is removed is there again', only, async (stage, _helm, context) => {
    const previews = previewsOn(stage, context)
    await previews.on('opened')
    const closing = previews.on('closed')
    await until('the removal', async () => (await previews.live())?.metadata.deletionTimestamp)
    const [closed, reopened] = await Promise.all([closing, previews.on('reopened')])
    assert.deepEqual([closed.status, reopened.status], ['removed', 'deployed'], `${closed.log}\n${reopened.log}`)
    assert.match(stage.github.comments(7).at(-1)?.body ?? '', /is deployed to/)
  })

  const blind = { tokens: { bot: installation('none') } }
  staged(
    'cannot be read is deployed, and never removed for that',
    { ...only, ...blind },
    async (stage, _helm, context) => {
      const previews = previewsOn(stage, context)
      const run = await previews.on('opened', { pull: { state: 'closed' } })
      assert.equal(run.status, 'deployed', run.log)
      assert.ok(
        run.report.warnings.some((text) => text.includes('pull-requests: read')),
        run.report.warnings.join('\n'),
      )
      assert.ok(await previews.live())
    },
  )
})
