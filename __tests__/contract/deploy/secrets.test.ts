// A secret shows nowhere: not in log, comment, summary, report or outputs, neither plain nor in base64.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { deployment, job, writeChart } from '../../helpers/chart.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import type { Deployed } from '../../helpers/stage.ts'

const canary = 'Canary-7f3a9c51-Xq'
const base64 = Buffer.from(canary).toString('base64')
const token = 'gh-canary-4711-token'
const world = { tokens: { [token]: { login: 'github-actions[bot]', type: 'Bot', rights: 'write' } } } as const
const secret = `{apiVersion: v1, kind: Secret, metadata: {name: database}, stringData: {password: {{ .Values.password | quote }}}}`
const says = ['crash', `FATAL: login as shop with ${canary} failed`, `encoded: ${base64}`, `url: db://x/?p=${canary}`]

function assertHidden(run: Deployed): void {
  // What the runner itself masks may name the secret: that is how it gets to know it.
  const log = run.log.replaceAll(/^::add-mask::.*$/gm, '')
  const places: Record<string, string> = {
    log,
    comment: run.comment,
    summary: run.summary,
    report: readFileSync(run.outputs['report-file'] ?? '', 'utf8'),
    outputs: JSON.stringify(run.outputs),
    annotations: JSON.stringify(run.annotations),
  }
  for (const [name, text] of Object.entries(places))
    for (const [what, form] of Object.entries({ canary, base64: base64.replaceAll('=', ''), token }))
      assert.ok(!text.includes(form), `${name} shows the ${what}:\n${text}`)
}

sideBySide('a secret', () => {
  staged('of a Secret that a crashed hook prints is hidden', world, async ({ deploy, install }) => {
    await install('settings')
    const chart = writeChart({
      'templates/secret.yaml': secret,
      'templates/hook.yaml': job('migrate', says, { 'helm.sh/hook': 'pre-upgrade' }),
    })
    const run = await deploy({ chart, values: `password: ${canary}` }, { token })
    assert.equal(run.status, 'rolled-back', run.log)
    assert.match(run.comment, /FATAL: login as shop with \*\*\*/)
    assertHidden(run)
  })

  staged('of the deployed revision is hidden too', world, async ({ deploy }) => {
    const first = writeChart({ 'templates/secret.yaml': secret })
    assert.equal((await deploy({ chart: first, 'set-string': `password=${canary}` }, { token })).status, 'deployed')
    const chart = writeChart({ 'templates/hook.yaml': job('migrate', says, { 'helm.sh/hook': 'pre-upgrade' }) })
    const run = await deploy({ chart }, { token })
    assert.equal(run.status, 'rolled-back', run.log)
    assertHidden(run)
  })

  staged('that main has found is hidden by the post step as well', world, async ({ deploy, install }) => {
    // Slow enough that main is cancelled beside its rollback, and post tells of it.
    const back = job('back', ['sleep', '5s'], { 'helm.sh/hook': 'pre-rollback' })
    // In the release alone: what inputs say is known anyway.
    const files = {
      'templates/secret.yaml': secret.replace('{{ .Values.password | quote }}', canary),
      'templates/back.yaml': back,
    }
    await install(writeChart(files))
    const migrate = job('migrate', says, { 'helm.sh/hook': 'pre-upgrade' })
    const run = await deploy(
      { chart: writeChart({ ...files, 'templates/hook.yaml': migrate }) },
      { token, cancelWhen: (line) => /rolling back to revision 1/.test(line) },
    )
    assert.deepEqual([run.status, run.report.rollback], ['cancelled', 'restored'], run.log)
    assert.match(run.comment, /FATAL: login as shop with \*\*\*/)
    assertHidden(run)
  })

  staged(
    'that a pod reads from a Secret of the namespace is hidden',
    world,
    async ({ deploy, cluster, path, install }) => {
      await install('settings')
      await cluster.create(`${path}/secrets`, { metadata: { name: 'outside' }, stringData: { password: canary } })
      const env = [{ name: 'DB', valueFrom: { secretKeyRef: { name: 'outside', key: 'password' } } }]
      const chart = writeChart({ 'templates/app.yaml': deployment('app', ['env', 'DB'], { env }) })
      const run = await deploy({ chart, timeout: '6s' }, { token })
      assert.equal(run.status, 'rolled-back', run.log)
      assertHidden(run)
    },
  )

  staged('in values is hidden when the values are bad', world, async ({ deploy, install }) => {
    await install('shop')
    const bad: Record<string, string>[] = [
      { values: `password: ${canary}\nreplicas: ${canary}` },
      { values: `password: ${canary}\n  replicas: [` },
      { 'set-string': `password=${canary}\n${canary}` },
      { 'set-json': `password=${canary}` },
    ]
    for (const inputs of bad) {
      const run = await deploy(inputs, { token })
      assert.equal(run.status, 'rejected', run.log)
      assertHidden(run)
    }
  })
})
