// What is in the tool cache is taken when it is what was placed there, and only then.
import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { platformName } from '../../helpers/archives.ts'
import { archiveNameOf, published, sha256Of, smallArchive } from '../../helpers/downloads.ts'
import type { Downloads } from '../../helpers/downloads.ts'
import { programSaying } from '../../helpers/program.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { assertInstalled, assertRefused, filesIn, install, realHelm, serve } from './install.ts'

const helm = await realHelm(4)
const version = '4.99.0'
const archive = await smallArchive(version)
const sums = { archive: `/${archiveNameOf(version)} 200`, hash: `/${archiveNameOf(version)}.sha256sum 200` }
const folder = join('helm', version, process.arch)
const evil = programSaying(`v${version}`.padEnd(20, ' '))

/** A tool cache in which the action has placed a Helm, the inputs that do, and the server that it came from. */
async function filled(
  context: TestContext,
): Promise<{ cache: string; inputs: Record<string, string>; server: Downloads }> {
  const server = await serve(context, published(version, archive))
  const inputs = { 'helm-version': version, 'helm-download-url': server.url }
  const cache = temporaryDirectory('tools')
  assertInstalled(await install(inputs, { cache }), version)
  return { cache, inputs, server }
}

describe('a Helm in the tool cache', { concurrency: 3 }, () => {
  test('is taken without a request, and is not touched', async (context) => {
    const archive = await helm.archive()
    const server = await serve(context, published(helm.version, archive))
    const hash = { 'helm-sha256': sha256Of(archive) }
    const inputs = { 'helm-version': helm.version, ...hash, 'helm-download-url': server.url }
    const cache = temporaryDirectory('tools')
    assertInstalled(await install(inputs, { cache }), helm.version)
    const before = stampsOf(cache)
    const warm = await install(inputs, { cache })
    assertInstalled(warm, helm.version)
    assert.equal(server.requests().length, 1)
    assert.match(warm.said, new RegExp(`Helm ${helm.version} from the tool cache, its hash as recorded: ${cache}`))
    assert.doesNotMatch(warm.said, /downloading|warning/)
    assert.deepEqual(stampsOf(cache), before)
    assert.deepEqual(Object.keys(before).sort(), layoutOf(helm.version))
  })

  const damages: [what: string, damage: (file: string) => void][] = [
    ['has become longer', (file) => appendFileSync(file, 'x')],
    ['is another one', (file) => writeFileSync(file, evil)],
    ['is empty', (file) => writeFileSync(file, '')],
    ['is as old and as long as before', (file) => disguise(file)],
  ]
  for (const [what, damage] of damages)
    test(`that ${what} is replaced with a warning`, async (context) => {
      const { cache, inputs, server } = await filled(context)
      damage(join(cache, folder, 'helm'))
      const run = await install(inputs, { cache })
      assertInstalled(run, version)
      assert.match(run.said, /warning: .*\/helm is not what was placed there: it is not used, and replaced/)
      assert.equal(server.requests().length, 4)
      assert.deepEqual(filesIn(cache).sort(), layoutOf(version))
      const again = await install(inputs, { cache })
      assertInstalled(again, version)
      assert.equal(server.requests().length, 4)
    })

  test('that was tampered with is not used when it cannot be replaced', async (context) => {
    const { cache, inputs } = await filled(context)
    writeFileSync(join(cache, folder, 'helm'), evil)
    const gone = { 'retry-after': '3600' }
    const server = await serve(context, { [`/${archiveNameOf(version)}`]: { status: 503, headers: gone } })
    const run = await install({ ...inputs, 'helm-download-url': server.url }, { cache })
    assert.deepEqual([run.status, run.main.path, run.outputs['helm-path']], ['rejected', [], ''], run.said)
  })

  const record = (fields: object): string =>
    JSON.stringify({
      version,
      platform: platformName,
      archiveSha256: sha256Of(archive),
      programSha256: sha256Of(programSaying(`v${version}`)),
      ...fields,
    })
  const records: [what: string, text: string | null][] = [
    ['has no record', null],
    ['has an empty record', ''],
    ['has a record that is no JSON', '{"version":'],
    ['has a record that is null', 'null'],
    ['has a record without hashes', JSON.stringify({ version, platform: platformName })],
    ['is recorded for another platform', record({ platform: 'linux-s390x' })],
  ]
  for (const [what, text] of records)
    test(`that ${what} is downloaded again`, async (context) => {
      const { cache, inputs, server } = await filled(context)
      const file = join(cache, folder, 'helm.json')
      if (text === null) rmSync(file)
      else writeFileSync(file, text)
      assertInstalled(await install(inputs, { cache }), version)
      assert.equal(server.requests().length, 4)
      assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(record({})))
    })

  test('that another action has placed is neither trusted nor touched', async (context) => {
    const server = await serve(context, published(version, archive))
    const cache = temporaryDirectory('tools')
    const theirs = join(cache, folder, platformName)
    mkdirSync(theirs, { recursive: true, mode: 0o755 })
    writeFileSync(join(theirs, 'helm'), evil, { mode: 0o700 })
    writeFileSync(join(theirs, 'LICENSE'), 'x', { mode: 0o600 })
    writeFileSync(`${join(cache, folder)}.complete`, '')
    const before = stampsOf(join(cache, folder))
    for (const wanted of [version, '^4.98']) {
      const run = await install({ 'helm-version': wanted, 'helm-download-url': server.url }, { cache })
      assertInstalled(run, version)
    }
    const after = stampsOf(join(cache, folder))
    assert.deepEqual({ ...after, ...before }, after)
    assert.deepEqual(server.requests().sort(), [sums.archive, sums.hash])
  })

  test('that is of another archive than the hash says is not taken, and stays when that cannot be had', async (context) => {
    const { cache, inputs, server } = await filled(context)
    const before = stampsOf(cache)
    const run = await install({ ...inputs, 'helm-sha256': sha256Of(Buffer.from('another')) }, { cache })
    assert.deepEqual([run.status, run.main.path], ['rejected', []], run.said)
    assert.equal(server.requests().length, 3)
    assert.deepEqual(stampsOf(cache), before)
  })

  test('that a hash of the user once let in does not pass for the known one', async (context) => {
    const [known, forged] = ['3.18.6', await smallArchive('3.18.6')]
    const server = await serve(context, published(known, forged))
    const inputs = { 'helm-version': known, 'helm-download-url': server.url }
    const cache = temporaryDirectory('tools')
    assertInstalled(await install({ ...inputs, 'helm-sha256': sha256Of(forged) }, { cache }), known)
    const run = await install(inputs, { cache })
    assert.deepEqual([run.status, run.main.path], ['rejected', []], run.said)
  })

  test('is kept beside others', async (context) => {
    const { cache, inputs } = await filled(context)
    const others = ['3.99.0', '4.99.0-rc.1']
    const files = await Promise.all(others.map(async (one) => published(one, await smallArchive(one))))
    const server = await serve(context, Object.assign({}, ...files) as (typeof files)[0])
    const before = stampsOf(cache)
    for (const other of others)
      assertInstalled(await install({ 'helm-version': other, 'helm-download-url': server.url }, { cache }), other)
    const after = stampsOf(cache)
    assert.deepEqual({ ...after, ...before }, after)
    assertInstalled(await install({ ...inputs, 'helm-download-url': 'http://127.0.0.1:9' }, { cache }), version)
  })

  test('is looked for under the names that the runner gives it, whatever they are', async (context) => {
    const cache = join(temporaryDirectory('tools'), "it's the runner's  tööl cache, (x64) $HOME")
    mkdirSync(cache)
    const server = await serve(context, published(version, archive))
    const inputs = { 'helm-version': version, 'helm-download-url': server.url }
    assertInstalled(await install(inputs, { cache }), version)
    assertInstalled(await install(inputs, { cache }), version)
    assert.equal(server.requests().length, 2)
  })

  test('is not made by an archive that is refused', async (context) => {
    const server = await serve(context, published(version, await smallArchive(version, 'v4.98.0')))
    const run = await install({ 'helm-version': version, 'helm-download-url': server.url })
    assertRefused(run, /says it is v4\.98\.0/)
  })
})

function layoutOf(version: string): string[] {
  const arch = process.arch
  return [`${arch}.complete`, `${arch}/helm`, `${arch}/helm.json`].map((name) => `helm/${version}/${name}`).sort()
}

/** Everything about the files under a directory that a change of them changes; a change of mode too. */
function stampsOf(directory: string): Record<string, unknown> {
  const stamp = (name: string): unknown => {
    const { mode, ino, size, ctimeMs } = statSync(join(directory, name))
    return { mode, ino, size, ctimeMs }
  }
  return Object.fromEntries(filesIn(directory).map((name) => [name, stamp(name)]))
}

function disguise(file: string): void {
  const content = readFileSync(file)
  const { atime, mtime } = statSync(file)
  content[content.length - 1] = (content[content.length - 1] ?? 0) ^ 1
  writeFileSync(file, content)
  utimesSync(file, atime, mtime)
  utimesSync(dirname(file), atime, mtime)
}
