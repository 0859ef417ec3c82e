// `test: true`: the chart's own tests are part of the deploy.
import assert from 'node:assert/strict'
import { deployment, job, writeChart } from '../../helpers/chart.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { assertRestored } from '../../helpers/stage.ts'

const chart = (args: string[], greeting: string): string =>
  writeChart({
    'templates/web.yaml': deployment('web', ['serve', `--message=${greeting}`]),
    'templates/smoke.yaml': job('smoke', args, { 'helm.sh/hook': 'test' }),
  })

sideBySide('helm test', () => {
  staged('rolls back when it fails, with its log', {}, async ({ install, deploy, picture }) => {
    await install(chart(['exit', '0'], 'one'))
    const before = await picture()
    const run = await deploy({ chart: chart(['crash', 'FATAL: the shop does not sell'], 'two'), test: 'true' })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    const [finding] = run.report.findings
    assert.deepEqual([finding?.class, finding?.resource.kind, finding?.resource.name], ['hook-failed', 'Job', 'smoke'])
    assert.match(JSON.stringify(finding), /FATAL: the shop does not sell/)
    assertRestored(await picture(), before)
  })

  staged('passes, and is left out unless it is asked for', {}, async ({ deploy }) => {
    const passing = await deploy({ chart: chart(['exit', '0'], 'one'), test: 'true' })
    assert.equal(passing.status, 'deployed', passing.log)
    assert.doesNotMatch(passing.log, /::group::.*\n::endgroup::/, 'no phase is empty')
    const unasked = await deploy({ chart: chart(['crash'], 'two') })
    assert.equal(unasked.status, 'deployed', unasked.log)
  })
})
