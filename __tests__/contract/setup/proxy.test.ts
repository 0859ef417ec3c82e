// Through a real proxy, to a name that only the proxy can resolve; what arrives has come that way.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, describe, test } from 'node:test'
import { makeCertificate } from '../../helpers/certificate.ts'
import { archiveNameOf, published, sha256Of, smallArchive, startDownloads } from '../../helpers/downloads.ts'
import { proxiedNames, startProxy, startSilence } from '../../helpers/proxy.ts'
import type { Proxy } from '../../helpers/proxy.ts'
import { assertInstalled, assertRefused, install, realHelm } from './install.ts'
import type { Installed } from './install.ts'

const helm = await realHelm(4)
const version = '4.99.0'
const files = { ...published(version, await smallArchive(version)), ...published(helm.version, await helm.archive()) }
const names = Object.values(proxiedNames)
const tls = await makeCertificate(...names.map((name) => `DNS:${name}`))
const login = { username: 'build', password: 'Kiwi-4711/+%@:and more' }
const withLogin = `build:${encodeURIComponent(login.password)}@`
const [plain, secure] = [await startDownloads(files), await startDownloads(files, { tls })]
const tunnelPorts = [secure.port]
const [open, closed] = [await startProxy({ tunnelPorts }), await startProxy({ tunnelPorts, login })]
after(async () => Promise.all([plain, secure, open, closed].map(async (one) => one.close())))

type Scheme = 'http' | 'https'
const archive = archiveNameOf(version)

/** The server as it is called behind the proxy. */
function urlOf(scheme: Scheme, name: keyof typeof proxiedNames = 'helm'): string {
  return `${scheme}://${proxiedNames[name]}:${scheme === 'http' ? plain.port : secure.port}`
}

/** What the proxy notes of a download. */
function noted(scheme: Scheme, status: number, name: keyof typeof proxiedNames = 'helm'): string {
  const url = urlOf(scheme, name)
  return scheme === 'http' ? `GET ${url}/${archive} ${status}` : `CONNECT ${url.replace('https://', '')} ${status}`
}

async function installFrom(
  urls: string,
  env: Record<string, string>,
  options: { inputs?: Record<string, string>; cancelWhen?: (line: string) => boolean } = {},
): Promise<Installed> {
  const { inputs = {}, ...more } = options
  const all = { NODE_EXTRA_CA_CERTS: tls.file, ...env }
  return install({ 'helm-version': version, 'helm-download-url': urls, ...inputs }, { env: all, ...more })
}

function assertHidden(run: Installed): void {
  const report = readFileSync(run.outputs['report-file'] ?? '', 'utf8')
  for (const text of [run.log, report, JSON.stringify(run.outputs)])
    for (const secret of ['Kiwi-4711', 'Wiki-4711', Buffer.from(`build:${login.password}`).toString('base64')])
      assert.ok(!text.includes(secret), text)
}

function assertNoted(proxy: Proxy, line: string): void {
  assert.ok(proxy.requests().includes(line), `${line} is not among\n${proxy.requests().join('\n')}`)
}

describe('a proxy', { concurrency: 4 }, () => {
  for (const [variable, scheme] of [
    ['http_proxy', 'http'],
    ['HTTP_PROXY', 'http'],
    ['https_proxy', 'https'],
    ['HTTPS_PROXY', 'https'],
  ] as const) {
    test(`in ${variable} is used for ${scheme}`, async () => {
      assertInstalled(await installFrom(urlOf(scheme), { [variable]: `http://${open.host}` }), version)
      assertNoted(open, noted(scheme, 200))
    })

    test(`in ${variable} gets the login of its URL, which nobody else sees`, async () => {
      const run = await installFrom(urlOf(scheme), { [variable]: `http://${withLogin}${closed.host}` })
      assertInstalled(run, version)
      assertNoted(closed, noted(scheme, 200))
      assertHidden(run)
      assert.deepEqual(
        [...plain.asked(), ...secure.asked()].filter(({ hasLogin }) => hasLogin),
        [],
      )
    })
  }

  test('lets all of a real Helm through', async () => {
    const inputs = { 'helm-version': helm.version, 'helm-sha256': sha256Of(await helm.archive()) }
    const run = await installFrom(urlOf('https'), { https_proxy: `http://${open.host}` }, { inputs })
    assertInstalled(run, helm.version)
  })

  test('may be named without http://', async () => {
    assertInstalled(await installFrom(urlOf('http'), { http_proxy: open.host }), version)
  })

  for (const scheme of ['http', 'https'] as const) {
    for (const [what, user] of [
      ['no login', ''],
      ['the wrong login', withLogin.replace('Kiwi', 'Wiki')],
    ] as const)
      test(`that gets ${what} for ${scheme} ends the step at once, and is named`, async () => {
        const before = closed.requests().length
        const run = await installFrom(urlOf(scheme), { [`${scheme}_proxy`]: `http://${user}${closed.host}` })
        assertRefused(run, /407/, /proxy/i, new RegExp(closed.host.replaceAll('.', '\\.')))
        assertNoted(closed, noted(scheme, 407))
        assert.doesNotMatch(run.said, /trying again/)
        assert.ok(closed.requests().length > before)
        assertHidden(run)
      })

    test(`that forbids a place for ${scheme} is not asked again, and the next place is`, async () => {
      const urls = `${urlOf(scheme, 'forbidden')}\n${urlOf(scheme)}`
      const run = await installFrom(urls, { [`${scheme}_proxy`]: `http://${open.host}` })
      assertInstalled(run, version)
      assertNoted(open, noted(scheme, 403, 'forbidden'))
      assert.doesNotMatch(run.said, /trying again/)
    })

    test(`that forbids the only place for ${scheme} ends the step at once`, async () => {
      const run = await installFrom(urlOf(scheme, 'forbidden'), { [`${scheme}_proxy`]: `http://${open.host}` })
      assertRefused(run, /403/)
      assert.doesNotMatch(run.said, /trying again/)
    })

    test(`that is gone is named when ${scheme} is tried again`, async () => {
      const env = { [`${scheme}_proxy`]: `http://${withLogin}127.0.0.1:9` }
      const cancelWhen = (line: string): boolean => line.includes('trying again')
      const run = await installFrom(urlOf(scheme), env, { cancelWhen })
      assert.match(run.said, /trying again in .*127\.0\.0\.1:9\b/)
      assert.ok(!run.log.includes('Kiwi-4711'), run.log)
    })

    test(`that is gone for ${scheme} is no trouble when another place needs none`, async () => {
      const run = await installFrom(`${urlOf(scheme)}\n${plain.url}`, { [`${scheme}_proxy`]: 'http://127.0.0.1:9' })
      assertInstalled(run, version)
    })
  }

  for (const [variable, value] of [
    ['no_proxy', 'mirror.test'],
    ['NO_PROXY', 'mirror.test'],
    ['NO_PROXY', 'example.com, MIRROR.TEST'],
    ['NO_PROXY', `mirror.test:${plain.port}`],
  ] as const)
    test(`is not used for what ${variable} names: ${value.replace(String(plain.port), 'port')}`, async (context) => {
      const proxy = await startProxy({ tunnelPorts })
      context.after(proxy.close)
      const urls = `${urlOf('http', 'mirror')}\n${urlOf('http')}`
      const run = await installFrom(urls, { http_proxy: `http://${proxy.host}`, [variable]: value })
      assertInstalled(run, version)
      const asked = new Set(proxy.requests().map((line) => /\w+\.test/.exec(line)?.[0]))
      assert.deepEqual([...asked], [proxiedNames.helm])
    })

  for (const value of ['.mirror.test', '*'])
    test(`is not used for what NO_PROXY covers: ${value}`, async (context) => {
      const proxy = await startProxy({ tunnelPorts })
      context.after(proxy.close)
      // Without the proxy nobody knows this name.
      const urls = `http://eu.mirror.test:${plain.port}\n${plain.url}`
      assertInstalled(await installFrom(urls, { http_proxy: `http://${proxy.host}`, NO_PROXY: value }), version)
      assert.deepEqual(proxy.requests(), [])
    })

  test('is used for what NO_PROXY only resembles', async () => {
    const resembling = 'elm.test,.helm.test,helm.test:1,test.helm.test,127.0.0.1'
    const env = { http_proxy: `http://${open.host}`, NO_PROXY: resembling }
    assertInstalled(await installFrom(urlOf('http'), env), version)
  })

  for (const scheme of ['http', 'https'] as const) {
    test(`that never answers for ${scheme} is given up, named and tried again`, async (context) => {
      const host = await startSilence(context)
      const cancelWhen = (line: string): boolean => line.includes('trying again')
      const run = await installFrom(urlOf(scheme), { [`${scheme}_proxy`]: `http://${host}` }, { cancelWhen })
      assert.match(
        run.said,
        new RegExp(`trying again in .*: timeout: nothing came by way of the proxy ${host} in 15 s`),
      )
      assert.ok(run.main.wallMs > 14_000 && run.main.wallMs < 25_000, String(run.main.wallMs))
    })

    test(`that never answers for ${scheme} is no trouble when another place needs none`, async (context) => {
      const host = await startSilence(context)
      const run = await installFrom(`${urlOf(scheme)}\n${plain.url}`, { [`${scheme}_proxy`]: `http://${host}` })
      assertInstalled(run, version)
      assert.ok(run.main.wallMs > 14_000 && run.main.wallMs < 25_000, String(run.main.wallMs))
    })
  }

  test('is never used for this machine itself', async () => {
    assertInstalled(await installFrom(plain.url, { http_proxy: 'http://127.0.0.1:9' }), version)
  })
})
