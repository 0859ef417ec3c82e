import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { readFileSync } from 'node:fs'
import { knownHashes } from '../../../src/setup/known-hashes.ts'
import { defaultVersion, parseVersionWish, versionInFile, versionWarning } from '../../../src/setup/version.ts'
import { settleWish } from '../../../src/setup/wish.ts'

const wishes: Record<string, string> = {
  '3.18.4': 'exact 3.18.4',
  'v3.18.4': 'exact 3.18.4',
  ' 4.0.0 ': 'exact 4.0.0',
  '4.0.0-rc.1': 'exact 4.0.0-rc.1',
  'v4.0.0-beta.2': 'exact 4.0.0-beta.2',
  '3.13.3': 'exact 3.13.3',
  '3': 'range 3',
  v4: 'range v4',
  '3.18': 'range 3.18',
  'v3.18': 'range v3.18',
  '3.18.x': 'range 3.18.x',
  '3.18.*': 'range 3.18.*',
  '3.x': 'range 3.x',
  '^4.1': 'range ^4.1',
  '~3.18.2': 'range ~3.18.2',
  '>=3.14 <4': 'range >=3.14 <4',
  '3.18 || 4.x': 'range 3.18 || 4.x',
  '*': 'range *',
  '>=4.0.0-0': 'range >=4.0.0-0',
  latest: 'latest',
  installed: 'installed',
  '2.17.0': 'problem: Helm 2.17.0 is not Helm 3 or 4',
  '5.0.0': 'problem: Helm 5.0.0 is not Helm 3 or 4',
  '2': 'problem: "2" allows neither Helm 3 nor Helm 4',
  '>=5': 'problem: ">=5" allows neither Helm 3 nor Helm 4',
  '': 'problem: "" is not a version of Helm',
  abc: 'problem: "abc" is not a version of Helm',
  'latest 3': 'problem: "latest 3" is not a version of Helm',
  Latest: 'problem: "Latest" is not a version of Helm',
  '3.18.4.1': 'problem: "3.18.4.1" is not a version of Helm',
  '3.18.4+build': 'problem: "3.18.4+build" is not a version of Helm',
  '>=3.14, <4': 'problem: ">=3.14, <4" is not a version of Helm',
  '<html>503</html>': 'problem: "<html>503</html>" is not a version of Helm',
  '03.18.4': 'problem: "03.18.4" is not a version of Helm',
  '../../etc': 'problem: "../../etc" is not a version of Helm',
}

function shown(wish: ReturnType<typeof parseVersionWish>): string {
  if ('problem' in wish) return `problem: ${wish.problem.replace(/^w: /, '')}`
  if (wish.kind === 'exact') return `exact ${wish.version}`
  return wish.kind === 'range' ? `range ${wish.range}` : wish.kind
}

for (const [text, expected] of Object.entries(wishes))
  test(`helm-version ${JSON.stringify(text)}: ${expected}`, () => {
    assert.equal(shown(parseVersionWish(text, 'w')), expected)
  })

const files: [string, string, string, string][] = [
  ['the line for helm', '.tool-versions', 'nodejs 24.1.0\nhelm 3.18.4\n', 'exact 3.18.4'],
  ['the first of several versions', '.tool-versions', 'helm 3.18.4 3.17.0', 'exact 3.18.4'],
  ['comments and blank lines', 'a/.tool-versions', '# helm 1\n\n  helm 4.0.1 # now\r\n', 'exact 4.0.1'],
  ['a range', '.tool-versions', 'helm 3.18', 'range 3.18'],
  ['the newest', '.tool-versions', 'helm latest', 'latest'],
  ['the newest of a range', '.tool-versions', 'helm latest:3', 'range 3'],
  ['that of the system', '.tool-versions', 'helm system', 'installed'],
  [
    'no line for helm',
    '.tool-versions',
    'helmfile 0.1.0',
    'problem: `helm-version-file` .tool-versions has no line for helm',
  ],
  ['no version', '.tool-versions', 'helm', 'problem: `helm-version-file` .tool-versions has no line for helm'],
  [
    'a commit',
    '.tool-versions',
    'helm ref:abc',
    'problem: `helm-version-file` .tool-versions: "ref:abc" is not a version of Helm',
  ],
  ['only a version', '.helm-version', 'v3.18.4\n', 'exact 3.18.4'],
  ['a comment beside it', 'ci/helm', '# for all\n4.1.0\n', 'exact 4.1.0'],
  ['an empty file', 'v', '\n', 'problem: `helm-version-file` v holds 0 lines'],
  ['two versions', 'v', '3.1.0\n3.2.0', 'problem: `helm-version-file` v holds 2 lines'],
]

for (const [name, path, content, expected] of files)
  test(`a version file with ${name}`, () => assert.equal(shown(versionInFile(content, path)), expected))

const warnings: Record<string, RegExp | null> = {
  '3.13.3': /tested with Helm 3\.14/,
  '3.0.0': /tested with Helm 3\.14/,
  '3.14.0-rc.1': null,
  '3.14.0': null,
  '3.22.0': null,
  '4.0.0': null,
  '4.1.0': /regression/,
  '4.1.4': /regression/,
  '4.2.0': null,
  '4.3.1': null,
}

for (const [version, expected] of Object.entries(warnings))
  test(`Helm ${version} ${expected ? 'is warned of' : 'is supported'}`, () => {
    const warning = versionWarning(version)
    if (expected) assert.match(warning ?? '', expected)
    else assert.equal(warning, null)
  })

test('a hash is for an exact version, and only one source of a version is allowed', () => {
  const given = (helmVersion: string, helmVersionFile: string, helmSha256: string): string => {
    const wish = settleWish({ helmVersion, helmVersionFile, helmSha256 }, '/nowhere')
    return 'kind' in wish ? wish.kind : wish.map(({ problem }) => problem).join('\n')
  }
  assert.match(given('3', '', 'a'.repeat(64)), /hash of one archive/)
  assert.match(given('latest', '', 'a'.repeat(64)), /hash of one archive/)
  assert.equal(given('3.18.4', '', 'a'.repeat(64)), 'exact')
  assert.match(given('3', 'v', ''), /both given/)
  assert.match(given('', 'v', ''), /cannot be read: ENOENT/)
  assert.equal(given('', '', ''), 'exact')
})

test('the default is told where people read it', () => {
  const action = parse(readFileSync(new URL('../../../action.yml', import.meta.url), 'utf8')) as {
    inputs: Record<string, { description: string; default?: string }>
  }
  assert.ok(action.inputs['helm-version']?.description.includes(`Default is ${defaultVersion},`))
  assert.equal(action.inputs['helm-version']?.default, undefined, 'a default would look as if it were given')
})

test('the default version is in the table of known hashes, or the document says that it is not', () => {
  const text = readFileSync(new URL('../../../docs/helm-versions.md', import.meta.url), 'utf8')
  const isKnown = ['linux-amd64', 'linux-arm64'].every((platform) => knownHashes[defaultVersion]?.[platform])
  const told = `The default, Helm ${defaultVersion}, is ${isKnown ? 'in the table.' : 'newer than the table: '}`
  assert.ok(text.includes(told), `docs/helm-versions.md does not say: ${told}`)
  assert.equal(text.includes('is newer than the table'), !isKnown, '`npm run docs` writes it')
})
