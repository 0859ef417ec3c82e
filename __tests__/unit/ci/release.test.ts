import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  changelogSection,
  isNewestOfMajor,
  planRelease,
  releaseProblems,
  withRelease,
  type ReleaseFacts,
} from '../../../.ci/release/plan.ts'
import { version } from '../../../src/version.ts'

const changelog = `# Changelog

## [Unreleased]

### Added

- Not out yet.

## [1.2.0] - 2026-11-28

### Added

- Something new.

## [1.1.0] - 2026-10-01

- Something old.
`

/** A release against which nothing speaks. */
const ready: ReleaseFacts = {
  version: '1.2.0',
  toldVersions: { 'package.json': '1.2.0', 'src/version.ts': '1.2.0' },
  changelog,
  commit: 'c0ffee',
  isOnMain: true,
  isCiGreen: true,
  changedFiles: [],
  tags: new Map([
    ['v1.1.0', 'abc'],
    ['v1', 'abc'],
    ['nightly', 'def'],
  ]),
}

test('a release without problems tags, tells its part of the changelog, and takes the tag of its major', () => {
  assert.deepEqual(releaseProblems(ready), [])
  assert.deepEqual(planRelease(ready), { tag: 'v1.2.0', movingTag: 'v1', notes: '### Added\n\n- Something new.' })
})

const refused: [what: string, facts: Partial<ReleaseFacts>, problem: RegExp][] = [
  ['no version', { version: 'v1.2.0' }, /^"v1\.2\.0" is no version/],
  ['a pre-release', { version: '1.2.0-rc.1' }, /is no version/],
  ['something else', { version: '1.2; rm -rf /' }, /is no version/],
  ['a source that says otherwise', { toldVersions: { 'src/version.ts': '1.1.0' } }, /src\/version\.ts says 1\.1\.0/],
  ['a changelog without it', { version: '1.3.0', toldVersions: {} }, /CHANGELOG\.md tells nothing of 1\.3\.0/],
  ['a commit that is not on main', { isOnMain: false }, /c0ffee is not on main/],
  ['a commit that CI has not passed', { isCiGreen: false }, /CI has not passed for c0ffee/],
  ['another dist', { changedFiles: [' M dist/main.js'] }, /something else than is committed: {2}M dist\/main\.js/],
  ['a version that is out', { tags: new Map([['v1.2.0', 'abc']]) }, /v1\.2\.0 exists already, for abc/],
]

for (const [what, facts, problem] of refused)
  test(`refused: ${what}`, () => {
    const problems = releaseProblems({ ...ready, ...facts })
    assert.equal(problems.length, 1, problems.join('\n'))
    assert.match(problems[0] ?? '', problem)
  })

test('all problems are told at once', () => {
  assert.equal(releaseProblems({ ...ready, isOnMain: false, isCiGreen: false, changedFiles: ['x'] }).length, 3)
})

test('a run that broke off after the tag goes on from there', () => {
  assert.deepEqual(releaseProblems({ ...ready, tags: new Map([['v1.2.0', 'c0ffee']]) }), [])
})

test('the tag of a major goes with its newest version only', () => {
  const rows: [version: string, tags: string[], isNewest: boolean][] = [
    ['1.2.0', [], true],
    ['1.2.0', ['v1.1.9', 'v1'], true],
    ['1.2.0', ['v1.10.0'], false],
    ['1.10.0', ['v1.9.9', 'v1.2.30'], true],
    ['1.2.3', ['v1.2.4'], false],
    ['1.2.3', ['v2.0.0', 'v0.9.0'], true],
    ['1.2.3', ['v1.2.4-rc.1', 'something'], true],
    ['0.2.0', ['v0.1.0'], true],
  ]
  for (const [version, tags, isNewest] of rows)
    assert.equal(isNewestOfMajor(version, tags), isNewest, `${version} beside ${tags.join()}`)
  assert.equal(planRelease({ ...ready, tags: new Map([['v1.3.0', 'abc']]) }).movingTag, null)
})

test('preparing puts what is unreleased under the version', () => {
  const prepared = withRelease(changelog, '1.3.0', '2026-12-24')
  assert.equal(changelogSection(prepared, 'Unreleased'), '')
  assert.equal(changelogSection(prepared, '1.3.0'), '### Added\n\n- Not out yet.')
  assert.match(prepared, /^## \[1\.3\.0\] - 2026-12-24$/m)
  assert.throws(() => withRelease(prepared, '1.4.0', '2026-12-25'), /nothing under "Unreleased"/)
})

test('the version in the source is that of the package', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  assert.equal(version, manifest.version)
})
