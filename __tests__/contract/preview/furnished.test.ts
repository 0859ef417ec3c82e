// What a preview's namespace is given before the deploy: limits and pull secrets; and texts of strangers that stay texts.
import assert from 'node:assert/strict'
import { kubeconfigFor } from '../../testbed/testbed.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { previewsOn } from '../../helpers/previews.ts'

const quota = `
hard: {pods: 9, requests.cpu: "2"}
limits: {default: {memory: 64Mi}, defaultRequest: {cpu: 10m, memory: 16Mi}}
networkPolicy: isolate
`
const dockerConfig = (user: string): string =>
  Buffer.from(JSON.stringify({ auths: { 'registry.example': { username: user } } })).toString('base64')

sideBySide('the namespace of a preview', () => {
  const only = { only: 4, exists: false } as const

  staged('has the limits that are asked for, and no longer', only, async (stage, _helm, context) => {
    const previews = previewsOn(stage, context)
    const paths = {
      quota: `${previews.path}/resourcequotas/atomic-helm-preview`,
      limits: `${previews.path}/limitranges/atomic-helm-preview`,
      policy: `/apis/networking.k8s.io/v1/namespaces/${previews.namespace}/networkpolicies/atomic-helm-preview`,
    }
    const spec = async (path: string): Promise<unknown> => (await stage.cluster.get(path))?.['spec']
    const opened = await previews.on('opened', { inputs: { 'preview-quota': quota } })
    assert.equal(opened.status, 'deployed', opened.log)
    assert.deepEqual(await spec(paths.quota), { hard: { pods: '9', 'requests.cpu': '2' } })
    assert.deepEqual(await spec(paths.limits), {
      limits: [{ type: 'Container', default: { memory: '64Mi' }, defaultRequest: { cpu: '10m', memory: '16Mi' } }],
    })
    assert.ok(await spec(paths.policy))

    const pushed = await previews.on('synchronize', { inputs: { 'preview-quota': 'hard: {pods: 3}' } })
    assert.equal(pushed.status, 'deployed', pushed.log)
    assert.deepEqual(await spec(paths.quota), { hard: { pods: '3' } })
    assert.deepEqual([await spec(paths.limits), await spec(paths.policy)], [undefined, undefined])

    const wrong = await previews.on('synchronize', { inputs: { 'preview-quota': 'hard: {nonsense/a/b: 3}' } })
    assert.equal(wrong.status, 'rejected', wrong.log)
    assert.match(wrong.outputs['reason'] ?? '', /ResourceQuota cannot be brought in line/)
    assert.equal((await stage.cluster.releases(previews.namespace, 'pr-7')).length, 2)
    assert.equal((await previews.on('closed')).status, 'removed')
  })

  staged('has copies of pull secrets, which follow their source', { only: 4 }, async (stage, _helm, context) => {
    const previews = previewsOn(stage, context)
    const secrets = `${stage.path}/secrets`
    const secret = (name: string, type: string, data: Record<string, string>) => ({ metadata: { name }, type, data })
    const type = 'kubernetes.io/dockerconfigjson'
    await stage.cluster.create(secrets, secret('registry', type, { '.dockerconfigjson': dockerConfig('one') }))
    await stage.cluster.create(secrets, secret('database', 'Opaque', { password: 'aHVudGVyMg==' }))
    const copy = (names: string) => ({ inputs: { 'preview-copy-secrets': names } })

    const wrong = await previews.on('opened', copy(`${stage.namespace}/database\n${stage.namespace}/none`))
    assert.equal(wrong.status, 'rejected', wrong.log)
    assert.match(wrong.outputs['reason'] ?? '', /database is of the type Opaque.*none does not exist/)
    assert.equal(await previews.live(), undefined)

    const opened = await previews.on('opened', copy(`${stage.namespace}/registry`))
    assert.equal(opened.status, 'deployed', opened.log)
    const copied = async () => (await stage.cluster.get(`${previews.path}/secrets/registry`)) ?? { metadata: {} }
    const first = (await copied()) as { type?: string; data?: unknown }
    assert.deepEqual([first.type, first.data], [type, { '.dockerconfigjson': dockerConfig('one') }])

    await stage.cluster.patch(`${secrets}/registry`, { data: { '.dockerconfigjson': dockerConfig('two') } })
    await previews.on('synchronize', copy(`${stage.namespace}/registry`))
    assert.deepEqual(((await copied()) as { data?: unknown }).data, { '.dockerconfigjson': dockerConfig('two') })
    assert.ok(!opened.log.includes(dockerConfig('one')))
  })

  staged(
    'needs permissions, which are named before anything is touched',
    { only: 4 },
    async (stage, _helm, context) => {
      const previews = previewsOn(stage, context)
      await stage.cluster.create(`${stage.path}/serviceaccounts`, { metadata: { name: 'nobody' } })
      const made = await stage.cluster.create(`${stage.path}/serviceaccounts/nobody/token`, { spec: {} })
      const { token } = made['status'] as { token: string }
      const kubeconfig = kubeconfigFor(stage.testbed, { token }, stage.namespace)
      const run = await previews.on('opened', {
        inputs: { kubeconfig, 'preview-copy-secrets': `${stage.namespace}/registry` },
      })
      assert.equal(run.status, 'rejected', run.log)
      assert.match(run.report.problems[0]?.remedy ?? '', /Grant `get` on secrets in the namespace/)
      const second = await previews.on('opened', { inputs: { kubeconfig } })
      assert.equal(second.status, 'rejected', second.log)
      assert.match(second.report.problems[0]?.remedy ?? '', /Grant `get`, `create`.* on namespaces/)
      assert.equal(await previews.live(), undefined)
    },
  )

  staged('comes from names that are hostile, and from nothing but them', only, async (stage, _helm, context) => {
    const previews = previewsOn(stage, context)
    const run = await previews.on('opened', {
      headRef: '$(rm -rf)`touch /tmp/h4-owned`"; --all-namespaces',
      title: '[x](https://e.example) <script> ![i](https://e.example/i.png) @everyone',
      inputs: { values: 'data: {branch: "{{ branch }}", "k-{{ pr }}": "{{ sha }}"}' },
    })
    assert.equal(run.status, 'deployed', run.log)
    const map = (await stage.cluster.get(`${previews.path}/configmaps/pr-7`)) as
      | { data?: Record<string, string> }
      | undefined
    assert.match(map?.data?.['branch'] ?? '', /^rm-rf-touch-tmp-h4-owned-all-namespaces-[\da-f]{8}$/)
    assert.doesNotMatch(run.comment, /e\.example|everyone|<script>/)
    const odd = await stage.deploy(previews.inputs, {
      event: {
        name: 'pull_request',
        payload: { action: 'closed', pull_request: { number: '7 --all', state: 'closed' } },
      },
    })
    assert.equal(odd.status, 'rejected', odd.log)
    assert.match(odd.outputs['reason'] ?? '', /names no pull request with a number/)
    assert.ok(await previews.live())
  })
})
