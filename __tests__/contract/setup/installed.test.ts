// `installed` is the Helm that is first on PATH, and nothing is ever put in its place.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { archiveNameOf, published, sha256Of, smallArchive } from '../../helpers/downloads.ts'
import { programSaying } from '../../helpers/program.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { assertInstalled, assertRefused, install, realHelm, serve } from './install.ts'

const [helm3, helm4] = [await realHelm(3), await realHelm(4)]
const inputs = { 'helm-version': 'installed', 'helm-download-url': 'http://127.0.0.1:9' }

/** A directory with this program as its Helm. */
function directoryWith(program: Buffer | string, mode = 0o755): string {
  const directory = temporaryDirectory('installed')
  writeFileSync(join(directory, 'helm'), program, { mode })
  return directory
}

describe('the installed Helm', { concurrency: 3 }, () => {
  for (const { version, directory } of [helm3, helm4])
    test(`${version} is taken as it is`, async () => {
      const run = await install(inputs, { path: [directory] })
      assert.equal(run.status, 'installed', run.said)
      assert.deepEqual([run.outputs['helm-version'], run.outputs['helm-path']], [version, `${directory}/helm`])
      assert.deepEqual(run.main.path, [], 'it is on PATH already')
      assert.match(run.said, new RegExp(`Helm ${version} is on PATH: ${directory}/helm`))
      assert.doesNotMatch(run.said, /warning|downloading/)
    })

  for (const [version, warning] of [
    ['v3.13.3', /3\.13\.3 is not supported: the action is tested with Helm 3\.14 and later/],
    ['v4.1.0', /4\.1\.0 is not supported: its rollback has a regression/],
  ] as const)
    test(`${version} is taken with a warning`, async () => {
      const run = await install(inputs, { path: [directoryWith(programSaying(version))] })
      assert.deepEqual([run.status, run.outputs['helm-version']], ['installed', version.slice(1)], run.said)
      assert.match(run.said, warning)
    })

  test('is the first on PATH that can be run', async () => {
    const text = directoryWith('not a program', 0o644)
    const run = await install(inputs, { path: ['/nowhere/else', text, helm3.directory, helm4.directory] })
    assert.equal(run.outputs['helm-path'], `${helm3.directory}/helm`, run.said)
  })

  const broken: [name: string, path: string[], says: RegExp][] = [
    ['that is missing', [], /Helm is not on PATH/],
    ['of another major', [directoryWith(programSaying('v2.17.0'))], /Helm v?2\.17\.0 \(\S+\/helm\) is not supported/],
    ['of a major to come', [directoryWith(programSaying('v5.0.0'))], /Helm v?5\.0\.0 \(\S+\/helm\) is not supported/],
    ['that says nothing', [directoryWith(programSaying(''))], /helm version` does not answer with a version/],
    ['that says something else', [directoryWith(programSaying('usage: helm'))], /does not answer with a version/],
    ['that fails', [directoryWith('#!/bin/sh\necho v4.3.1\nexit 3\n')], /does not answer with a version/],
    ['that is for no machine', [directoryWith('\x7fELF'.padEnd(200))], /does not answer with a version/],
  ]
  for (const [name, path, says] of broken)
    test(`${name} is an error, and none is downloaded`, async (context) => {
      const version = '4.3.1'
      const server = await serve(context, published(version, await smallArchive(version)))
      const run = await install({ ...inputs, 'helm-download-url': server.url }, { path })
      assertRefused(run, says)
      assert.deepEqual(server.requests(), [])
    })

  test('is not downloaded again when its version is asked for', async () => {
    const run = await install({ ...inputs, 'helm-version': helm4.version }, { path: [helm4.directory] })
    assert.deepEqual([run.status, run.outputs['helm-path']], ['installed', `${helm4.directory}/helm`], run.said)
  })

  test('does not count when the hash of its archive is given', async (context) => {
    const archive = await smallArchive('4.99.0')
    const server = await serve(context, published('4.99.0', archive))
    const path = [directoryWith(programSaying('v4.99.0'))]
    const hash = { 'helm-version': '4.99.0', 'helm-sha256': sha256Of(archive) }
    const run = await install({ ...hash, 'helm-download-url': server.url }, { path })
    assertInstalled(run, '4.99.0')
    assert.deepEqual(server.requests(), [`/${archiveNameOf('4.99.0')} 200`])
  })
})
