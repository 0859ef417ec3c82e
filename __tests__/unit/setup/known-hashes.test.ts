// Which hashes of Helm's archives get into the table that the installer trusts: the rules of the record, how claims are merged,
// and the script as a process that asks a server of ours.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { agree, archiveName, parseArchiveName, platforms } from '../../../.ci/known-hashes/agree.ts'
import {
  entriesOf,
  type KnownHashesRecord,
  recordProblems,
  recordText,
  tableText,
} from '../../../.ci/known-hashes/record.ts'
import { claimsOfCertManager, claimsOfNotes, claimsOfRancherDesktop } from '../../../.ci/known-hashes/sources.ts'
import { knownHashes } from '../../../src/setup/known-hashes.ts'
import { archiveName as installedName, helmPlatform } from '../../../src/setup/platform.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'

const root = new URL('../../../', import.meta.url)
const hash = (letter: string): string => letter.repeat(64)

test('the record: two origins for each hash, known platforms, no hash twice, in step with the table', () => {
  const text = readFileSync(new URL('.ci/known-hashes/hashes.json', root), 'utf8')
  const record = JSON.parse(text) as KnownHashesRecord
  assert.deepEqual(recordProblems(record), [])
  assert.equal(recordText(record), text)
  assert.equal(tableText(record), readFileSync(new URL('src/setup/known-hashes.ts', root), 'utf8'))
  const entries = entriesOf(record)
  for (const { version, platform, sha256 } of entries) assert.equal(knownHashes[version]?.[platform], sha256)
  assert.equal(Object.values(knownHashes).flatMap((archives) => Object.values(archives)).length, entries.length)
})

test('archives have the names by which the installer asks for them', () => {
  const systems = { darwin: 'darwin', linux: 'linux', windows: 'win32' }
  for (const name of platforms) {
    const [system, arch] = name.split('-') as [keyof typeof systems, string]
    const platform = helmPlatform(systems[system], arch)
    assert.ok('name' in platform, name)
    assert.equal(archiveName({ version: '4.2.0', platform: name }), installedName('4.2.0', platform))
    assert.deepEqual(parseArchiveName(installedName('4.2.0', platform)), { version: '4.2.0', platform: name })
  }
})

for (const name of [
  'helm-v4.2.0-windows-amd64.tar.gz',
  'helm-v4.2.0-linux-amd64.zip',
  'helm-v4.2.0-linux-amd64.tar.gz.sha256sum',
  'helm-v4.2.0-rc.1-linux-amd64.tar.gz',
  'helm-v3.13.3-linux-amd64.tar.gz',
  'helm-v4.2.0-plan9-amd64.tar.gz',
  'x-helm-v4.2.0-linux-amd64.tar.gz',
])
  test(`the table is not about ${name}`, () => assert.equal(parseArchiveName(name), null))

/** `version platform hash source` for each claim, the platform without its `linux-`. */
const cases: [string, string[], { accepted?: string[]; disputed?: string[]; lonely?: string[] }][] = [
  ['two that agree', ['4.2.0 amd64 a x', '4.2.0 amd64 a y'], { accepted: ['4.2.0 amd64 a x,y'] }],
  ['one alone', ['4.2.0 amd64 a x'], { lonely: ['4.2.0 amd64 a x'] }],
  ['one that says it twice is still one', ['4.2.0 amd64 a x', '4.2.0 amd64 a x'], { lonely: ['4.2.0 amd64 a x'] }],
  ['two that have it from the same place', ['4.2.0 amd64 a X', '4.2.0 amd64 a Y'], { lonely: ['4.2.0 amd64 a X,Y'] }],
  ['one of its own and one that repeats', ['4.2.0 amd64 a X', '4.2.0 amd64 a y'], { accepted: ['4.2.0 amd64 a X,y'] }],
  [
    'one against one that has the same place',
    ['4.2.0 amd64 a X', '4.2.0 amd64 b Y'],
    { disputed: ['4.2.0 amd64 a X', '4.2.0 amd64 b Y'] },
  ],
  ['one against one', ['4.2.0 amd64 a x', '4.2.0 amd64 b y'], { disputed: ['4.2.0 amd64 a x', '4.2.0 amd64 b y'] }],
  [
    'a majority decides nothing',
    ['4.2.0 amd64 a x', '4.2.0 amd64 a y', '4.2.0 amd64 b z'],
    { disputed: ['4.2.0 amd64 a x,y', '4.2.0 amd64 b z'] },
  ],
  [
    'one that contradicts itself',
    ['4.2.0 amd64 a x', '4.2.0 amd64 a y', '4.2.0 amd64 b x'],
    { disputed: ['4.2.0 amd64 a x,y', '4.2.0 amd64 b x'] },
  ],
  [
    'one hash for two archives, as when a version is raised and its hash forgotten',
    ['4.2.0 amd64 a x', '4.2.0 amd64 a y', '4.2.1 amd64 a x', '4.2.1 arm64 b x', '4.2.1 arm64 b y'],
    { disputed: ['4.2.0 amd64 a x,y', '4.2.1 amd64 a x'], accepted: ['4.2.1 arm64 b x,y'] },
  ],
  [
    'sorted by numbers, and sources by name',
    [
      '4.10.0 amd64 c y',
      '4.10.0 amd64 c x',
      '4.9.0 arm64 b x',
      '4.9.0 amd64 a x',
      '4.9.0 arm64 b y',
      '4.9.0 amd64 a y',
    ],
    { accepted: ['4.9.0 amd64 a x,y', '4.9.0 arm64 b x,y', '4.10.0 amd64 c x,y'] },
  ],
  ['nothing', [], {}],
]

for (const [name, said, expected] of cases)
  test(`merging claims: ${name}`, () => {
    const claims = said.map((line) => {
      const [version = '', arch = '', letter = '', source = ''] = line.split(' ')
      return { version, platform: `linux-${arch}`, sha256: hash(letter), source }
    })
    // Names in capital letters stand for sources that repeat Helm.
    const { accepted, disputed, lonely } = agree(claims, (source) =>
      source === source.toLowerCase() ? source : 'helm',
    )
    const short = (list: typeof accepted): string[] =>
      list.map(({ version, platform, sha256, sources }) =>
        [version, platform.replace('linux-', ''), sha256[0], sources.join(',')].join(' '),
      )
    const found = { accepted: short(accepted), disputed: short(disputed), lonely: short(lonely) }
    assert.deepEqual(found, { accepted: [], disputed: [], lonely: [], ...expected })
  })

const entry = (letter: string, sources = ['cert-manager', 'helm-notes']) => ({ sha256: hash(letter), sources })
const sources = Object.fromEntries(
  Object.entries({
    'cert-manager': 'cert-manager',
    'helm-notes': 'helm',
    'rancher-desktop': 'rancher-desktop',
    published: 'helm',
  }).map(([name, origin]) => [name, { origin, url: '', what: '' }]),
)
const good: KnownHashesRecord = { sources, hashes: { '4.2.0': { 'linux-amd64': entry('a') } } }

const faults: [string, KnownHashesRecord['hashes'], RegExp][] = [
  ['one source', { '4.2.0': { 'linux-amd64': entry('a', ['helm-notes', 'helm-notes']) } }, /fewer than two origins/],
  ['one origin', { '4.2.0': { 'linux-amd64': entry('a', ['helm-notes', 'published']) } }, /fewer than two origins/],
  ['a source that is nobody', { '4.2.0': { 'linux-amd64': entry('a', ['helm-notes', 'me']) } }, /names me/],
  ['upper case', { '4.2.0': { 'linux-amd64': entry('A') } }, /no SHA-256/],
  ['no platform', { '4.2.0': { 'linux-mips': entry('a') } }, /no archive/],
  ['one hash twice', { '4.2.0': { 'linux-amd64': entry('a'), 'linux-arm': entry('a') } }, /another archive/],
  ['no order', { '4.10.0': { 'linux-arm': entry('a') }, '4.9.0': { 'linux-arm': entry('b') } }, /not sorted/],
]

for (const [name, hashes, expected] of faults)
  test(`a record that breaks the rules is told: ${name}`, () =>
    assert.match(recordProblems({ sources, hashes }).join('\n'), expected))

const note = (version: string, platform: string, sum: string): string => {
  const url = `https://get.helm.sh/${archiveName({ version, platform })}`
  return `- [x](${url}) ([checksum](${url}.sha256sum) / ${sum})\n`
}
const release = { tag_name: 'v4.2.0', draft: false, prerelease: false }

test('release notes: an archive without a hash has no claim, and never that of the next one', () => {
  const missing = '<?xml version="1.0"?><Error><Code>BlobNotFound</Code></Error>'
  const body = note('4.2.0', 'linux-loong64', missing) + note('4.2.0', 'windows-amd64', hash('b'))
  assert.deepEqual(claimsOfNotes({ ...release, body }), [
    { version: '4.2.0', platform: 'windows-amd64', source: 'helm-notes', sha256: hash('b') },
  ])
})

test('release notes: nothing from drafts and pre-releases, nor about another version', () => {
  const body = note('4.2.0', 'linux-arm', hash('b'))
  assert.deepEqual(claimsOfNotes({ ...release, draft: true, body }), [])
  assert.deepEqual(claimsOfNotes({ ...release, prerelease: true, body }), [])
  assert.deepEqual(claimsOfNotes({ ...release, tag_name: 'v4.2.1', body }), [])
  assert.deepEqual(claimsOfNotes({ ...release, body: null }), [])
})

test('what is no hash of an archive is passed over', () => {
  const make = (version: string): string =>
    `tools += helm=v${version}\ntools += helm-tool=v9.9.9\nhelm_linux_arm64_SHA256SUM=${hash('b')}\nhelm_plan9_arm_SHA256SUM=${hash('c')}\nhelm-tool_linux_arm_SHA256SUM=${hash('d')}\n`
  assert.deepEqual(claimsOfCertManager(make('4.2.0')), [
    { version: '4.2.0', platform: 'linux-arm64', source: 'cert-manager', sha256: hash('b') },
  ])
  assert.deepEqual([claimsOfCertManager(make('4.2.0-rc.1')), claimsOfCertManager('')], [[], []])
  const assets = [
    ['windows-amd64.zip', `sha256:${hash('a')}`],
    // Helm publishes these too, but the installer takes the other.
    ['windows-arm64.tar.gz', `sha256:${hash('b')}`],
    ['linux-arm.tar.gz', `sha512:${hash('c')}`],
  ].map(([name, checksum]) => ({ url: `https://get.helm.sh/helm-v4.2.0-${name}`, checksum }))
  assert.deepEqual(claimsOfRancherDesktop(JSON.stringify({ helm: { assets } })), [
    { version: '4.2.0', platform: 'windows-amd64', source: 'rancher-desktop', sha256: hash('a') },
  ])
  assert.deepEqual([claimsOfRancherDesktop(''), claimsOfRancherDesktop('kuberlr: {}')], [[], []])
})

/** Answers by path; the query of a path is left out. Whatever is not there is 404. */
async function serve(answers: Readonly<Record<string, string | number>>) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/\?.*/, '')
    asked.push(path)
    assert.equal(request.headers.authorization, undefined, 'a token for GitHub goes nowhere else')
    const answer = answers[path] ?? 404
    response.statusCode = typeof answer === 'number' ? answer : 200
    response.end(typeof answer === 'number' ? '' : answer)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, asked, [Symbol.asyncDispose]: async () => void (await once(server.close(), 'close')) }
}

/** Runs the script on a record of its own, with all sources at one server. */
async function run(answers: Readonly<Record<string, string | number>>, ...args: string[]) {
  const folder = temporaryDirectory('known-hashes')
  await using server = await serve(answers)
  const [record, table] = [join(folder, 'hashes.json'), join(folder, 'known-hashes.ts')]
  writeFileSync(record, recordText(good))
  writeFileSync(table, args.includes('--generate') ? 'nothing' : tableText(good))
  const bases = ['published', 'releases', 'certManager', 'rancherDesktop'].flatMap((name) => [`--${name}`, server.url])
  const script = fileURLToPath(new URL('.ci/known-hashes.ts', root))
  const child = spawn(process.execPath, [script, '--record', record, '--table', table, ...bases, ...args], {
    env: { ...process.env, GH_TOKEN: 'secret' },
  })
  let told = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (told += text))
  const [code] = (await once(child, 'close')) as [number]
  const after = JSON.parse(readFileSync(record, 'utf8')) as KnownHashesRecord
  return { code, told, after, table: readFileSync(table, 'utf8'), asked: server.asked }
}

const paths = {
  releases: '/repos/helm/helm/releases',
  certManager: '/modules/tools/00_mod.mk',
  rancherDesktop: '/pkg/rancher-desktop/assets/dependencies.yaml',
}
const notes = (...lines: string[]): string => JSON.stringify([{ ...release, tag_name: 'v4.3.0', body: lines.join('') }])
const sum = (platform: string, letter: string): Record<string, string> => {
  const name = archiveName({ version: '4.3.0', platform })
  return { [`/${name}.sha256sum`]: `${hash(letter)}  ${name}\n` }
}

const made = (version: string, ...lines: string[]): string => [`tools += helm=v${version}`, ...lines, ''].join('\n')
const made43 = made('4.3.0', `helm_linux_amd64_SHA256SUM=${hash('b')}`, `helm_linux_arm64_SHA256SUM=${hash('e')}`)

test('the script adds what two origins agree on, and tells who did not answer and what only one knows', async () => {
  const { code, told, after, table, asked } = await run({
    [paths.releases]: notes(note('4.3.0', 'linux-amd64', hash('b')), note('4.3.0', 'windows-arm64', hash('c'))),
    [paths.rancherDesktop]: 503,
    [paths.certManager]: made43,
    ...sum('linux-amd64', 'b'),
    ...sum('windows-arm64', 'c'),
    ...sum('linux-s390x', 'd'),
  })
  assert.equal(code, 0, told)
  assert.deepEqual(after.hashes, {
    ...good.hashes,
    '4.3.0': { 'linux-amd64': entry('b', ['cert-manager', 'helm-notes', 'published']) },
  })
  assert.equal(table, tableText(after))
  assert.match(told, /^rancher-desktop did not answer: \S+dependencies\.yaml answered 503$/m)
  assert.match(told, /^Added, sources agree: 4\.3\.0 \(cert-manager, helm-notes, published\): linux-amd64$/m)
  assert.match(told, /^Not added, only one origin: 4\.3\.0 \(cert-manager\): linux-arm64$/m)
  assert.match(told, /^Not added, only one origin: 4\.3\.0 \(helm-notes\): windows-arm64$/m)
  assert.match(told, /^1 added, 2 known$/m)
  assert.ok(!asked.some((path) => /s390x|windows|4\.2\.0/.test(path)), 'only what somebody else has hashed is asked')
})

for (const [name, answers, expected] of [
  [
    'about something new',
    { [paths.certManager]: made43, ...sum('linux-amd64', 'c') },
    ['helm-v4.3.0-linux-amd64.tar.gz: cert-manager say bbb', 'helm-v4.3.0-linux-amd64.tar.gz: published say ccc'],
  ],
  [
    'with the record',
    {
      [paths.rancherDesktop]: JSON.stringify({
        helm: { assets: [{ url: `/helm-v4.2.0-linux-amd64.tar.gz`, checksum: `sha256:${hash('b')}` }] },
      }),
      [paths.certManager]: made43,
      ...sum('linux-amd64', 'b'),
    },
    ['4.2.0-linux-amd64.tar.gz: cert-manager and helm-notes say aaa', 'linux-amd64.tar.gz: rancher-desktop say bbb'],
  ],
] satisfies [string, Record<string, string>, string[]][])
  test(`the script adds nothing when a source disagrees ${name}, and names both`, async () => {
    const { code, told, after, table } = await run({ [paths.releases]: '[]', ...answers })
    assert.equal(code, 1)
    for (const line of expected) assert.ok(told.includes(line), told)
    assert.deepEqual(after, good)
    assert.equal(table, tableText(good))
  })

test('the script fails when nobody answers who could tell what is new', async () => {
  const { code, told, after } = await run({
    [paths.releases]: 503,
    [paths.certManager]: 500,
    [paths.rancherDesktop]: 403,
  })
  assert.equal(code, 1)
  assert.match(told, /No source answered/)
  assert.deepEqual(after, good)
})

test('--generate and --check ask nobody', async () => {
  const generated = await run({}, '--generate')
  assert.deepEqual([generated.code, generated.table, generated.asked], [0, tableText(good), []])
  const checked = await run({}, '--check')
  assert.deepEqual([checked.code, checked.told, checked.asked], [0, '', []])
})
