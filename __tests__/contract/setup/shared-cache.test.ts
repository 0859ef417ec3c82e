// Tool caches that are not ours alone: jobs side by side, and such as cannot be written.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { published, sha256Of, smallArchive } from '../../helpers/downloads.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { assertInstalled, filesIn, install, realHelm, serve, versionOf } from './install.ts'
import type { Installed } from './install.ts'

const helm = await realHelm(4)
const version = '4.99.0'
const archive = await smallArchive(version)

/** Helm is in RUNNER_TEMP, where it lives as long as the job. */
function assertInTemp(run: Installed): void {
  const path = join(run.temp, 'atomic-helm-tools', 'helm', version, process.arch, 'helm')
  assert.deepEqual([run.status, run.outputs['helm-path']], ['installed', path], run.said)
  assert.deepEqual([run.main.path, versionOf(path)], [[dirname(path)], `v${version}`])
}

/** Mounts a directory on itself, so that nobody can write there, not even root; until the test ends. */
function makeReadOnly(context: TestContext, directory: string): void {
  execFileSync('mount', ['--bind', directory, directory])
  context.after(() => execFileSync('umount', [directory]))
  execFileSync('mount', ['-o', 'remount,ro,bind', directory])
}

describe('a tool cache', { concurrency: 2 }, () => {
  test('that several jobs fill at once serves all of them', async (context) => {
    const archive = await helm.archive()
    const server = await serve(context, published(helm.version, archive))
    const hash = { 'helm-sha256': sha256Of(archive) }
    const inputs = { 'helm-version': helm.version, ...hash, 'helm-download-url': server.url }
    const cache = temporaryDirectory('tools')
    const runs = await Promise.all([1, 2, 3].map(async () => install(inputs, { cache })))
    for (const run of runs) assertInstalled(run, helm.version)
    const names = ['.complete', '/helm', '/helm.json'].map((name) => `helm/${helm.version}/${process.arch}${name}`)
    assert.deepEqual(filesIn(cache).sort(), names)
    const before = server.requests().length
    assertInstalled(await install(inputs, { cache }), helm.version)
    assert.equal(server.requests().length, before)
  })

  test('that several jobs fill with different versions serves all of them', async (context) => {
    const versions = ['3.99.0', '3.99.1', '4.99.0']
    const files = await Promise.all(versions.map(async (one) => published(one, await smallArchive(one))))
    const server = await serve(context, Object.assign({}, ...files) as (typeof files)[0])
    const cache = temporaryDirectory('tools')
    const inputs = { 'helm-download-url': server.url }
    const all = versions.map(async (one) => install({ ...inputs, 'helm-version': one }, { cache }))
    for (const [index, run] of (await Promise.all(all)).entries()) assertInstalled(run, versions[index] ?? '')
  })

  test('whose program is replaced while it runs serves the job that runs it', async (context) => {
    const archive = await helm.archive()
    const server = await serve(context, published(helm.version, archive))
    const hash = { 'helm-sha256': sha256Of(archive) }
    const inputs = { 'helm-version': helm.version, ...hash, 'helm-download-url': server.url }
    const first = await install(inputs)
    const path = first.outputs['helm-path'] ?? ''
    writeFileSync(join(dirname(path), 'helm.json'), '')
    const before = statSync(path).ino
    const running = Array.from({ length: 5 }, async () => versionOf(path))
    const second = await install(inputs, { cache: first.cache })
    assertInstalled(second, helm.version)
    assert.deepEqual(
      await Promise.all(running),
      running.map(() => `v${helm.version}`),
    )
    assert.notEqual(statSync(path).ino, before, 'a new file, not the old one written anew')
  })

  test('that is read-only is left alone, and Helm is kept for the job', async (context) => {
    const server = await serve(context, published(version, archive))
    const cache = temporaryDirectory('tools')
    makeReadOnly(context, cache)
    const run = await install({ 'helm-version': version, 'helm-download-url': server.url }, { cache })
    assertInTemp(run)
    assert.match(run.said, /warning: the tool cache cannot be used, so Helm is kept for this job only/)
    assert.deepEqual(readdirSync(cache), [])
  })

  test('that is read-only and has it is as good', async (context) => {
    const server = await serve(context, published(version, archive))
    const inputs = { 'helm-version': version, 'helm-download-url': server.url }
    const cache = temporaryDirectory('tools')
    assertInstalled(await install(inputs, { cache }), version)
    makeReadOnly(context, cache)
    const run = await install(inputs, { cache })
    assertInstalled(run, version)
    assert.doesNotMatch(run.said, /warning/)
    assert.equal(server.requests().length, 2)
  })

  for (const [what, make] of [
    ['that is a file', (cache: string) => writeFileSync(join(cache, 'tools'), '')],
    ['in which a file is in the way', (cache: string) => occupy(join(cache, 'tools'), 'helm')],
    ['in which a file is in the way of the version', (cache: string) => occupy(join(cache, 'tools/helm'), version)],
  ] as const)
    test(`${what} is left alone, and Helm is kept for the job`, async (context) => {
      const server = await serve(context, published(version, archive))
      const parent = temporaryDirectory('parent')
      make(parent)
      const before = filesIn(parent)
      const options = { cache: join(parent, 'tools') }
      const run = await install({ 'helm-version': version, 'helm-download-url': server.url }, options)
      assertInTemp(run)
      assert.match(run.said, /warning: the tool cache cannot be used/)
      assert.deepEqual(filesIn(parent), before)
    })

  for (const [what, cache] of [
    ['that the runner does not name', ''],
    ['that is not there yet', join(temporaryDirectory('parent'), 'not', 'yet')],
  ] as const)
    test(`${what} is no trouble`, async (context) => {
      const server = await serve(context, published(version, archive))
      const run = await install({ 'helm-version': version, 'helm-download-url': server.url }, { cache })
      if (cache === '') assertInTemp(run)
      else assertInstalled(run, version)
      assert.doesNotMatch(run.said, /warning/)
    })

  test('keeps the permissions of its folders', async (context) => {
    const server = await serve(context, published(version, archive))
    const cache = temporaryDirectory('tools')
    const folders = ['helm', join('helm', version), join('helm', version, process.arch)]
    for (const [index, name] of folders.entries()) {
      mkdirSync(join(cache, name))
      chmodSync(join(cache, name), [0o2775, 0o700, 0o750][index] ?? 0o755)
    }
    assertInstalled(await install({ 'helm-version': version, 'helm-download-url': server.url }, { cache }), version)
    assert.deepEqual(
      folders.map((name) => (statSync(join(cache, name)).mode & 0o7777).toString(8)),
      ['2775', '700', '750'],
    )
  })

  test('is not needed for a Helm on PATH in a folder that cannot be written', async (context) => {
    const cache = temporaryDirectory('tools')
    const path = temporaryDirectory('bin')
    execFileSync('cp', [join(helm.directory, 'helm'), path])
    makeReadOnly(context, path)
    const inputs = { 'helm-version': '>=3.14', 'helm-download-url': 'http://127.0.0.1:9' }
    const run = await install(inputs, { cache, path: [path] })
    assert.deepEqual([run.status, run.outputs['helm-path']], ['installed', `${path}/helm`], run.said)
    assert.deepEqual(readdirSync(cache), [])
  })
})

function occupy(directory: string, name: string): void {
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, name), '')
}
