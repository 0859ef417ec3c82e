// A sweep removes the previews whose pull request is closed or whose time is over, and nothing that anybody may still need.
import assert from 'node:assert/strict'
import { chartOf } from '../../helpers/chart.ts'
import { uniqueName, until } from '../../helpers/cluster.ts'
import { installation } from '../../helpers/github/world.ts'
import { fixtureChart, runHelm } from '../../helpers/helm.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { previewsOn } from '../../helpers/previews.ts'

type Row = { pull: number | null; namespace: string; outcome: string; why: string }

const rowsOf = (report: object): Row[] => (report as { sweep: Row[] | null }).sweep ?? []
const slow = { chart: fixtureChart('shop'), set: 'slowStart=4s\nreplicas=1' }
const byHand = { name: 'workflow_dispatch', payload: { inputs: {} } }

/** A sweep sees all previews of its repository, so each test has one of its own. */
function own(): { only: 4; exists: false; repo: string } {
  return { only: 4, exists: false, repo: `org/${uniqueName('sweep')}` }
}

sideBySide('a sweep', () => {
  const mixed = own()
  staged('removes what is closed or over, and tells of each why', mixed, async (stage, helm, context) => {
    const previews = previewsOn(stage, context, mixed.repo)
    const inputs = { environment: 'preview', 'preview-ttl': '7d' }
    for (const number of [1, 2, 3, 4, 5]) {
      const run = await previews.on('opened', { number, inputs })
      assert.equal(run.status, 'deployed', run.log)
    }
    const nameOf = (number: number): string => `${stage.namespace}-${number}`
    const pathOf = (number: number): string => `/api/v1/namespaces/${nameOf(number)}`
    stage.github.setPull({ number: 2, state: 'closed' })
    const past = { annotations: { 'atomic-helm.dev/expires-at': new Date(Date.now() - 3_700_000).toISOString() } }
    await stage.cluster.patch(pathOf(3), { metadata: past })
    stage.github.fail({ as: 502, on: { path: /\/pulls(\/4)?$/ }, times: 50 })
    // Another tenant, who may label namespaces: one names a closed pull request, one has copied all that a preview has.
    await stage.cluster.patch(pathOf(5), { metadata: { labels: { 'atomic-helm.dev/pull-request': '2' } } })
    const { labels = {}, annotations = {} } = (await previews.live(2))?.metadata ?? {}
    const foreign = `${stage.namespace}-foreign`
    context.after(() => stage.cluster.remove(`/api/v1/namespaces/${foreign}`))
    await stage.cluster.create('/api/v1/namespaces', { metadata: { name: foreign, labels, annotations } })
    const theirs = ['install', 'theirs', fixtureChart('settings'), '--namespace', foreign]
    assert.equal((await runHelm(helm.dir, stage.testbed.kubeconfig, theirs)).exitCode, 0)

    const swept = await previews.sweep()
    assert.deepEqual([swept.status, swept.outputs['changed']], ['removed', 'true'], swept.log)
    const rows = rowsOf(swept.report).map(({ pull, namespace, outcome, why }) => [outcome, pull, namespace, why])
    const found = (namespace: string): unknown[] => rows.find((row) => row[2] === namespace) ?? []
    assert.deepEqual(found(nameOf(2)), ['removed', 2, nameOf(2), 'its pull request is closed'])
    assert.match(String(found(nameOf(3))[3]), /^it expired 1h\d+m ago$/)
    assert.match(String(found(nameOf(1))[3]), /^its pull request is open, and it has 6d/)
    assert.match(String(found(nameOf(4))[3]), /^whether pull request 4 is open cannot be read/)
    assert.match(String(found(nameOf(5))[3]), /its annotations are not those that a deploy writes/)
    assert.deepEqual(found(foreign), ['kept', 2, foreign, 'it holds theirs, which no preview has made'])
    assert.equal(rows.length, 6)
    for (const [outcome, , namespace] of rows) {
      assert.equal((await stage.cluster.namespaceExists(String(namespace))) ? 'kept' : 'removed', outcome)
      assert.ok(swept.summary.includes(`\`${String(namespace)}\``), swept.summary)
    }
    assert.equal((await stage.cluster.releases(foreign, 'theirs')).length, 1)

    const bodyOf = (number: number): string => stage.github.comments(number).at(-1)?.body ?? ''
    assert.match(bodyOf(2), /is removed from(.|\n)*is gone: its pull request is closed\./)
    assert.match(bodyOf(3), /is gone: it expired 1h\d+m ago\. The next push brings it back\./)
    assert.match(bodyOf(1), /is deployed to/)
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((number) => stage.github.comments(number).length),
      [1, 1, 1, 1, 1],
    )
    const states = stage.github.deployments().map(({ statuses }) => statuses.at(-1)?.state)
    assert.deepEqual(states, ['success', 'inactive', 'inactive', 'success', 'success'])

    const pushed = await previews.on('synchronize', { number: 3, inputs })
    assert.equal(pushed.status, 'deployed', pushed.log)
  })

  const stuck = own()
  staged('names what does not go, and removes the others', stuck, async (stage, _helm, context) => {
    const previews = previewsOn(stage, context, stuck.repo)
    const metadata = { name: 'held', finalizers: ['example.com/hold'] }
    const chart = chartOf({ held: { apiVersion: 'v1', kind: 'ConfigMap', metadata } })
    await previews.on('opened', { number: 1, inputs: { chart } })
    await previews.on('opened', { number: 2 })
    for (const number of [1, 2]) stage.github.setPull({ number, state: 'closed' })
    const swept = await previews.sweep({ 'rollback-timeout': '4s' }, byHand)
    assert.equal(swept.status, 'rollback-failed', swept.log)
    const outcomes = rowsOf(swept.report).map(({ pull, outcome }) => [pull, outcome])
    assert.deepEqual(outcomes, [
      [1, 'failed'],
      [2, 'removed'],
    ])
    assert.match(swept.outputs['reason'] ?? '', /held by example\.com\/hold/)
    const command = `kubectl -n ${stage.namespace}-1 patch configmaps held --type=merge`
    assert.ok(swept.report.undo?.commands.some((one) => one.startsWith(command)))
    await stage.cluster.patch(`/api/v1/namespaces/${stage.namespace}-1/configmaps/held`, {
      metadata: { finalizers: null },
    })
    const again = await previews.sweep({}, byHand)
    assert.equal(again.status, 'removed', again.log)
    assert.equal(await previews.live(1), undefined)
    const nothing = await previews.sweep({}, byHand)
    assert.deepEqual([nothing.status, nothing.outputs['changed']], ['removed', 'false'], nothing.log)
  })

  const blind = { ...own(), tokens: { bot: installation('none') } }
  staged('removes nothing when no pull request can be read', blind, async (stage, _helm, context) => {
    const previews = previewsOn(stage, context, blind.repo)
    assert.equal((await previews.on('opened', { pull: { state: 'closed' } })).status, 'deployed')
    const swept = await previews.sweep()
    assert.equal(swept.status, 'rejected', swept.log)
    assert.match(swept.outputs['reason'] ?? '', /No pull request can be read, so no preview is removed/)
    assert.ok(await previews.live())
  })

  const busy = own()
  staged('leaves alone what another run works on', busy, async (stage, _helm, context) => {
    const previews = previewsOn(stage, context, busy.repo)
    const opening = previews.on('opened', { inputs: slow })
    await until('the deploy', async () => (await stage.cluster.releases(previews.namespace)).length > 0)
    stage.github.setPull({ number: 7, state: 'closed' })
    const swept = await previews.sweep()
    const rows = rowsOf(swept.report).map(({ outcome, why }) => `${outcome}: ${why}`)
    const opened = await opening
    // That run may have removed it before the sweep could tell that it was alive.
    assert.match(rows.join(), /^(kept: another run works on it: .*|removed: its pull request is closed)$/, swept.log)
    assert.deepEqual([swept.status, opened.status], ['removed', 'removed'], `${swept.log}\n${opened.log}`)
    assert.equal(await previews.live(), undefined)
  })
})
