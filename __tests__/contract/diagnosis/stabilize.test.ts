// What was ready and fails while it is watched on takes the release back, at the first crash.
import assert from 'node:assert/strict'
import { deployment, job, writeChart } from '../../helpers/chart.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { assertRestored } from '../../helpers/stage.ts'

const web = (...args: string[]): string => writeChart({ 'templates/web.yaml': deployment('web', ['serve', ...args]) })

/** How it fails after it was ready, and what is found. */
const failures: [name: string, chart: string, found: string, cause: RegExp][] = [
  ['a crash', web('--exit-after=4s'), 'crash-loop Deployment/web', /container app exited with 1/],
  ['lost readiness', web('--unready-after=4s'), 'not-ready Deployment/web', /never became ready|readiness probe/],
  [
    'a Job that fails',
    writeChart({
      'templates/web.yaml': deployment('web', ['serve']),
      'templates/job.yaml': job('reindex', ['crash', '--delay=6s', 'ERROR: index is locked']),
    }),
    'job-failed Job/reindex',
    /the Job failed/,
  ],
]

sideBySide('while it is watched on', () => {
  for (const [name, chart, found, cause] of failures) {
    staged(`${name} takes the release back`, {}, async ({ install, deploy, picture }) => {
      await install(web())
      const before = await picture()
      const run = await deploy({ chart, stabilize: '40s' })
      assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
      const [finding] = run.report.findings
      assert.equal(`${finding?.class} ${finding?.resource.kind}/${finding?.resource.name}`, found, run.log)
      assert.match(finding?.cause ?? '', cause)
      assert.match(run.log, /complete; watched for 40s more/)
      assertRestored(await picture(), before)
    })
  }

  staged('a release that stays well is deployed, after that time', {}, async ({ deploy }) => {
    const run = await deploy({ chart: web(), stabilize: '5s' })
    assert.equal(run.status, 'deployed', run.log)
    const phase = run.report.phases.find(({ name }) => name === 'deploy')
    assert.ok((phase?.durationMs ?? 0) >= 5000, JSON.stringify(run.report.phases))
    assert.deepEqual(run.warnings, [])
  })

  staged('without it, what fails later is not seen', {}, async ({ deploy }) => {
    const run = await deploy({ chart: web('--exit-after=30s') })
    assert.equal(run.status, 'deployed', run.log)
  })
})
