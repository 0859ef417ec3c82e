// What only time can tell, and what happens when the user wants to wait it out.
import assert from 'node:assert/strict'
import { stripVTControlCharacters } from 'node:util'
import { missingImage } from '../../helpers/broken.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { assertRestored } from '../../helpers/stage.ts'
import type { Deployed } from '../../helpers/stage.ts'

const deployMs = ({ report }: Deployed): number => report.phases.find(({ name }) => name === 'deploy')?.durationMs ?? 0

/** What is left stands in the log every 15 s, aligned, and nothing else is told again and again. */
function assertTables({ log }: Deployed): void {
  const lines = stripVTControlCharacters(log).split('\n')
  const heads = lines.flatMap((line, at) => (/^ +[\d.]+s {2}waiting for 1 of \d+$/.test(line) ? [at] : []))
  const seconds = heads.map((at) => Number.parseFloat(lines[at] ?? ''))
  assert.equal(heads.length, 2, log)
  assert.ok(Math.abs((seconds[1] ?? 0) - (seconds[0] ?? 0) - 15) < 2, `at ${seconds.join(' and ')} s`)
  for (const at of heads) {
    const [head = '', row = '', next = ''] = lines.slice(at + 1, at + 4)
    assert.match(head, /^ +resource +ready +waits for +since$/)
    assert.match(row, /^ +Deployment\/shop +[01]\/1 +\S.* +\d+ s$/)
    for (const name of ['ready', 'waits for'])
      assert.match(row.slice(head.indexOf(name) - 2), /^ {2}\S/, `${head}\n${row}`)
    assert.equal(head.length, row.length)
    assert.doesNotMatch(next, /Deployment\/shop +\d\/\d/)
  }
  const told = lines.map((line) => line.replace(/^ +[\d.]+s {2}/, '').replaceAll(/\d+ s$/g, '')).filter(Boolean)
  const most = Math.max(...told.map((line) => told.filter((other) => other === line).length))
  assert.ok(most <= 4, `a line is told ${String(most)} times:\n${log}`)
}

sideBySide('the timeout', () => {
  staged('judges readiness, with what the probe was told', {}, async ({ install, deploy, picture }) => {
    await install('shop')
    const before = await picture()
    const run = await deploy({ set: 'neverReady=true', timeout: '12s' })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    const [finding] = run.report.findings
    assert.deepEqual(
      [finding?.class, finding?.resource.kind, finding?.resource.name],
      ['not-ready', 'Deployment', 'shop'],
    )
    assert.ok(deployMs(run) >= 11_900, `not before the timeout: ${deployMs(run)} ms`)
    assert.match(run.comment, /not ready: waiting for the database|statuscode: 503/)
    assertRestored(await picture(), before)
  })

  staged('is waited out for an image when fail-fast is off', {}, async ({ install, deploy, picture, testbed }) => {
    await install('shop')
    const before = await picture()
    const run = await deploy({ set: missingImage(testbed), timeout: '14s', 'fail-fast': 'false' })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    assert.equal(run.report.findings[0]?.class, 'image-pull')
    assert.ok(deployMs(run) >= 13_900, `not before the timeout: ${deployMs(run)} ms`)
    assertRestored(await picture(), before)
  })

  staged('does not end a deploy that is only slow', {}, async ({ install, deploy, cluster, namespace }) => {
    await install('shop')
    const run = await deploy({ set: 'slowStart=33s\nreplicas=1\nimage.tag=2', timeout: '2m' })
    assert.equal(run.status, 'deployed', run.log)
    assertTables(run)
    assert.deepEqual(
      [run.outputs['revision'], run.outputs['previous-revision'], run.outputs['changed']],
      ['2', '1', 'true'],
    )
    const [latest] = (await cluster.releases(namespace)).toReversed()
    assert.equal(latest?.status, 'deployed')
  })

  staged('covers hooks: one that runs too long is ended before anything is undone', {}, async (stage) => {
    const { install, deploy, picture } = stage
    await install('shop')
    const before = await picture()
    const set = 'migrate.run=succeed\nmigrate.takes=10m\ngreeting=Hello'
    const run = await deploy({ set, timeout: '5s', 'rollback-timeout': '10s' })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    const [finding] = run.report.findings
    assert.deepEqual([finding?.class, finding?.resource.name], ['hook-failed', 'shop-migrate'])
    assert.match(finding?.cause ?? '', /in time/)
    assertRestored(await picture(), before)
  })
})
