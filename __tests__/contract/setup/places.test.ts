// Where Helm is downloaded from: places in order, with paths, logins and redirects.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { archiveNameOf, published, redirect, sha256Of, smallArchive } from '../../helpers/downloads.ts'
import type { Script } from '../../helpers/downloads.ts'
import { assertInstalled, assertRefused, install, serve } from './install.ts'

const version = '4.99.0'
const archive = await smallArchive(version)
const name = archiveNameOf(version)
// With the hash given, the archive is all that is asked for.
const inputs = { 'helm-version': version, 'helm-sha256': sha256Of(archive) }
const login = { username: 'mirror', password: 'Kiwi-4711/+%@:and more' }
const encoded = `mirror:${encodeURIComponent(login.password)}`

/** The URL with a user and a password in it. */
function withUser(url: string, user = encoded): string {
  return url.replace('//', `//${user}@`)
}

describe('the places to download from', { concurrency: 3 }, () => {
  const bases: [base: string, path: string][] = [
    ['', '/'],
    ['/', '/'],
    ['/mirror', '/mirror/'],
    ['/mirror/', '/mirror/'],
    ['/mirror///', '/mirror/'],
    ['/a/b.c/~d/helm%20files/', '/a/b.c/~d/helm%20files/'],
  ]
  for (const [base, path] of bases)
    test(`can be ${base === '' ? 'an origin' : base}`, async (context) => {
      const server = await serve(context, { [`${path}${name}`]: { body: archive } })
      assertInstalled(await install({ ...inputs, 'helm-download-url': `${server.url}${base}` }), version)
      assert.deepEqual(server.requests(), [`${path}${name} 200`])
    })

  const passedOver: [status: number, name: string][] = [
    [404, 'does not have it'],
    [410, 'has it no more'],
    [401, 'asks for a login'],
    [403, 'forbids it'],
    [500, 'is broken'],
    [503, 'is busy'],
  ]
  for (const [status, says] of passedOver)
    test(`are asked in their order, and one that ${says} is passed over`, async (context) => {
      const script: Script = { [`/a/${name}`]: { status, body: 'no' }, [`/c/${name}`]: { body: archive } }
      const server = await serve(context, script)
      const urls = ['a', 'b/', '', 'c', 'd'].map((base) => base && `${server.url}/${base}`)
      assertInstalled(await install({ ...inputs, 'helm-download-url': urls.join('\n') }), version)
      assert.deepEqual(server.requests(), [`/a/${name} ${status}`, `/b/${name} 404`, `/c/${name} 200`])
    })

  test('are passed over when nobody listens there', async (context) => {
    const server = await serve(context, { [`/${name}`]: { body: archive } })
    const urls = `http://127.0.0.1:9\nhttp://no-such-host.invalid\n${server.url}`
    assertInstalled(await install({ ...inputs, 'helm-download-url': urls }), version)
  })

  test('are all named when none has it', async (context) => {
    const server = await serve(context, { [`/a/${name}`]: { status: 403, body: 'no' } })
    const run = await install({ ...inputs, 'helm-download-url': `${server.url}/a\n${server.url}/b` })
    assertRefused(run, new RegExp(`/a/${name}: HTTP 403; \\S+/b/${name}: HTTP 404`))
  })

  for (const [text, says] of [
    ['get.helm.sh', /"get\.helm\.sh" is not an http or https URL/],
    ['ftp://mirror.test/helm', /"ftp:\/\/mirror\.test\/helm" is not an http or https URL/],
    ['file:///srv/helm', /is not an http or https URL/],
    ['https://', /"https:\/\/" is not an http or https URL/],
    ['https://mirror.test/helm?x=1', /has a query or a fragment/],
    ['https://mirror.test/helm#x', /has a query or a fragment/],
    [`ftp://${encoded}@mirror.test/helm`, /"ftp:\/\/mirror\.test\/helm" is not an http or https URL/],
    ['https://mirror:Kiwi-4711/with/slash@mirror.test/helm', /is not an http or https URL/],
  ] as const)
    test(`cannot be ${text.replace(encoded, 'user:password').replace('Kiwi-4711', 'password')}`, async (context) => {
      const server = await serve(context, { [`/${name}`]: { body: archive } })
      const run = await install({ ...inputs, 'helm-download-url': `${server.url}\n${text}` })
      assertRefused(run, says)
      assert.deepEqual(server.requests(), [])
      assertHidden(run.log)
    })

  test('get the login of their URL', async (context) => {
    const server = await serve(context, published(version, archive), { login })
    const run = await install({ 'helm-version': version, 'helm-download-url': withUser(server.url) })
    assertInstalled(run, version)
    assert.deepEqual([...new Set(server.asked().map(({ status }) => status))], [200])
    assertHidden(run.log)
  })

  for (const [name, user] of [
    ['the wrong login', encoded.replace('Kiwi', 'Wiki')],
    ['no password', 'mirror'],
  ] as const)
    test(`are not asked again with ${name}`, async (context) => {
      const server = await serve(context, published(version, archive), { login })
      const run = await install({ ...inputs, 'helm-download-url': withUser(server.url, user) })
      assertRefused(run, /Helm 4\.99\.0 cannot be downloaded: http:\/\/127\.0\.0\.1:\d+\/helm-v\S+: HTTP 401/)
      assert.equal(server.requests().length, 1)
      assert.doesNotMatch(run.log, /Kiwi-|Wiki-/)
    })

  test('keep their logins to themselves', async (context) => {
    const [first, second] = [await serve(context, {}), await serve(context, { [`/${name}`]: { body: archive } })]
    assertInstalled(await install({ ...inputs, 'helm-download-url': `${withUser(first.url)}\n${second.url}` }), version)
    assert.deepEqual([first.asked()[0]?.hasLogin, second.asked()[0]?.hasLogin], [true, false])
  })

  for (const [status, location] of [
    [301, `/blobs/${name}`],
    [302, `blobs/${name}`],
    [307, `//HOST/blobs/${name}`],
    [308, `http://HOST/blobs/${name}`],
  ] as const)
    test(`can redirect with ${status} to ${location.replace(name, '…')}, where the login counts too`, async (context) => {
      const script: Script = { [`/blobs/${name}`]: { body: archive } }
      const server = await serve(context, script, { login })
      script[`/${name}`] = redirect(location.replace('HOST', new URL(server.url).host), status)
      assertInstalled(await install({ ...inputs, 'helm-download-url': withUser(server.url) }), version)
      assert.deepEqual(server.requests(), [`/${name} ${status}`, `/blobs/${name} 200`])
    })

  test('can redirect to another one, which does not get the login', async (context) => {
    const other = await serve(context, { [`/blobs/${name}`]: { body: archive } })
    const server = await serve(context, { [`/${name}`]: redirect(`${other.url}/blobs/${name}`) }, { login })
    const run = await install({ ...inputs, 'helm-download-url': withUser(server.url) })
    assertInstalled(run, version)
    assert.deepEqual(other.asked(), [{ path: `/blobs/${name}`, status: 200, hasLogin: false }])
    assertHidden(run.log)
  })

  const loops: [name: string, script: Script, says: RegExp][] = [
    ['in a circle', { [`/${name}`]: redirect(`/${name}`) }, /it redirects more than 5 times/],
    [
      'to and fro',
      { [`/${name}`]: redirect(`/x/${name}`), [`/x/${name}`]: redirect(`/${name}`) },
      /it redirects more than 5 times/,
    ],
  ]
  for (const [how, script, says] of loops)
    test(`are given up when they redirect ${how}`, async (context) => {
      const server = await serve(context, script)
      const run = await install({ ...inputs, 'helm-download-url': server.url })
      assertRefused(run, says)
      assert.equal(server.requests().length, 6)
    })

  for (const location of ['ftp://mirror.test/helm', 'file:///etc/passwd', 'http://'])
    test(`are given up at once when they redirect to ${location}`, async (context) => {
      const server = await serve(context, { [`/${name}`]: redirect(location) })
      const run = await install({ ...inputs, 'helm-download-url': server.url })
      assertRefused(run, /Helm 4\.99\.0 cannot be downloaded/)
      assert.equal(server.requests().length, 1)
      assert.doesNotMatch(run.said, /trying again/)
    })
})

function assertHidden(log: string): void {
  for (const part of ['Kiwi-4711', encoded, Buffer.from(`mirror:${login.password}`).toString('base64')])
    assert.ok(!log.includes(part), log)
}
