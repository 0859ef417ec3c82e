// `mode: plan` tells on the pull request what a deploy would change, and touches nothing.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { kubeconfigOfAccount } from '../../helpers/account.ts'
import { chartOf } from '../../helpers/chart.ts'
import type { Templates } from '../../helpers/chart.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { assertRestored } from '../../helpers/stage.ts'
import type { Deployed, Stage } from '../../helpers/stage.ts'
import { object, web } from '../../scenarios/objects.ts'

const secret = (password: string): object =>
  object('v1', 'Secret', 'access', { stringData: { password, user: 'shop-reader' } })
const settings = (greeting: string): object => object('v1', 'ConfigMap', 'settings', { data: { greeting } })
const one: Templates = { web: web(), access: secret('correct-horse-1'), settings: settings('Welcome') }
const two: Templates = {
  web: web({ container: { image: 'testbed.local/app:2' }, spec: { replicas: 2 } }),
  access: secret('battery-staple-2'),
  settings: settings('Hello'),
  extra: object('v1', 'ConfigMap', 'extra', { data: { of: 'new' } }),
}

const plan = ({ deploy }: Stage, templates: Templates, kubeconfig?: string): Promise<Deployed> =>
  deploy({ mode: 'plan', chart: chartOf(templates) }, kubeconfig === undefined ? {} : { kubeconfig })

/** The revisions of the release, and everything that is in the namespace. */
async function everything({ picture, cluster, namespace, leases }: Stage) {
  const records = (await cluster.releases(namespace)).map(({ revision, status }) => `${revision} ${status}`)
  return { picture: await picture(), records, leases: await leases() }
}

async function assertUntouched(stage: Stage, before: Awaited<ReturnType<typeof everything>>): Promise<void> {
  const after = await everything(stage)
  assertRestored(after.picture, before.picture)
  assert.deepEqual([after.records, after.leases], [before.records, before.leases])
}

function assertKeepsSecrets({ log, comment, outputs, summary }: Deployed): void {
  const everywhere = [
    log,
    comment,
    summary,
    JSON.stringify(outputs),
    readFileSync(outputs['report-file'] ?? '', 'utf8'),
  ]
  const encoded = (text: string): string => Buffer.from(text).toString('base64')
  for (const text of ['correct-horse-1', 'battery-staple-2', 'shop-reader'].flatMap((one) => [one, encoded(one)]))
    assert.ok(!everywhere.join('\n').includes(text), `${text} is nowhere to be seen`)
}

sideBySide('a plan', () => {
  staged('shows what a deploy would change, the images first, and nothing of a Secret', {}, async (stage) => {
    await stage.install(chartOf(one))
    const before = await everything(stage)
    const run = await plan(stage, two)
    assert.deepEqual([run.status, run.outputs['changed'], run.outputs['revision']], ['planned', 'true', '1'], run.log)
    assert.match(run.comment, /📝 `shop` in namespace `[\w-]+` would change/)
    const web =
      'Deployment <code>web</code>: <code>app: testbed.local/app:1 → testbed.local/app:2</code>, <code>replicas: 1 → 2</code>'
    assert.ok(run.comment.includes(`<summary>✏️ changed ${web}</summary>`), run.comment)
    assert.ok(
      run.comment.indexOf(web) < run.comment.indexOf('ConfigMap <code>settings</code>'),
      'the image comes first',
    )
    assert.match(run.comment, /^-  greeting: Welcome$/m)
    assert.match(run.comment, /^\+  greeting: Hello$/m)
    assert.match(run.comment, /new ConfigMap <code>extra<\/code>/)
    assert.match(run.comment, /^-  password: hidden [\da-f]{8}$/m)
    assert.match(run.comment, /^   user: hidden [\da-f]{8}$/m)
    assert.match(run.comment, /The cluster is as revision 1 says/)
    assertKeepsSecrets(run)
    await assertUntouched(stage, before)
  })

  staged('says when nothing would change, and where the cluster has drifted', {}, async (stage) => {
    await stage.install(chartOf(one))
    await stage.cluster.patch(`${stage.path}/configmaps/settings`, { data: { greeting: 'by hand' } })
    const before = await everything(stage)
    const run = await plan(stage, one)
    assert.deepEqual([run.status, run.outputs['changed']], ['planned', 'false'], run.log)
    assert.match(run.comment, /would not change/)
    assert.match(run.comment, /has drifted from revision 1:\n+- ConfigMap `settings` differs \(data\.greeting\)/)
    await assertUntouched(stage, before)
  })

  staged('needs only rights to read', {}, async (stage) => {
    await stage.install(chartOf(one))
    await stage.cluster.patch(`${stage.path}/configmaps/settings`, { data: { greeting: 'by hand' } })
    const verbs = ['get', 'list', 'watch']
    const kubeconfig = await kubeconfigOfAccount(stage, [{ apiGroups: ['', 'apps', 'batch'], resources: ['*'], verbs }])
    const run = await plan(stage, two, kubeconfig)
    assert.deepEqual([run.status, run.outputs['changed']], ['planned', 'true'], run.log)
    assert.match(run.comment, /ConfigMap `settings` differs \(data\.greeting \(compared without the server/)
    assertKeepsSecrets(run)
  })

  staged('of a first install shows everything as new', {}, async (stage) => {
    const before = await everything(stage)
    const run = await plan(stage, one)
    assert.deepEqual([run.status, run.outputs['changed'], run.outputs['revision']], ['planned', 'true', ''], run.log)
    assert.match(run.comment, /new Deployment <code>web<\/code>/)
    assertKeepsSecrets(run)
    await assertUntouched(stage, before)
  })

  staged('rejects what a deploy would be rejected for', {}, async (stage) => {
    await stage.cluster.create(`${stage.path}/configmaps`, { metadata: { name: 'settings' }, data: { of: 'others' } })
    const taken = await plan(stage, one)
    assert.equal(taken.status, 'rejected', taken.log)
    assert.match(
      taken.comment,
      /ConfigMap "settings" in namespace .* exists already and does not belong to this release/,
    )
    const broken = await plan(stage, { ...one, broken: '{{ .Values.none.such }}' })
    assert.equal(broken.status, 'rejected', broken.log)
    assert.match(broken.outputs['reason'] ?? '', /nil pointer/)
  })
})
