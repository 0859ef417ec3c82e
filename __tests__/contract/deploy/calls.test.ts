// How Helm is called, and what it is given to remember of the run.
import assert from 'node:assert/strict'
import { missingImage } from '../../helpers/broken.ts'
import { fixtureChart } from '../../helpers/helm.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { witnessHelm } from '../../helpers/witness.ts'

sideBySide('Helm', () => {
  staged('is told the run, its attempt, actor and commit', {}, async ({ deploy, helm, cluster, path }) => {
    const run = await deploy({ chart: fixtureChart('settings') }, { runId: 4711, runAttempt: 3, actor: 'ada' })
    assert.equal(run.status, 'deployed', run.log)
    const [record] = await cluster.list(`${path}/secrets?labelSelector=owner%3Dhelm`)
    const [entry] = JSON.parse((await helm('history', 'shop', '--output', 'json')).stdout) as { description: string }[]
    const labels = JSON.stringify(record?.metadata.labels)
    for (const part of ['4711', '3', 'ada', 'b81e77d']) {
      assert.ok(labels.includes(part), `${part} in the labels ${labels}`)
      assert.ok(entry?.description.includes(part), `${part} in the description ${entry?.description}`)
    }
  })

  staged('never undoes by itself, and forgets old values', {}, async ({ install, deploy, testbed }, { dir }) => {
    await install('shop')
    const witness = witnessHelm(dir)
    const values = 'greeting: Canary-1c9f'
    const run = await deploy({ set: missingImage(testbed), values, timeout: '90s' }, { path: [witness.directory] })
    assert.equal(run.status, 'rolled-back', run.log)
    const calls = witness.calls()
    const verbs = calls.map(([verb]) => verb).filter((verb) => verb !== 'version')
    assert.deepEqual(verbs, ['upgrade', 'rollback'])
    const upgrade = calls.find(([verb]) => verb === 'upgrade') ?? []
    for (const flag of ['--install', '--reset-values', '--timeout=1m30s', '--history-max=10'])
      assert.ok(upgrade.includes(flag), `${flag} in ${upgrade.join(' ')}`)
    for (const call of calls) {
      assert.doesNotMatch(call.join(' '), /--(atomic|rollback-on-failure|force|cleanup-on-fail)\b/)
      assert.doesNotMatch(call.join(' '), /Canary/, 'values are no arguments, which every process can read')
    }
  })
})
