import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  bundledPackages,
  installScriptProblems,
  licenceProblems,
  lockProblems,
  npmrcProblems,
  pinProblems,
  type Lockfile,
} from '../../../.ci/supply-chain/rules.ts'

const lock: Lockfile = {
  packages: {
    '': {},
    'node_modules/good': { version: '1.0.0', integrity: 'sha512-x' },
    'node_modules/good/node_modules/@scope/inner': { version: '2.0.0', integrity: 'sha512-x' },
  },
}

test('every version of package.json is one exact version', () => {
  assert.deepEqual(pinProblems({ dependencies: { good: '1.2.3' }, overrides: { good: '1.2.3-rc.1' } }), [])
  for (const version of ['^1.2.3', '~1.2', '1', '*', 'latest', 'github:org/repo', '>=1.2.3 <2'])
    assert.deepEqual(pinProblems({ devDependencies: { loose: version } }), [
      `package.json: "loose" is "${version}", which is no exact version: pin it`,
    ])
  assert.equal(pinProblems({ overrides: { nested: { inner: '1.0.0' } } }).length, 1)
})

test('a locked package needs a hash', () => {
  assert.deepEqual(lockProblems(lock), [])
  assert.match(
    lockProblems({ packages: { ...lock.packages, 'node_modules/bare': { version: '1.0.0' } } }).join(),
    /^package-lock\.json: node_modules\/bare has no hash/,
  )
})

test('an install script needs somebody to have looked at it', () => {
  const scripted = {
    packages: { ...lock.packages, 'node_modules/a/node_modules/@x/y': { version: '3.0.0', hasInstallScript: true } },
  }
  assert.deepEqual(installScriptProblems(lock), [])
  assert.match(installScriptProblems(scripted).join(), /^@x\/y 3\.0\.0 has an install script/)
  assert.deepEqual(installScriptProblems(scripted, new Set(['@x/y'])), [])
})

test('npm is told to run nothing at install time', () => {
  assert.deepEqual(npmrcProblems('save-exact=true\nignore-scripts=true\n'), [])
  for (const npmrc of ['', 'ignore-scripts=false\n', '# ignore-scripts=true\n'])
    assert.equal(npmrcProblems(npmrc).length, 1, npmrc)
})

test('a licence in dist/ has to be one that we know', () => {
  const told = (licence: string): string => `good\nMIT\nThe text\n\nof it\n\n@scope/inner\n${licence}\nThe text\n`
  assert.deepEqual(bundledPackages(told('ISC'), lock), [
    { name: 'good', licence: 'MIT' },
    { name: '@scope/inner', licence: 'ISC' },
  ])
  assert.deepEqual(licenceProblems(told('ISC'), lock), [])
  assert.match(licenceProblems(told('GPL-3.0-only'), lock).join(), /^@scope\/inner is in dist\/ under "GPL-3\.0-only"/)
  assert.match(licenceProblems(told(''), lock).join(), /^@scope\/inner is in dist\/ under no known licence/)
  assert.equal(licenceProblems('', lock).length, 1)
})
