// The form of Keep a Changelog 1.1.0 (https://keepachangelog.com/en/1.1.0/), by which `.ci/release.ts` finds a version's part.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import semver from 'semver'
import { version } from '../../../src/version.ts'
import { document } from '../../helpers/documents.ts'

const kinds = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']

const ownVersion: string = version

/** Everything that is not of that form. */
function problems(text: string): string[] {
  const [head = '', ...parts] = text.split(/^## /m)
  const titles = parts.map((part) => part.split('\n')[0] ?? '')
  const [first = '', ...released] = titles
  const versions = released.map((title) => /^\[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$/.exec(title)?.[1] ?? '')
  return [
    ...(head.startsWith('# Changelog\n') ? [] : ['no title']),
    ...(first === '[Unreleased]' ? [] : [`"${first}" comes first`]),
    ...released.filter((_, index) => versions[index] === '').map((title) => `"${title}" is no version with its date`),
    ...versions
      .filter((version, index) => index > 0 && version !== '' && semver.gte(version, versions[index - 1] || '0.0.0'))
      .map((version) => `${version} comes after what is older`),
    ...parts.flatMap((part, index) => {
      const found = [...part.matchAll(/^### (.*)$/gm)].map(([, kind = '']) => kind)
      const names = found.filter((kind) => !kinds.includes(kind)).map((kind) => `"${kind}"`)
      const twice = found.filter((kind, at) => found.indexOf(kind) !== at).map((kind) => `"${kind}" twice`)
      const empty = index > 0 && !/^- /m.test(part) ? ['nothing'] : []
      return [...names, ...twice, ...empty].map((what) => `${titles[index]} has ${what}`)
    }),
  ]
}

test('CHANGELOG.md has the form', () => {
  assert.deepEqual(problems(document('CHANGELOG.md').text), [])
})

test('CHANGELOG.md tells of the version that the source is, once there was a release', () => {
  const { text } = document('CHANGELOG.md')
  // 0.1.0 is what the source is before its first release.
  if (ownVersion !== '0.1.0') assert.ok(text.includes(`\n## [${ownVersion}] - `))
  else assert.doesNotMatch(text, /^## \[\d/m)
})

test('another form is seen', () => {
  const good =
    '# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-11-28\n\n### Added\n\n- A.\n\n## [1.0.0] - 2026-10-01\n\n- B.\n'
  assert.deepEqual(problems(good), [])
  const rows: [from: string, to: string, problem: string][] = [
    ['# Changelog', '# Changes', 'no title'],
    ['## [Unreleased]\n\n', '', '"[1.1.0] - 2026-11-28" comes first'],
    ['[1.1.0] - 2026-11-28', '1.1.0', '"1.1.0" is no version with its date'],
    ['[1.0.0]', '[1.2.0]', '1.2.0 comes after what is older'],
    ['### Added', '### New', '[1.1.0] - 2026-11-28 has "New"'],
    ['### Added', '### Added\n\n- C.\n\n### Added', '[1.1.0] - 2026-11-28 has "Added" twice'],
    ['- B.', '', '[1.0.0] - 2026-10-01 has nothing'],
  ]
  for (const [from, to, problem] of rows) assert.ok(problems(good.replace(from, to)).includes(problem), problem)
})
