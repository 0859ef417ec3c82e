import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { helmPlatform, type HelmPlatform } from '../../../src/setup/platform.ts'
import { takeProgram } from '../../../src/setup/unpack.ts'
import { helmEntries, tarGz, zip } from '../../helpers/archives.ts'
import { hostileTars, hostileZips } from '../../helpers/hostile-archives.ts'
import { elf, elfMachines, pe } from '../../helpers/program.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'

function platformOf(system: string, arch = 'x64'): HelmPlatform {
  const platform = helmPlatform(system, arch)
  assert.ok(!('problem' in platform))
  return platform
}

const [linux, windows] = [platformOf('linux'), platformOf('win32')]
const program = elf(elfMachines.amd64)
const plain = helmEntries(program, 'linux-amd64').map(({ name, content }) => ({ name, content }))

const goodTars: [string, () => Promise<Buffer>][] = [
  ['as Helm publishes it', () => tarGz(plain)],
  ['with its folder', () => tarGz([{ name: 'linux-amd64/', type: 'directory' }, ...plain])],
  ['with paths from here', () => tarGz(plain.map((entry) => ({ ...entry, name: `./${entry.name}` })))],
  ['with the program only', () => tarGz(plain.slice(0, 1))],
  [
    'with a name that only looks like a way out',
    () => tarGz([...plain, { name: 'linux-amd64/..notes', content: 'x' }]),
  ],
  ['with a very long name', () => tarGz([...plain, { name: `linux-amd64/${'n'.repeat(300)}`, content: 'x' }])],
  // Of GNU where that is the `tar`; macOS and Windows have that of BSD.
  ...[process.platform === 'linux' ? 'gnu' : 'gnutar', 'pax', 'ustar'].map(
    (format): [string, () => Promise<Buffer>] => [`by tar, as ${format}`, async () => byTar(format)],
  ),
]

for (const [name, make] of goodTars)
  test(`an archive ${name} is taken`, async () => assert.deepEqual(await takeProgram(await make(), linux), program))

test('a large program comes out as it was', async () => {
  const large = Buffer.concat([program, randomBytes(5_000_001)])
  assert.ok((await takeProgram(await tarGz([{ name: 'linux-amd64/helm', content: large }]), linux)).equals(large))
})

test('a zip archive is taken', async () => {
  assert.deepEqual(await takeProgram(zip(helmEntries(pe(), 'windows-amd64', 'helm.exe')), windows), pe())
})

test('a zip archive that does not say what kind of files it holds is taken', async () => {
  const entries = helmEntries(pe(), 'windows-amd64', 'helm.exe').map(({ name, content }) => ({ name, content }))
  assert.deepEqual(await takeProgram(zip([{ name: 'windows-amd64/', content: '' }, ...entries]), windows), pe())
})

for (const [kind, platform, table] of [
  ['tar', linux, hostileTars('linux-amd64')],
  ['zip', windows, hostileZips()],
] as const)
  for (const { name, make, says } of table)
    test(`a ${kind} archive that is ${name}, or holds it, is refused`, async () => {
      const archive = await make()
      await assert.rejects(takeProgram(archive, platform), (error) => {
        assert.ok(error instanceof Error)
        const told = [error.message, error.cause instanceof Error ? error.cause.message : ''].join(': ')
        assert.match(told, says)
        return true
      })
    })

/** What the program `tar` makes of the same files. */
function byTar(format: string): Buffer {
  const folder = temporaryDirectory('tar')
  mkdirSync(join(folder, 'linux-amd64'))
  for (const { name, content } of plain) writeFileSync(join(folder, name), content)
  const archive = join(folder, 'helm.tar.gz')
  const { status, stderr } = spawnSync('tar', ['-C', folder, `--format=${format}`, '-czf', archive, 'linux-amd64'])
  assert.equal(status, 0, String(stderr))
  return readFileSync(archive)
}
