// The version can come from a file that other tools read as well.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { published, smallArchive } from '../../helpers/downloads.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { assertInstalled, assertRefused, install, realHelm, serve } from './install.ts'

const { directory, version: installed } = await realHelm(4)
const version = '4.99.0'
const archive = await smallArchive(version)

/** A workspace with one file. */
function workspaceWith(file: string, content: string): string {
  const workspace = temporaryDirectory('workspace')
  mkdirSync(dirname(join(workspace, file)), { recursive: true })
  writeFileSync(join(workspace, file), content)
  return workspace
}

describe('a version file', { concurrency: 3 }, () => {
  for (const [name, file, content] of [
    ['.tool-versions', '.tool-versions', `nodejs 24.1.0\nhelm ${version}\nhelmfile 1.0.0\n`],
    ['.tool-versions in a folder, with comments', 'ci/.tool-versions', `# helm 3.14.0\n\n  helm ${version} # ours\r\n`],
    ['.tool-versions with two versions', '.tool-versions', `helm ${version} 3.18.0\n`],
    ['.tool-versions with latest', '.tool-versions', 'helm latest\n'],
    ['a file that holds the version', '.helm-version', `v${version}\n`],
    ['a file without a line break', 'helm.txt', version],
    ['a file with a comment', 'ci/helm', `# for all\n\n${version}\n`],
  ] as const)
    test(`can be ${name}`, async (context) => {
      const server = await serve(context, {
        ...published(version, archive),
        '/helm-latest-version': { body: `v${version}` },
      })
      const workspace = workspaceWith(file, content)
      const run = await install({ 'helm-version-file': file, 'helm-download-url': server.url }, { workspace })
      assertInstalled(run, version)
    })

  test('can ask for the Helm of the system', async () => {
    const workspace = workspaceWith('.tool-versions', 'helm system\n')
    const run = await install({ 'helm-version-file': '.tool-versions' }, { workspace, path: [directory] })
    assert.deepEqual([run.status, run.outputs['helm-version']], ['installed', installed], run.said)
  })

  const hash = 'ab'.repeat(32)
  const bad: [name: string, content: string | null, inputs: Record<string, string>, says: RegExp][] = [
    ['that is missing', null, {}, /`helm-version-file` \.tool-versions cannot be read.*relative to the workspace/s],
    ['without a line for Helm', 'helmfile 1.0.0\n', {}, /\.tool-versions has no line for helm/],
    ['whose line has no version', 'helm\n', {}, /\.tool-versions has no line for helm/],
    ['with something else as the version', 'helm ref:main\n', {}, /"ref:main" is not a version of Helm/],
    ['with Helm 2', 'helm 2.17.0\n', {}, /Helm 2\.17\.0 is not Helm 3 or 4/],
    ['beside a version', `helm ${version}\n`, { 'helm-version': version }, /`helm-version-file` are both given/],
    ['with a range beside a hash', 'helm 4\n', { 'helm-sha256': hash }, /the version is not an exact one/],
  ]
  for (const [name, content, inputs, says] of bad)
    test(`${name} is an error, and nobody is asked`, async (context) => {
      const server = await serve(context, published(version, archive))
      const workspace = content === null ? temporaryDirectory('empty') : workspaceWith('.tool-versions', content)
      const all = { 'helm-version-file': '.tool-versions', 'helm-download-url': server.url, ...inputs }
      const run = await install(all, { workspace, path: [directory] })
      assertRefused(run, says)
      assert.deepEqual(server.requests(), [])
    })

  test('with lines that are no version is an error that shows none of them', async () => {
    const workspace = workspaceWith('secrets', 'token-1234\ntoken-5678\n')
    const run = await install({ 'helm-version-file': 'secrets' }, { workspace })
    assertRefused(run, /`helm-version-file` secrets holds 2 lines/)
    assert.doesNotMatch(run.log, /token-/)
  })
})
