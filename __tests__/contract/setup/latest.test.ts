// `latest` is what the server says it is, when that is a version; there is never another one instead.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { published, smallArchive } from '../../helpers/downloads.ts'
import type { Answer, Script } from '../../helpers/downloads.ts'
import { assertInstalled, assertRefused, install, realHelm, serve } from './install.ts'

const { directory, version: installed } = await realHelm(4)
const version = '4.99.0'
const archive = await smallArchive(version)
const path = '/helm-latest-version'
const inputs = { 'helm-version': 'latest' }

describe('the newest version', { concurrency: 3 }, () => {
  for (const [name, body] of [
    ['with a line break', `v${version}\n`],
    ['without one', `v${version}`],
    ['with one of Windows', `v${version}\r\n`],
  ] as const)
    test(`is taken from an answer ${name}`, async (context) => {
      const server = await serve(context, { ...published(version, archive), [path]: { body } })
      const run = await install({ ...inputs, 'helm-download-url': server.url })
      assertInstalled(run, version)
      assert.equal(server.requests()[0], `${path} 200`)
    })

  test('is asked for even if a Helm is installed, and not downloaded if it is that', async (context) => {
    const server = await serve(context, { [path]: { body: `v${installed}\n` } })
    const run = await install({ ...inputs, 'helm-download-url': server.url }, { path: [directory] })
    assert.equal(run.status, 'installed', run.said)
    assert.equal(run.outputs['helm-path'], `${directory}/helm`)
    assert.deepEqual(server.requests(), [`${path} 200`])
  })

  const notVersions: [name: string, answer: Answer, says: RegExp][] = [
    ['a page', { body: '<html>503 Service Unavailable</html>' }, /but "<html>503 Service Unavailable<\/html>"/],
    ['nothing', { body: '' }, /but ""/],
    ['nothing, by HTTP 204', { status: 204 }, /HTTP 204/],
    ['noise', { body: Buffer.from([0, 1, 2, 0xff, 0xfe, 0x1b, 0x5b]) }, /does not answer with a version/],
    ['a version without v', { body: '4.99.0' }, /but "4\.99\.0"/],
    ['half a version', { body: 'v4.99' }, /but "v4\.99"/],
    ['a pre-release', { body: 'v4.99.0-rc.1' }, /but "v4\.99\.0-rc\.1"/],
    ['another major', { body: 'v5.0.0' }, /a version of Helm 3 or 4 but "v5\.0\.0"/],
    ['two versions', { body: 'v4.99.0\nv3.99.0\n' }, /but "v4\.99\.0 v3\.99\.0"/],
    ['a path', { body: 'v4.99.0/../../evil' }, /but "v4\.99\.0\/\.\.\/\.\.\/evil"/],
    ['a workflow command', { body: '\n::add-path::/evil\n::error::pwned' }, /does not answer with a version/],
    ['far too much', { body: 'v4.99.0'.repeat(100_000) }, /larger than 64 KiB/],
    ['that it may not be asked', { status: 403 }, /HTTP 403/],
    ['that it is to come back in an hour', { status: 503, headers: { 'retry-after': '3600' } }, /HTTP 503/],
  ]
  for (const [name, answer, says] of notVersions)
    test(`is an error when the answer is ${name}`, async (context) => {
      const server = await serve(context, { ...published(version, archive), [path]: answer })
      const run = await install({ ...inputs, 'helm-download-url': server.url }, { path: [directory] })
      assertRefused(run, says, /Check `helm-download-url`/)
      assert.deepEqual(server.asked().length, 1)
      assert.doesNotMatch(run.said, /trying again/)
    })

  const others: [name: string, first: Script][] = [
    ['does not know', {}],
    ['may not be asked', { [`/a${path}`]: { status: 403, body: 'no' } }],
    ['is broken', { [`/a${path}`]: { status: 500, body: 'oops' } }],
  ]
  for (const [name, first] of others)
    test(`is that of the next place when the first ${name}`, async (context) => {
      const second = { [`/b/c${path}`]: { body: `v${version}` }, ...published(version, archive, '/b/c') }
      const server = await serve(context, { ...first, ...second })
      const run = await install({ ...inputs, 'helm-download-url': `${server.url}/a\n${server.url}/b/c/` })
      assertInstalled(run, version)
      assert.deepEqual(
        server.asked().map(({ path }) => path.split('/')[1]),
        ['a', 'b', 'a', 'b', 'b'],
      )
    })

  test('is an error when no place knows', async (context) => {
    const server = await serve(context, published(version, archive))
    const run = await install(
      { ...inputs, 'helm-download-url': `${server.url}/a\n${server.url}` },
      { path: [directory] },
    )
    assertRefused(run, /The newest version of Helm cannot be found at http\S+\/a, http/)
  })

  test('is an error when its archive is not there yet', async (context) => {
    const server = await serve(context, { [path]: { body: `v${version}` } })
    const run = await install({ ...inputs, 'helm-download-url': server.url }, { path: [directory] })
    assertRefused(run, /Helm 4\.99\.0 cannot be downloaded/)
  })
})
