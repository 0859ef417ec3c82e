// Nothing is taken without a hash that it has: the user's, else the known one, else the one that is published beside it.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { archiveNameOf, published, sha256Of, smallArchive } from '../../helpers/downloads.ts'
import type { Answer } from '../../helpers/downloads.ts'
import { assertInstalled, assertRefused, install, serve } from './install.ts'
import type { Installed } from './install.ts'

const version = '4.99.0'
const archive = await smallArchive(version)
const hash = sha256Of(archive)
const other = sha256Of(Buffer.from('something else'))
const name = archiveNameOf(version)
const [archivePath, sumPath] = [`/${name}`, `/${name}.sha256sum`]

describe('the hash', { concurrency: 3 }, () => {
  for (const [what, text] of [
    ['in small letters', hash],
    ['in capital letters', hash.toUpperCase()],
    ['with its kind', `sha256:${hash}`],
    ['between blanks', `  ${hash}\n`],
  ] as const)
    test(`of the user is taken ${what}, and no other is asked for`, async (context) => {
      const wrong = { [sumPath]: { body: `${other}  ${name}\n` } }
      const server = await serve(context, { ...published(version, archive), ...wrong })
      const run = await install({ 'helm-version': version, 'helm-sha256': text, 'helm-download-url': server.url })
      assertInstalled(run, version)
      assert.deepEqual(server.requests(), [`${archivePath} 200`])
    })

  for (const [what, text] of [
    ['is too short', hash.slice(1)],
    ['is too long', `${hash}0`],
    ['is not hexadecimal', hash.replace(/^./, 'g')],
    ['is one of another kind', `sha512:${hash}`],
    ['is a line of a .sha256sum', `${hash}  ${name}`],
  ] as const)
    test(`of the user that ${what} is an error, and nobody is asked`, async (context) => {
      const server = await serve(context, published(version, archive))
      const run = await install({ 'helm-version': version, 'helm-sha256': text, 'helm-download-url': server.url })
      assertRefused(run, /`helm-sha256`: ".*" is not a SHA-256/, /64 hexadecimal digits/)
      assert.deepEqual(server.requests(), [])
    })

  for (const wanted of ['4', '^4.98', 'latest', 'installed'])
    test(`of the user cannot be that of ${wanted}`, async (context) => {
      const server = await serve(context, published(version, archive))
      const run = await install({ 'helm-version': wanted, 'helm-sha256': hash, 'helm-download-url': server.url })
      assertRefused(run, /`helm-sha256` is the hash of one archive, but the version is not an exact one/)
      assert.deepEqual(server.requests(), [])
    })

  const base = '/artifactory/api/generic/some-company-mirror-of-public-releases/helm'
  for (const [where, path] of [
    ['', ''],
    [' from a long URL', base],
  ] as const)
    test(`of the user is not that of the archive${where}: both are shown`, async (context) => {
      const server = await serve(context, published(version, archive, path))
      const url = `${server.url}${path}`
      const run = await install({ 'helm-version': version, 'helm-sha256': other, 'helm-download-url': url })
      assertRefused(run, /`helm-sha256` says/, /correct `helm-sha256` if it is that of/)
      assertShown(run, other, hash)
    })

  for (const known of ['3.18.6', '3.19.5', '4.2.4'])
    test(`that is known of ${known} is not that of the archive: both are shown, and none that is published counts`, async (context) => {
      const forged = await smallArchive(known)
      const server = await serve(context, published(known, forged, base))
      const run = await install({ 'helm-version': known, 'helm-download-url': `${server.url}${base}` })
      assertRefused(run, /this release of the action knows it as/)
      assertShown(run, sha256Of(forged))
      assert.deepEqual(server.requests(), [`${base}/${archiveNameOf(known)} 200`])
    })

  const sums: [what: string, answer: Answer, says: RegExp][] = [
    ['of another archive', { body: `${other}  ${name}\n` }, /the \.sha256sum beside it says/],
    ['missing', { status: 404, body: 'no' }, /no hash of it is known, and none is published.*sha256sum: HTTP 404/],
    ['forbidden', { status: 403, body: 'no' }, /no hash of it is known, and none is published.*sha256sum: HTTP 403/],
    [
      'a page',
      { body: '<html>Hello</html>' },
      /does not hold the hash of helm-v4\.99\.0-\S+ but "<html>Hello<\/html>"/,
    ],
    ['empty', { body: '' }, /does not hold the hash of helm-v4\.99\.0-\S+ but ""/],
    [
      'that of another file',
      { body: `${hash}  helm-v4.98.0-linux-amd64.tar.gz\n` },
      /does not hold the hash of helm-v4\.99/,
    ],
    ['one of several', { body: `${hash}  ${name}\n${other}  ${name}\n` }, /does not hold the hash of helm-v4\.99\.0/],
    ['too short', { body: `${hash.slice(1)}  ${name}\n` }, /does not hold the hash of helm-v4\.99\.0/],
    ['far too much', { body: `${hash}  ${name}\n`.repeat(10_000) }, /larger than 64 KiB/],
    [
      'to come in an hour',
      { status: 503, headers: { 'retry-after': '3600' } },
      /none is published.*sha256sum: HTTP 503/,
    ],
  ]
  for (const [what, answer, says] of sums)
    test(`that is published is ${what}: the archive is refused`, async (context) => {
      const server = await serve(context, { ...published(version, archive), [sumPath]: answer })
      const run = await install({ 'helm-version': version, 'helm-download-url': server.url })
      assertRefused(run, says)
      if (what === 'of another archive') assertShown(run, other, hash)
    })

  test('that is published at another place than the archive does not count', async (context) => {
    const [first, second] = [
      await serve(context, { [archivePath]: { body: archive } }),
      await serve(context, published(version, archive)),
    ]
    const run = await install({ 'helm-version': version, 'helm-download-url': `${first.url}\n${second.url}` })
    assertRefused(run, new RegExp(`none is published beside it \\(${first.url}/${name}.sha256sum: HTTP 404\\)`))
    assert.deepEqual([first.asked().length, second.asked()], [2, []])
  })

  test('that is published is asked for where the archive came from, and nowhere else', async (context) => {
    const [first, second] = [
      await serve(context, { [sumPath]: { body: `${other}  ${name}\n` } }),
      await serve(context, published(version, archive)),
    ]
    const run = await install({ 'helm-version': version, 'helm-download-url': `${first.url}\n${second.url}` })
    assertInstalled(run, version)
    assert.deepEqual([first.requests(), second.requests().length], [[`${archivePath} 404`], 2])
  })

  test('that is published is of no use without the archive, and not waited for', async (context) => {
    const server = await serve(context, { [sumPath]: { fault: 'mute' } })
    const run = await install({ 'helm-version': version, 'helm-download-url': server.url })
    assertRefused(run, /Helm 4\.99\.0 cannot be downloaded: \S+: HTTP 404/)
    assert.deepEqual(server.requests(), [`${archivePath} 404`])
  })

  for (const [what, body] of [
    ['alone', hash],
    ['with a star before the name', `${hash} *${name}\n`],
    ['in capital letters', `${hash.toUpperCase()}  ${name}\n`],
    ['with the line end of Windows', `${hash}  ${name}\r\n`],
  ] as const)
    test(`that is published may be ${what}`, async (context) => {
      const server = await serve(context, { ...published(version, archive), [sumPath]: { body } })
      assertInstalled(await install({ 'helm-version': version, 'helm-download-url': server.url }), version)
    })
})

/** Whoever reads the log or the run's page can compare the hashes. */
function assertShown({ said, errors, outputs }: Installed, ...hashes: string[]): void {
  assert.match(outputs['reason'] ?? '', /is not the expected archive/)
  for (const hash of hashes)
    for (const [place, text] of Object.entries({ said, error: errors.join('\n'), reason: outputs['reason'] ?? '' }))
      assert.ok(text.includes(hash), `${hash} is not in ${place}: ${text}`)
}
