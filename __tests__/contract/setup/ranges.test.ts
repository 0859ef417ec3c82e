// A range is settled without asking anybody where that is possible.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { archiveNameOf, published, smallArchive } from '../../helpers/downloads.ts'
import { programSaying } from '../../helpers/program.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { assertInstalled, assertRefused, install, realHelm, serve } from './install.ts'

const [helm3, helm4] = [await realHelm(3), await realHelm(4)]

/** A directory with a program that says it is this Helm. */
function installed(version: string): string {
  const directory = temporaryDirectory('installed')
  writeFileSync(join(directory, 'helm'), programSaying(`v${version}`), { mode: 0o755 })
  return directory
}

describe('a range', { concurrency: 3 }, () => {
  for (const [range, helm] of [
    ['3', helm3],
    ['v4', helm4],
    ['>=3.14 <5', helm3],
    ['^4.1', helm4],
    ['*', helm4],
  ] as const)
    test(`"${range}" is the Helm on PATH, and nobody is asked`, async (context) => {
      const server = await serve(context, {})
      const path = [helm.directory]
      const run = await install({ 'helm-version': range, 'helm-download-url': server.url }, { path })
      assert.equal(run.status, 'installed', run.said)
      assert.deepEqual([run.outputs['helm-version'], run.outputs['helm-path']], [helm.version, `${path[0]}/helm`])
      assert.deepEqual([run.main.path, server.requests()], [[], []])
    })

  test('is the newest in the tool cache, and nobody is asked', async (context) => {
    const versions = ['3.99.2', '3.99.10', '3.99.9']
    const files = await Promise.all(versions.map(async (one) => published(one, await smallArchive(one))))
    const server = await serve(context, Object.assign({}, ...files) as (typeof files)[0])
    const cache = temporaryDirectory('tools')
    for (const version of versions)
      assertInstalled(await install({ 'helm-version': version, 'helm-download-url': server.url }, { cache }), version)
    const before = server.requests().length
    const run = await install({ 'helm-version': '^3.99.1', 'helm-download-url': server.url }, { cache })
    assertInstalled(run, '3.99.10')
    assert.equal(server.requests().length, before)
    assert.match(run.said, /Helm 3\.99\.10 from the tool cache, its hash as recorded/)
  })

  const known: [range: string, version: string, onPath?: string][] = [
    ['3.18', '3.18.6'],
    ['3.18.x', '3.18.6'],
    ['v3.18.*', '3.18.6'],
    ['~3.18.2', '3.18.6'],
    ['<3.15 >=3', '3.14.4'],
    ['3.14 || 4.0.x', '4.0.5'],
    ['^4.0 <4.2', '4.0.5'],
    ['4.1', '4.1.4'],
    ['~4.2.1', '4.2.4', '3.22.0'],
    ['>=3.14 <4.0', '3.19.5', '4.3.1'],
    ['^4.1 <4.3', '4.2.4', '4.1.99'],
    ['^3.17 <3.19', '3.18.6', '3.17.0-rc.1'],
    ['3', '3.19.5', '3.99.0-rc.1'],
  ]
  for (const [range, version, onPath] of known)
    test(`"${range}" is ${version}${onPath ? ` beside an installed ${onPath}` : ''}, and only its archive is asked for`, async (context) => {
      // Whatever we serve, it does not have the hash that is known of that version.
      const server = await serve(context, published(version, await smallArchive(version)))
      const inputs = { 'helm-version': range, 'helm-download-url': server.url }
      const run = await install(inputs, { path: onPath ? [installed(onPath)] : [] })
      assertRefused(run, /this release of the action knows it as/)
      assert.deepEqual(server.requests(), [`/${archiveNameOf(version)} 200`])
    })

  test('beyond all that is known is the newest of its major', async (context) => {
    const version = '4.99.3'
    const latest = { '/helm4-latest-version': { body: `v${version}\n` } }
    const server = await serve(context, { ...latest, ...published(version, await smallArchive(version)) })
    const run = await install({ 'helm-version': '^4.50', 'helm-download-url': server.url })
    assertInstalled(run, version)
    assert.equal(server.requests()[0], '/helm4-latest-version 200')
  })

  test('below the newest of its major is found by asking for one after the other', async (context) => {
    const versions = ['3.50.0', '3.50.1', '3.50.3']
    const files = await Promise.all(versions.map(async (one) => published(one, await smallArchive(one))))
    const latest = { '/helm3-latest-version': { body: 'v3.99.0' } }
    const server = await serve(context, Object.assign(latest, ...files) as (typeof files)[0])
    const run = await install({ 'helm-version': '~3.50.0', 'helm-download-url': server.url })
    assertInstalled(run, '3.50.3')
    assert.equal(server.asked().filter(({ path }) => path.endsWith('.tar.gz')).length, 1)
  })

  test('in which nothing is published is an error', async (context) => {
    const server = await serve(context, { '/helm4-latest-version': { body: 'v4.50.0' } })
    const run = await install({ 'helm-version': '^4.99', 'helm-download-url': server.url })
    assertRefused(run, /A version of Helm in "\^4\.99" cannot be found at http/)
  })

  test('that a page is the answer for is an error', async (context) => {
    const server = await serve(context, { '/helm4-latest-version': { body: '<html>login</html>' } })
    const run = await install({ 'helm-version': '^4.99', 'helm-download-url': server.url }, { path: [helm4.directory] })
    assertRefused(run, /does not answer with a version of Helm 3 or 4 but "<html>login<\/html>"/)
  })
})
