// An exact version is that version or an error.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { knownHashes } from '../../../src/setup/known-hashes.ts'
import { platformName } from '../../helpers/archives.ts'
import { archiveNameOf, published, sha256Of, smallArchive } from '../../helpers/downloads.ts'
import { assertInstalled, assertRefused, install, realHelm, serve } from './install.ts'

const [helm3, helm4] = [await realHelm(3), await realHelm(4)]

describe('an exact version', { concurrency: 3 }, () => {
  for (const [name, inputs] of [
    ['by default', {}],
    ['that is given', { 'helm-version': helm4.version }],
  ] as const)
    test(`${name} is downloaded, verified and put on PATH`, async (context) => {
      const server = await serve(context, published(helm4.version, await helm4.archive()))
      const run = await install({ ...inputs, 'helm-download-url': server.url })
      // Ours is built from the same source, which does not make it the same.
      if (knownHashes[helm4.version]?.[platformName])
        return assertRefused(run, /this release of the action knows it as/)
      assertInstalled(run, helm4.version)
      const archive = archiveNameOf(helm4.version)
      assert.deepEqual(server.requests().sort(), [`/${archive} 200`, `/${archive}.sha256sum 200`])
      assert.match(run.said, new RegExp(`downloading ${server.url}/${archive}, \\d+\\.\\d MB`))
      assert.match(
        run.said,
        /notice: this release of the action does not know its hash; the one published in the same place detects corruption/,
      )
    })

  test('of Helm 3 is installed by its hash alone', async (context) => {
    const archive = await helm3.archive()
    const server = await serve(context, published(helm3.version, archive))
    const inputs = { 'helm-version': helm3.version, 'helm-sha256': sha256Of(archive) }
    const run = await install({ ...inputs, 'helm-download-url': server.url })
    assertInstalled(run, helm3.version)
    assert.deepEqual(server.requests(), [`/${archiveNameOf(helm3.version)} 200`])
    assert.match(run.said, /its hash is the one in `helm-sha256`/)
    assert.doesNotMatch(run.said, /notice:/)
  })

  for (const [text, version, warning] of [
    ['3.99.0', '3.99.0', null],
    ['v3.99.0', '3.99.0', null],
    [' v4.99.1 ', '4.99.1', null],
    ['4.99.0-rc.1', '4.99.0-rc.1', null],
    ['v4.99.0-beta.2', '4.99.0-beta.2', null],
    ['3.14.5', '3.14.5', null],
    ['3.13.99', '3.13.99', /Helm 3\.13\.99 is not supported: the action is tested with Helm 3\.14 and later/],
    ['v3.0.9', '3.0.9', /Helm 3\.0\.9 is not supported: the action is tested with Helm 3\.14 and later/],
    ['4.1.99', '4.1.99', /Helm 4\.1\.99 is not supported: its rollback has a regression that Helm 4\.2 mended/],
  ] as const)
    test(`${JSON.stringify(text)} is Helm ${version}${warning ? ', with a warning' : ''}`, async (context) => {
      const server = await serve(context, published(version, await smallArchive(version)))
      const run = await install({ 'helm-version': text, 'helm-download-url': server.url })
      assertInstalled(run, version)
      if (warning) assert.match(run.said, warning)
      else assert.doesNotMatch(run.said, /warning/)
    })

  for (const [text, says] of [
    ['abc', /`helm-version`: "abc" is not a version of Helm/],
    ['Latest', /"Latest" is not a version of Helm/],
    ['3.18.4+build', /"3\.18\.4\+build" is not a version of Helm/],
    ['../../3.18.4', /is not a version of Helm/],
    ['<html>503</html>', /"<html>503<\/html>" is not a version of Helm/],
    ['2.17.0', /Helm 2\.17\.0 is not Helm 3 or 4/],
    ['5.0.0', /Helm 5\.0\.0 is not Helm 3 or 4/],
    ['>=5', /">=5" allows neither Helm 3 nor Helm 4/],
  ] as const)
    test(`cannot be ${JSON.stringify(text)}`, async (context) => {
      const server = await serve(context, {})
      const run = await install({ 'helm-version': text, 'helm-download-url': server.url })
      assertRefused(run, says)
      assert.deepEqual(server.requests(), [])
    })

  test('that does not exist is an error, whatever else there is', async (context) => {
    const server = await serve(context, {
      ...published('4.99.0', await smallArchive('4.99.0')),
      '/helm-latest-version': { body: 'v4.99.0' },
      '/helm4-latest-version': { body: 'v4.99.0' },
    })
    const options = { path: [helm4.directory] }
    const run = await install({ 'helm-version': '4.98.0', 'helm-download-url': server.url }, options)
    assertRefused(
      run,
      /Helm 4\.98\.0 cannot be downloaded: http\S+4\.98\.0\S+: HTTP 404/,
      /Check that this version exists/,
    )
  })

  test('whose archive holds another version is refused', async (context) => {
    const server = await serve(context, published('4.99.0', await smallArchive('4.99.0', 'v4.98.0')))
    const run = await install({ 'helm-version': '4.99.0', 'helm-download-url': server.url })
    assertRefused(run, /The archive of Helm 4\.99\.0 holds a program that says it is v4\.98\.0/)
  })

  test('whose program cannot be run is refused', async (context) => {
    const server = await serve(context, published('4.99.0', await smallArchive('4.99.0', '')))
    const run = await install({ 'helm-version': '4.99.0', 'helm-download-url': server.url })
    assertRefused(run, /The archive of Helm 4\.99\.0 holds a program that says it is no Helm/)
  })
})
