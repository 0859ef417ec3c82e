// A command in a document is one that there is: its verb is in package.json, its files are there. And each verb is explained.
import assert from 'node:assert/strict'
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { codeBlocks, codeWords, documents, tableRows } from '../../helpers/documents.ts'
import { isCore } from '../../core.ts'
import { read, root } from './files.ts'

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
const suites = ['core', 'unit', 'testbed', 'contract', 'e2e', 'scenarios']
/** What people read today; decisions and the changelog tell of their day. */
const current = documents().filter(({ path }) => !/^docs\/adr\/|^CHANGELOG/.test(path))
const commands = current.flatMap((document) =>
  [...codeWords(document.text), ...codeBlocks(document, /^(sh|bash|)$/).flatMap((block) => block.split('\n'))]
    .map((text) => text.trim().replace(/^[A-Z_]+=\S+ /, ''))
    .filter((text) => /^(npm (run|test)|node \.ci|\.ci\/)/.test(text))
    .map((text) => ({ path: document.path, text })),
)

test('each command is one that there is', () => {
  assert.ok(commands.length > 60)
  for (const { path, text } of commands) {
    const [, verb = 'test'] = /^npm run ([\w:]+)/.exec(text) ?? []
    if (text.startsWith('npm')) assert.ok(verb in scripts, `${path}: ${text}`)
    const [, script] = /^(?:node )?(\.ci\/\S+)/.exec(text) ?? []
    if (script !== undefined) assert.ok(existsSync(join(root, script)), `${path}: ${text}`)
  }
})

test('each test that a document names is there', () => {
  const named = commands.filter(({ text }) => text.startsWith('npm test -- '))
  assert.ok(named.length > 15)
  for (const { path, text } of named) {
    const words =
      text
        .replace('npm test -- ', '')
        .split(/ --\w+/)[0]
        ?.split(' ')
        .filter((word) => !word.startsWith('--')) ?? []
    for (const word of words.filter((one) => !/^[A-Z…]/.test(one)))
      assert.ok(suites.includes(word) || globSync(word, { cwd: root }).length > 0, `${path}: ${text}`)
  }
})

test('a file of this repository that a document names is there', () => {
  const names = current.flatMap(({ path, text }) =>
    codeWords(text)
      .filter((word) => /^(src|__tests__|docs|examples|\.ci)\/[\w./-]+$/.test(word))
      .map((word) => ({ path, word })),
  )
  assert.ok(names.length > 60)
  for (const { path, word } of names) assert.ok(existsSync(join(root, word)), `${path}: ${word}`)
})

test('a document that the action or an example sends people to is there', () => {
  const sent = globSync(['src/**/*.ts', 'examples/*.yml', 'action.yml'], { cwd: root }).flatMap((path) =>
    [...read(path).matchAll(/\bdocs\/[\w.-]+\.(?:md|json)\b/g)].map(([target]) => ({ path, target })),
  )
  assert.ok(sent.length > 5)
  for (const { path, target } of sent) assert.ok(existsSync(join(root, target)), `${path}: ${target}`)
})

test('CONTRIBUTING.md explains each verb, with its time', () => {
  const rows = tableRows(read('CONTRIBUTING.md')).filter(([verb = '']) => /^`(npm|\.ci)/.test(verb))
  const explained = rows.map(([verb = '']) => /^`npm (?:run )?([\w:]+)/.exec(verb)?.[1])
  assert.deepEqual(
    Object.keys(scripts).filter((verb) => !explained.includes(verb)),
    [],
  )
  for (const [verb, what = '', time = ''] of rows) {
    assert.ok(what.length > 10, verb)
    assert.match(time, /\d+ (s|min)\b|hours/, verb)
  }
})

test('core is a part of unit', () => {
  const files = globSync('__tests__/unit/**/*.test.ts', { cwd: root })
  const core = files.filter(isCore)
  assert.ok(core.length > 40 && core.length < files.length, String(core.length))
})
