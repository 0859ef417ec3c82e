// `verify-url: true`: the environment has to answer before the deploy counts; one that does not is undone, with what it said.
import assert from 'node:assert/strict'
import { makeCertificate } from '../../helpers/certificate.ts'
import type { Certificate } from '../../helpers/certificate.ts'
import { deployment, writeChart } from '../../helpers/chart.ts'
import { redirect, startDownloads } from '../../helpers/downloads.ts'
import type { Answer, Downloads } from '../../helpers/downloads.ts'
import { fixtureChart } from '../../helpers/helm.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { assertRestored } from '../../helpers/stage.ts'
import type { Deployed, Stage } from '../../helpers/stage.ts'

const settings = fixtureChart('settings')
const down: Answer = { status: 503, body: 'no healthy upstream' }
const [trusted, stranger, elsewhere] = await Promise.all([
  makeCertificate(),
  makeCertificate(),
  makeCertificate('DNS:elsewhere.test'),
])

/** What serves as the environment; it ends with the test. */
type Serve = (answers: Answer | Answer[], tls?: Certificate) => Promise<Downloads>
const serving =
  (context: { after: (end: () => Promise<void>) => void }): Serve =>
  async (answers, tls) => {
    const server = await startDownloads({ '/shop': answers }, tls ? { tls } : {})
    context.after(() => server.close())
    return server
  }

/** A deploy over a good revision, which has to answer. */
const over = async ({ install, deploy }: Stage, url: string, more: object = {}, env = {}): Promise<Deployed> => {
  await install('settings')
  const inputs = { chart: settings, set: 'data.greeting=two', 'verify-url': 'true', 'environment-url': url }
  return deploy({ ...inputs, timeout: '90s', comment: 'always', ...more }, { env })
}

sideBySide('an environment', () => {
  staged('that answers is deployed, and watched on from then', {}, async (stage, _helm, context) => {
    const server = await serving(context)({ body: 'welcome' })
    const run = await over(stage, `${server.url}/shop`, { stabilize: '1s' })
    assert.deepEqual([run.status, run.outputs['environment-url']], ['deployed', `${server.url}/shop`], run.log)
    assert.match(run.log, /\/shop answers in [\d.]+ s: 200[^]*complete; watched for 1s more/)
    assert.match(run.comment, /`http:\/\/127\.0\.0\.1:\d+\/shop` answers in [\d.]+\s+s: 200\./)
    assert.deepEqual(server.asked(), [{ path: '/shop', status: 200, hasLogin: false }])
    assert.deepEqual(run.report.warnings, [])
  })

  staged('that comes up late is waited for, and each other answer is a line', {}, async (stage, _helm, context) => {
    const server = await serving(context)([down, down, down, { status: 204 }])
    const run = await over(stage, `${server.url}/shop`)
    assert.equal(run.status, 'deployed', run.log)
    assert.equal(server.requests().length, 4)
    assert.equal(run.log.match(/answers HTTP 503 Service Unavailable/g)?.length, 1, run.log)
    assert.doesNotMatch(run.log, /no healthy upstream/)
  })

  staged('that leads elsewhere answers, and is not followed', {}, async (stage, _helm, context) => {
    const plain = await serving(context)({ body: 'elsewhere' })
    const server = await serving(context)(redirect(`${plain.url}/shop?token=abc`, 301), trusted)
    const run = await over(stage, `${server.url}/shop`, {}, { NODE_EXTRA_CA_CERTS: trusted.file })
    assert.equal(run.status, 'deployed', run.log)
    assert.deepEqual(plain.requests(), [])
    assert.ok(run.log.includes(`: 301, which leads to ${plain.url}/shop`), run.log)
    assert.doesNotMatch(run.log + run.comment, /token=abc/)
    assert.match(run.report.warnings.join(), /leads from https to http:/)
  })

  staged('that answers 404 to the end is undone, with what it said', {}, async (stage, _helm, context) => {
    const said = 'password=hunter2-4711 ::error::x @everyone [a](http://evil.test)\nsecond\n'
    const server = await serving(context)({ status: 404, headers: { 'content-type': 'text/plain' }, body: said })
    const { picture } = stage
    await stage.install('settings')
    const before = await picture()
    const run = await over(stage, `${server.url}/shop`, { timeout: '10s' })
    assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
    const [finding, ...more] = run.report.findings
    assert.deepEqual([finding?.class, finding?.resource.kind, more], ['url-not-answering', 'Chart', []])
    assert.match(finding?.cause ?? '', /^everything is ready, but http\S+\/shop answers HTTP 404 Not Found$/)
    assert.match(finding?.evidence.logs.join('\n') ?? '', /^password=\*\*\* .*\nsecond$/)
    assert.match(run.comment, /Answer\n+```\npassword=\*\*\* /)
    assertRestored(await picture(), before)
  })

  for (const [name, tls, ca, says, subject] of [
    ['that nobody vouches for', stranger, '', /self-signed certificate/, /CN=downloads/],
    ['for another name', elsewhere, elsewhere.file, /does not match certificate's altnames/, /DNS:elsewhere\.test/],
  ] as const)
    staged(`with a certificate ${name} is undone, with its facts`, {}, async (stage, _helm, context) => {
      const server = await serving(context)({}, tls)
      const run = await over(stage, `${server.url}/shop`, { timeout: '10s' }, ca ? { NODE_EXTRA_CA_CERTS: ca } : {})
      assert.deepEqual([run.status, run.outputs['rollback']], ['rolled-back', 'restored'], run.log)
      assert.match(run.report.findings[0]?.cause ?? '', says)
      assert.match(JSON.stringify(run.report.findings[0]?.evidence), subject)
      assert.match(JSON.stringify(run.report.findings[0]?.evidence), /"valid until":"[A-Z][a-z]{2} /)
      assert.deepEqual(server.requests(), [], 'nothing is asked of a server that is not trusted')
    })

  staged('that never says a word is undone in time', {}, async (stage, _helm, context) => {
    const server = await serving(context)({ fault: 'mute' })
    const run = await over(stage, `${server.url}/shop`, { timeout: '10s' })
    assert.equal(run.status, 'rolled-back', run.log)
    assert.match(run.report.findings[0]?.cause ?? '', /does not answer in time$/)
    const phase = run.report.phases.find(({ name }) => name === 'deploy')
    assert.ok((phase?.durationMs ?? 0) < 14_000, JSON.stringify(run.report.phases))
  })

  for (const [what, url, says] of [
    ['does not resolve', 'http://shop.invalid', /has a name that does not resolve$/],
    ['refuses connections', 'http://127.0.0.1:9', /refuses connections$/],
  ] as const)
    staged(`that ${what} is undone, a first install too`, {}, async ({ deploy, picture }) => {
      const inputs = { chart: settings, 'verify-url': 'true', 'environment-url': url, timeout: '10s' }
      const run = await deploy(inputs)
      assert.deepEqual([run.status, run.outputs['rollback']], ['uninstalled', 'restored'], run.log)
      assert.match(run.report.findings[0]?.cause ?? '', says)
      assert.deepEqual((await picture()).pods, [])
    })

  staged(
    'is asked beside everything else: pods that fail meanwhile are the cause',
    {},
    async (stage, _helm, context) => {
      const server = await serving(context)(down)
      const chart = writeChart({ 'templates/web.yaml': deployment('web', ['serve', '--unready-after=4s']) })
      const run = await over(stage, `${server.url}/shop`, { chart, set: '', timeout: '15s' })
      assert.equal(run.status, 'rolled-back', run.log)
      assert.equal(run.report.findings[0]?.class, 'not-ready', run.log)
    },
  )

  staged(
    'that is waited for is undone by the post step when the job is cancelled',
    {},
    async (stage, _helm, context) => {
      const server = await serving(context)(down)
      const { install, deploy, picture, leases } = stage
      await install('settings')
      const before = await picture()
      const inputs = { chart: settings, set: 'data.greeting=two', 'verify-url': 'true' }
      const run = await deploy(
        { ...inputs, 'environment-url': `${server.url}/shop` },
        { cancelWhen: (line) => /answers HTTP 503/.test(line) },
      )
      assert.deepEqual(
        [run.status, run.report.rollback, run.conclusion],
        ['cancelled', 'restored', 'cancelled'],
        run.log,
      )
      assertRestored(await picture(), before)
      assert.deepEqual(await leases(), [])
    },
  )

  staged(
    'of which nobody can know the URL is refused before anything is touched',
    {},
    async ({ deploy, cluster, path }) => {
      const run = await deploy({ chart: settings, 'verify-url': 'true' })
      assert.equal(run.status, 'rejected', run.log)
      assert.match(run.outputs['reason'] ?? '', /`verify-url`: no URL is known, .* Give `environment-url`/)
      assert.deepEqual(await cluster.list(`${path}/secrets`), [])
    },
  )
})
