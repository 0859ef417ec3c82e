// All evidence together has 20 s: slow logs are waited for, and what does not come in time is told as missing.
import assert from 'node:assert/strict'
import { startFaultyApi, type ApiFault } from '../../helpers/faulty-api.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { assertRestored, type Deployed, type Stage } from '../../helpers/stage.ts'

/** A deploy that never gets ready, and whose log is read over a line with this fault. */
async function deployOver({ deploy, testbed }: Stage, fault: ApiFault): Promise<{ run: Deployed; evidenceMs: number }> {
  const line = await startFaultyApi(testbed)
  try {
    line.fail({ ...fault, times: Infinity, on: { path: /\/log\?/ } })
    const run = await deploy({ set: 'neverReady=true', timeout: '8s' }, { kubeconfig: line.kubeconfig })
    const phase = run.report.phases.find(({ name }) => name === 'evidence')
    return { run, evidenceMs: phase?.durationMs ?? 0 }
  } finally {
    await line.close()
  }
}

sideBySide('the evidence', () => {
  staged('waits for a log that is slow', {}, async (stage) => {
    await stage.install('shop')
    const { run } = await deployOver(stage, { as: 'delay', ms: 6500 })
    assert.equal(run.status, 'rolled-back', run.log)
    assert.match(run.report.findings[0]?.evidence.logs.join('\n') ?? '', /listening on port/, run.log)
    assert.doesNotMatch(run.report.warnings.join(), /missing/)
  })

  staged('has an end when nobody answers, and says what it lacks', {}, async (stage) => {
    await stage.install('shop')
    const before = await stage.picture()
    const { run, evidenceMs } = await deployOver(stage, { as: 'hang' })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    assert.ok(evidenceMs > 19_000 && evidenceMs < 23_000, `${evidenceMs} ms`)
    assert.match(run.report.warnings.join('\n'), /the log of Pod\/shop-\S+, container \S+, is missing/, run.log)
    assertRestored(await stage.picture(), before)
  })
})
