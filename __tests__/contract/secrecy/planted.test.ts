// More than sixty planted secrets: none is in the log, the comment, the summary, the annotations, the report, the outputs, a
// deployment's description or Helm's arguments, and what stands around each of them is.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newSecret, printedKey, shapes, ways } from '../../fixtures/planted-secrets.ts'
import { chartOf, deployment, job } from '../../helpers/chart.ts'
import { until } from '../../helpers/cluster.ts'
import type { KubeObject } from '../../helpers/cluster/api.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { kubeconfigFor } from '../../testbed/testbed.ts'
import { denyBy, pluginOf } from './plants.ts'
import { assertSecret, deployWatched, sinksOf } from './sinks.ts'
import type { Row } from './sinks.ts'

const token = 'gh-canary-4711-token'
const world = {
  tokens: {
    [token]: { login: 'github-actions[bot]', type: 'Bot', rights: 'write' },
    bot: { login: 'github-actions[bot]', type: 'Bot', rights: 'write' },
  },
} as const
const places = { environment: 'production', comment: 'always' }
const hook = { 'helm.sh/hook': 'pre-upgrade' }
const lines = (said: readonly string[]): string[] => ['crash', '--lines=0', ...said]

/** A row for each, said in one line; a log shows the last 25. */
function told(secrets: Readonly<Record<string, string>>): { rows: Row[]; said: string[] } {
  const entries = Object.entries(secrets).map(([name, secret], index) => ({
    name,
    secret,
    around: `said-${String(index)}-first`,
  }))
  return { rows: entries, said: entries.map(({ around, secret }) => `${around} ${secret} said-last`) }
}

function secretObject(name: string, fields: object): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, ...fields }
}

const encoded = (text: string): string => Buffer.from(text).toString('base64')

sideBySide('a secret', () => {
  staged('is hidden wherever it was planted', world, async (stage) => {
    const { cluster, path, install, deploy, testbed } = stage
    const workspace = temporaryDirectory('workspace')
    mkdirSync(join(workspace, 'deploy'))
    const known = Object.fromEntries(
      [
        'new data',
        'new text',
        'old data',
        'old text',
        'read variable',
        'read file',
        'read all',
        'set',
        'set second',
        'set list',
        'set plain',
        'set-string',
        'set-json',
        'set-file',
        'values',
        'values plain',
        'value file',
        'credential plugin',
        'password',
        'proxy',
      ].map((name) => [
        name,
        name.endsWith('plain') ? `Zk3v9QpL2xTn8Wb${encoded(name).slice(0, 8)}` : newSecret(name.replaceAll(' ', '-')),
      ]),
    ) as Record<string, string>
    const of = (name: string): string => known[name] ?? ''
    const { rows, said } = told({
      ...known,
      'the token of GitHub': token,
      'the token of the cluster': testbed.adminToken,
    })
    await install(
      chartOf({
        old: secretObject('old', { data: { x: encoded(of('old data')) }, stringData: { y: of('old text') } }),
      }),
    )
    for (const name of ['read variable', 'read file', 'read all'])
      await cluster.create(`${path}/secrets`, {
        metadata: { name: name.replace(' ', '-') },
        stringData: { x: of(name) },
      })
    const readers = {
      env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'read-variable', key: 'x' } } }],
      envFrom: [{ secretRef: { name: 'read-all' } }],
      volumeMounts: [{ name: 'file', mountPath: '/file' }],
    }
    const volumes = [{ name: 'file', secret: { secretName: 'read-file' } }]
    const reader = JSON.parse(deployment('reader', ['serve'], readers)) as { spec: { template: { spec: object } } }
    reader.spec.template.spec = { ...reader.spec.template.spec, volumes }
    const chart = chartOf({
      old: secretObject('old', { data: { x: encoded(of('old data')) }, stringData: { y: of('old text') } }),
      secret: secretObject('new', { data: { x: encoded(of('new data')) }, stringData: { y: of('new text') } }),
      reader,
      // After the reader is there, so that what it reads is known.
      hook: job('migrate', lines(said), { 'helm.sh/hook': 'post-upgrade' }),
    })
    writeFileSync(join(workspace, 'deploy/values.yaml'), JSON.stringify({ file: { apiToken: of('value file') } }))
    writeFileSync(join(workspace, 'deploy/key'), of('set-file'))
    const commas = (text: string): string => text.replaceAll(/[\\,]/g, '\\$&')
    const inputs = {
      chart,
      ...places,
      values: JSON.stringify({ a: { password: of('values'), plain: of('values plain') } }),
      'value-files': 'deploy/values.yaml',
      set: `b.password=${commas(of('set'))}\nc.user=bob,c.password=${commas(of('set second'))}\nd.plain=${of('set plain')}\ntokens={${commas(of('set list'))}}`,
      'set-string': `e.password=${commas(of('set-string'))}`,
      'set-json': `f=${JSON.stringify({ g: { secretKey: of('set-json') } })}`,
      'set-file': 'h.privateKey=deploy/key',
      'repo-username': 'robot',
      'repo-password': of('password'),
    }
    const plugin = pluginOf(testbed.adminToken)
    const env = [{ name: 'PLUGIN_PASSWORD', value: of('credential plugin') }]
    const kubeconfig = join(temporaryDirectory('kube'), 'config')
    writeFileSync(kubeconfig, kubeconfigFor(testbed, { exec: { command: plugin, args: [], env } }), { mode: 0o600 })
    const withoutLogin = { ...inputs, 'repo-username': '', 'repo-password': '' }
    // A login needs a registry, which is another test's (chart/secrecy.test.ts).
    const shown = rows.filter(({ name }) => name !== 'password')
    const run = await deployWatched(
      stage,
      () => shown,
      () =>
        deploy(withoutLogin, {
          token,
          kubeconfig,
          workspace,
          env: {
            HTTP_PROXY: `http://bob:${encodeURIComponent(of('proxy'))}@proxy.example:3128`,
            NO_PROXY: '127.0.0.1,localhost',
          },
        }),
    )
    assert.equal(run.status, 'rolled-back', run.log)
  })

  staged('is hidden however it is written', world, async (stage) => {
    await stage.install('settings')
    const secret = newSecret('one-for-all')
    const forms = Object.entries(ways).map(([name, write], index) => ({
      row: { name, secret, around: `way-${String(index)}-first` },
      line: `way-${String(index)}-first ${write(secret)} way-last`,
    }))
    const chart = chartOf({
      secret: secretObject('database', { stringData: { x: secret } }),
      hook: job('migrate', lines(forms.map(({ line }) => line)), hook),
    })
    const rows = forms.map(({ row }) => row)
    const run = await deployWatched(
      stage,
      () => rows,
      () => stage.deploy({ chart, ...places }, { token }),
    )
    assert.equal(run.status, 'rolled-back', run.log)
  })

  // A log shows the last 25 lines.
  for (const half of ['one half', 'the other half'])
    staged(`of a well-known shape is hidden without being known, ${half}`, world, async (stage) => {
      await stage.install('settings')
      const entries = Object.entries(shapes).filter((_, index) => index % 2 === (half === 'one half' ? 0 : 1))
      const cases = entries.map(([name, [line, secret]], index) => ({
        row: { name, secret, around: `shape-${String(index)}-first` },
        line: `shape-${String(index)}-first ${line}`,
      }))
      const key = { name: 'a key of several lines', secret: printedKey.join('\n'), around: 'a key follows' }
      const said = ['a key follows', ...printedKey, ...cases.map(({ line }) => line)]
      const chart = chartOf({ hook: job('migrate', lines(said), hook) })
      const rows = [key, ...cases.map(({ row }) => row)]
      const run = await deployWatched(
        stage,
        () => rows,
        () => stage.deploy({ chart, ...places }, { token }),
      )
      assert.equal(run.status, 'rolled-back', run.log)
    })

  staged('is hidden in events, in what a container ends with, and in what a registry says', world, async (stage) => {
    const { cluster, path, namespace } = stage
    await stage.install('settings')
    const secret = newSecret('in-events')
    const messages = {
      'an event': `Failed to mount: ${secret}`,
      'an event with base64': `hook sent ${encoded(`shop:${secret}`)} twice`,
      'an event with a URL': `Get "https://shop:${encodeURIComponent(secret)}@registry.example/v2/": denied`,
      'an event of a registry with a limit':
        "toomanyrequests: You have reached your pull rate limit as 'acme': dckr-dddd-eeee. You may increase",
      'an event with a bearer token': 'unexpected status: Authorization: Bearer mnopqrst12345678uvwx',
    }
    const cases = Object.entries(messages).map(([name, message], index) => ({
      row: {
        name,
        around: `event-${String(index)}-first`,
        secret: /dckr-\w+-\w+/.exec(message)?.[0] ?? /Bearer (\w+)/.exec(message)?.[1] ?? secret,
      },
      message: `event-${String(index)}-first ${message}`,
    }))
    const last = { name: 'what a container ends with', secret, around: 'FATAL: the last words' }
    const logged = { name: 'the log of a pod', secret, around: 'log-0-first' }
    const chart = chartOf({
      secret: secretObject('database', { stringData: { x: secret } }),
      app: deployment('app', lines([`log-0-first ${secret}`, `FATAL: the last words ${secret}`]), {
        terminationMessagePolicy: 'FallbackToLogsOnError',
      }),
    })
    const events = (async () => {
      const pod = await until('the pod', async () => {
        const list = (await cluster.get(`${path}/pods?labelSelector=app%3Dapp`)) as { items?: KubeObject[] } | undefined
        return list?.items?.[0]
      })
      const { name, uid } = pod.metadata as { name: string; uid: string }
      for (const [index, { message }] of cases.entries())
        await cluster.create(`${path}/events`, {
          metadata: { name: `planted-${String(index)}`, namespace },
          involvedObject: { kind: 'Pod', apiVersion: 'v1', name, uid, namespace },
          reason: 'FailedPlanted',
          type: 'Warning',
          message,
          count: 1,
          firstTimestamp: new Date().toISOString(),
          lastTimestamp: new Date().toISOString(),
        })
    })()
    const rows = [last, logged, ...cases.map(({ row }) => row)]
    const run = await deployWatched(
      stage,
      () => rows,
      () => stage.deploy({ chart, ...places, timeout: '14s' }, { token }),
    )
    await events
    assert.equal(run.status, 'rolled-back', run.log)
  })

  staged('is hidden in what Helm quotes', world, async (stage, { major }) => {
    await stage.install('settings')
    const secret = newSecret('in-helm')
    const quotes = {
      'an error of a template': '{{ fail (printf "quote-0-first %s" .Values.password) }}',
      'an error of a template that quotes': '{{ fail (printf "quote-0-first %q" .Values.password) }}',
      'an error of a template in base64': '{{ fail (printf "quote-0-first %s" (.Values.password | b64enc)) }}',
      'an error of a template in a URL': '{{ fail (printf "quote-0-first %s" (.Values.password | urlquery)) }}',
      'an error of JSON': '{{ fail (printf "quote-0-first %s" (.Values | toJson)) }}',
      'a value that is no object': '{{ fail (printf "quote-0-first %v" .Values) }}',
    }
    // They take turns: what a template says comes from the same engine in both.
    const turn = Object.entries(quotes).filter((_, index) => index % 2 === major % 2)
    for (const [name, template] of turn) {
      const chart = chartOf({ fail: template })
      const rows = [{ name, secret, around: 'quote-0-first' }]
      const inputs = { chart, ...places, 'set-string': `password=${secret.replaceAll(/[\\,]/g, '\\$&')}` }
      const run = await deployWatched(
        stage,
        () => rows,
        () => stage.deploy(inputs, { token }),
      )
      assert.equal(run.status, 'rejected', run.log)
    }
  })

  staged('is hidden in what a credential plugin says', world, async (stage) => {
    const secret = newSecret('of-the-plugin')
    const said = `plugin-0-first login with ${secret} failed`
    const env = [{ name: 'PLUGIN_PASSWORD', value: secret }]
    const command = pluginOf(null, said)
    const kubeconfig = join(temporaryDirectory('kube'), 'config')
    writeFileSync(kubeconfig, kubeconfigFor(stage.testbed, { exec: { command, args: [], env } }), { mode: 0o600 })
    const run = await stage.deploy({ ...places }, { token, kubeconfig })
    assert.equal(run.status, 'rejected', run.log)
    assertSecret([{ name: 'the output of a plugin', secret, around: 'plugin-0-first' }], sinksOf(run))
  })

  staged('is hidden in what an admission policy says', world, async (stage) => {
    const { cluster, namespace } = stage
    await stage.install('settings')
    const secret = newSecret('in-policy')
    const remove = await denyBy(cluster, namespace, "'policy-0-first ' + object.data.x")
    try {
      const map = `{apiVersion: v1, kind: ConfigMap, metadata: {name: denied}, data: {x: {{ .Values.password | quote }}}}`
      const chart = chartOf({ map })
      const rows = [{ name: 'a denial', secret, around: 'policy-0-first' }]
      const inputs = { chart, ...places, 'set-string': `password=${secret.replaceAll(/[\\,]/g, '\\$&')}` }
      const run = await deployWatched(
        stage,
        () => rows,
        () => stage.deploy(inputs, { token }),
      )
      assert.ok(['rolled-back', 'rejected'].includes(run.status), run.log)
    } finally {
      await remove()
    }
  })
})
