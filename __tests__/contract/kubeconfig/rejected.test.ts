// What is wrong is told all at once, with remedies, before anything is touched.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fixtureChart } from '../../helpers/helm.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { kubeconfigFor } from '../../testbed/testbed.ts'

const settings = fixtureChart('settings')

sideBySide('a bad run', () => {
  staged('is rejected with all problems in one message', {}, async ({ deploy, picture, testbed }) => {
    const before = await picture()
    const workspace = join(temporaryDirectory('workspace'), 'work')
    mkdirSync(workspace)
    writeFileSync(join(workspace, 'bad.yaml'), 'a: [1\nb: 2\n')
    const release = 'x'.repeat(54)
    const run = await deploy(
      {
        release,
        chart: 'charts/nowhere',
        'wait-for-jobs': 'yes',
        timeout: '5 minutes',
        values: '- a list',
        'value-files': 'deploy/missing.yaml\nbad.yaml\nnone-*.yaml',
        'kube-context': 'elsewhere',
        comment: 'sometimes',
        set: 'no assignment',
        'crash-tolerance': '-1',
      },
      { workspace, kubeconfig: testbed.kubeconfig },
    )
    assert.deepEqual([run.status, run.outputs['rollback'], run.outputs['revision']], ['rejected', 'none', ''])
    const [message = ''] = run.errors
    for (const part of [
      `"${release}" has 54 characters`,
      'Helm allows at most 53',
      'there is no "charts/nowhere"',
      '"yes" is not a boolean',
      'Use true or false',
      '"5 minutes" is not a duration',
      '`values` is not a YAML map',
      'there is no file "deploy/missing.yaml"',
      '"bad.yaml" is not valid YAML: line',
      'no file matches "none-*.yaml"',
      'no context "elsewhere"',
      'It has: ',
      '"sometimes" is unknown',
      '`set`: line 1 is not an assignment',
      '`crash-tolerance`: "-1"',
    ])
      assert.ok(message.includes(part), `${part}\nis missing in\n${message}`)
    assert.doesNotMatch(run.log, /helm upgrade/)
    assert.deepEqual(await picture(), before)
  })

  staged('is rejected in another cluster than expected', {}, async ({ deploy, picture, cluster, testbed }) => {
    const before = await picture()
    const uid = (await cluster.get('/api/v1/namespaces/kube-system'))?.metadata.uid ?? ''
    for (const expected of ['https://other.example:6443', '00000000-0000-4000-8000-000000000000']) {
      const run = await deploy({ 'expect-cluster': expected })
      assert.equal(run.status, 'rejected')
      assert.ok(run.errors[0]?.includes(expected), run.errors[0])
      assert.ok(run.errors[0]?.includes(testbed.server), run.errors[0])
    }
    assert.deepEqual(await picture(), before)
    for (const expected of [uid, testbed.server, `${testbed.server}/`]) {
      const run = await deploy({ 'expect-cluster': expected, chart: settings })
      assert.equal(run.status, 'deployed', run.log)
    }
  })

  staged('is rejected when nobody answers', {}, async ({ deploy, testbed, picture }) => {
    const before = await picture()
    const kubeconfig = kubeconfigFor({ ...testbed, server: 'https://127.0.0.1:1' }, { token: 'x' })
    const run = await deploy({ kubeconfig })
    assert.equal(run.status, 'rejected')
    assert.match(run.errors[0] ?? '', /127\.0\.0\.1:1 cannot be reached/)
    assert.match(run.errors[0] ?? '', /ECONNREFUSED|refused/)
    assert.deepEqual(await picture(), before)
  })

  staged('is rejected when the credentials are refused', { only: 4 }, async ({ deploy, testbed }) => {
    const run = await deploy({ kubeconfig: kubeconfigFor(testbed, { token: 'wrong' }) })
    assert.equal(run.status, 'rejected')
    assert.match(run.errors[0] ?? '', /Unauthorized|401/)
  })

  staged(
    'is rejected when it is no Kubernetes that answers',
    { only: 3 },
    async ({ deploy, testbed }, _helm, context) => {
      const server = createServer((_request, response) => response.end('<html>Welcome</html>'))
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      context.after(() => server.close())
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const run = await deploy({ kubeconfig: kubeconfigFor({ ...testbed, server: address }, { token: 'x' }) })
      assert.equal(run.status, 'rejected', run.log)
    },
  )

  staged('is rejected when its exec plugin fails', { only: 4 }, async ({ deploy, testbed }) => {
    const run = await deploy({ kubeconfig: kubeconfigFor(testbed, { exec: { command: 'no-such-plugin' } }) })
    assert.equal(run.status, 'rejected', run.log)
    assert.match(run.errors[0] ?? '', /no-such-plugin/)
  })

  staged(
    'is rejected when the kubeconfig is none, and what it holds is not shown',
    { only: 3 },
    async ({ deploy, testbed }) => {
      const canary = 'canary-in-a-kubeconfig'
      const broken = readFileSync(testbed.kubeconfig, 'utf8').replace(
        /^current-context:.*$/m,
        `current-context: [${canary}`,
      )
      for (const kubeconfig of [broken, '/does/not/exist', Buffer.from(`clusters: ${canary}`).toString('base64')]) {
        const run = await deploy({ kubeconfig })
        assert.equal(run.status, 'rejected', run.log)
        assert.match(run.errors[0] ?? '', /kubeconfig/)
        assert.doesNotMatch(run.log, new RegExp(`${canary}|${testbed.adminToken}`))
      }
    },
  )

  staged('is rejected outside of a cluster when it is to use that of its pod', { only: 3 }, async ({ deploy }) => {
    const run = await deploy({ kubeconfig: 'in-cluster' })
    assert.equal(run.status, 'rejected', run.log)
    assert.match(run.errors[0] ?? '', /not in a cluster/)
  })

  staged('is rejected without a Helm', { only: 4 }, async ({ deploy, testbed }) => {
    const run = await deploy({}, { path: [], kubeconfig: testbed.kubeconfig })
    assert.equal(run.status, 'rejected', run.log)
    assert.match(run.errors[0] ?? '', /[Hh]elm/)
  })

  staged(
    'is rejected in a namespace that does not exist',
    { exists: false },
    async ({ deploy, cluster, namespace }) => {
      const run = await deploy()
      assert.equal(run.status, 'rejected', run.log)
      assert.match(run.errors[0] ?? '', /create-namespace/)
      assert.equal(await cluster.namespaceExists(namespace), false)
    },
  )
})
