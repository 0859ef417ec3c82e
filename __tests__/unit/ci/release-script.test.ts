// The script of a release against a bare repository as its remote: what it refuses, by each of its verbs, and that nothing is then changed.
import assert from 'node:assert/strict'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { createStage, recorded, type ReleaseStage } from '../../helpers/release-stage.ts'

// Releases are made on Ubuntu, and what stands for `gh` is a script, which Windows starts by no name.
const skip = process.platform === 'win32' ? 'a release is made on Linux' : false

const change = ({ work }: ReleaseStage, file: string, from: string, to: string): void => {
  const path = join(work, file)
  const text = readFileSync(path, 'utf8')
  assert.ok(text.includes(from), `${file} has "${from}"`)
  writeFileSync(path, text.replace(from, to))
}

const wrong: [what: string, spoil: (stage: ReleaseStage) => void, said: RegExp, env?: Record<string, string>][] = [
  [
    'a dist/ that the build makes otherwise',
    (stage) => change(stage, 'dist/main.js', '1.2.0', 'what the build has just made'),
    /^the build makes something else than is committed: {1,2}M dist\/main\.js: run `npm run build`$/m,
  ],
  [
    'a file that the build leaves and nobody has committed',
    ({ work }) => writeFileSync(join(work, 'dist/other.js'), ''),
    /^the build makes something else than is committed: \?\? dist\/other\.js/m,
  ],
  [
    'a tag that exists for another commit',
    ({ git }) => {
      git('tag', 'v1.2.0', 'v1.1.0')
      git('push', '--quiet', 'origin', 'v1.2.0')
    },
    /^v1\.2\.0 exists already, for [0-9a-f]{40}: a released version never changes, take the next$/m,
  ],
  [
    'an annotated tag that exists for another commit',
    ({ git }) => {
      git('tag', '--annotate', '--message', 'x', 'v1.2.0', 'v1.1.0')
      git('push', '--quiet', 'origin', 'v1.2.0')
    },
    /^v1\.2\.0 exists already, for [0-9a-f]{40}/m,
  ],
  [
    'a changelog that tells nothing of it',
    (stage) => {
      change(stage, 'CHANGELOG.md', '## [1.2.0] - 2026-11-28', '## [1.2.1] - 2026-11-28')
      stage.land('Another heading')
    },
    /^CHANGELOG\.md tells nothing of 1\.2\.0: run `node \.ci\/release\.ts prepare 1\.2\.0`$/m,
  ],
  ...['package.json', 'package-lock.json', 'src/version.ts'].map((file): (typeof wrong)[number] => [
    `another version in ${file}`,
    (stage) => {
      change(stage, file, '1.2.0', '1.1.9')
      stage.land('Another version')
    },
    new RegExp(`^${file.replaceAll('.', '\\.')} says 1\\.1\\.9, not 1\\.2\\.0: run `, 'm'),
  ]),
  [
    'a commit that is not on main',
    ({ git }) => git('commit', '--quiet', '--allow-empty', '--message', 'Not pushed'),
    /^[0-9a-f]{40} is not on main: merge it first$/m,
  ],
  [
    'a commit that CI has not passed',
    () => undefined,
    /^CI has not passed for [0-9a-f]{40} on main/m,
    { CI_IS_RED: 'yes' },
  ],
]

describe('the script of a release', { skip }, () => {
  for (const [index, [what, spoil, expected, env]] of wrong.entries())
    test(`nothing goes on with ${what}`, () => {
      const stage = createStage()
      spoil(stage)
      const before = stage.tags()
      // They all ask the same; one row with all of them says so.
      for (const verb of index === 0 ? ['check', 'tag', 'publish', 'move'] : ['tag']) {
        const { status, said } = stage.script([verb, '1.2.0'], env)
        assert.deepEqual([status, said.trim().split('\n').length], [1, 1], `${verb}: ${said}`)
        assert.match(said, expected, verb)
      }
      assert.deepEqual([stage.tags(), recorded(stage)], [before, []])
    })

  test('what is no version is refused, and no shell sees it', () => {
    const stage = createStage()
    for (const version of ['v1.2.0', '1.2', '1.2.0-rc.1', '1.2.0; touch spoilt', '$(touch spoilt)', ''])
      assert.match(stage.script(['tag', version]).said, / is no version: give three numbers/, version)
    assert.equal(stage.git('status', '--porcelain'), '')
  })

  test('everything that is wrong is told at once', () => {
    const stage = createStage()
    writeFileSync(join(stage.work, 'dist/main.js'), 'other')
    stage.git('commit', '--quiet', '--allow-empty', '--message', 'Not pushed')
    const { said } = stage.script(['check', '1.3.0'], { CI_IS_RED: 'yes' })
    assert.equal(said.trim().split('\n').length, 7, said)
  })

  test('tag, release, moved tag: once each, and a second run of all changes nothing', () => {
    const stage = createStage()
    const commit = stage.git('rev-parse', 'HEAD')
    for (const verb of ['tag', 'publish', 'move']) assert.equal(stage.script([verb, '1.2.0']).status, 0, verb)
    const tags = stage.tags()
    assert.deepEqual([tags['v1.2.0'], tags['v1']], [commit, commit])
    assert.equal(recorded(stage).length, 1)
    assert.equal(stage.script(['tag', '1.2.0']).said, `v1.2.0 is ${commit} already\n`)
    assert.equal(stage.script(['publish', '1.2.0'], { RELEASED: 'v1.2.0 v1.1.0' }).said, 'v1.2.0 is released already\n')
    assert.equal(stage.script(['move', '1.2.0']).status, 0)
    assert.deepEqual([stage.tags(), recorded(stage).length], [tags, 1])
  })

  test('the tag of the major stays with a newer version', () => {
    const stage = createStage()
    stage.git('tag', 'v1.3.0', 'v1.1.0')
    stage.git('push', '--quiet', 'origin', 'v1.3.0')
    const old = stage.tags()['v1']
    for (const verb of ['tag', 'move']) assert.equal(stage.script([verb, '1.2.0']).status, 0, verb)
    assert.equal(stage.tags()['v1'], old)
  })

  test('a tag that somebody else pushes in between is not moved', () => {
    const stage = createStage()
    const other = join(stage.record, 'other')
    stage.git('clone', '--quiet', stage.git('remote', 'get-url', 'origin'), other)
    stage.git('-C', other, 'tag', 'v1.2.0', 'v1.1.0')
    // After the script has asked what there is, and before it pushes.
    writeFileSync(join(stage.work, '.git/hooks/pre-push'), `#!/bin/sh\ngit -C ${other} push --quiet origin v1.2.0\n`, {
      mode: 0o755,
    })
    assert.notEqual(stage.script(['tag', '1.2.0']).status, 0)
    assert.equal(stage.tags()['v1.2.0'], stage.tags()['v1.1.0'])
  })

  test('a dry run says what each verb would do, and does nothing', () => {
    const stage = createStage()
    const before = stage.tags()
    const said = ['tag', 'publish', 'move'].map((verb) => stage.script([verb, '1.2.0', '--dry-run']).said.trim())
    const commit = stage.git('rev-parse', 'HEAD')
    assert.deepEqual(said, [
      `dry run: would tag ${commit} as v1.2.0`,
      'dry run: would release v1.2.0 with no files',
      `dry run: would move v1 from ${before['v1']} to ${commit}`,
    ])
    assert.deepEqual([stage.tags(), recorded(stage)], [before, []])
  })

  test('what `prepare` makes is accepted by `check`, once the build has followed', () => {
    const stage = createStage()
    assert.match(
      stage.script(['check', '1.2.1']).said,
      /^package\.json says 1\.2\.0, not 1\.2\.1: run .*prepare 1\.2\.1/,
    )
    assert.equal(stage.script(['prepare', '1.2.1']).status, 0)
    cpSync(join(stage.work, 'src/version.ts'), join(stage.work, 'dist/main.js'))
    assert.match(stage.script(['check', '1.2.1']).said, /^the build makes something else/m)
    stage.land('Release 1.2.1')
    const { status, said } = stage.script(['check', '1.2.1'])
    assert.deepEqual([status, said.split('\n').at(-2)], [0, '- Not out yet.'], said)
  })

  test('without a verb that there is, it says which there are', () => {
    const { status, said } = createStage().script(['release', '1.2.0'])
    assert.equal(status, 1)
    for (const verb of ['prepare', 'check', 'tag', 'publish', 'move'])
      assert.match(said, new RegExp(`^ {2}${verb} `, 'm'))
  })
})
