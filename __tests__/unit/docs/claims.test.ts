// Whoever reads a figure can see for themselves: its section names the command that measures it. The rows that compare this action with
// others name the test that holds our part of them.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { codeWords, documents, tableRows } from '../../helpers/documents.ts'
import { read, root } from './files.ts'

/** A figure that was measured: what something takes or took, or how large it is. Deadlines and graces are rules, and tested as such. */
const measured =
  /\b(?:takes?(?!-)|took|costs?|measures?|grows?|up in)\b[^.|]*?\d[\d.,]*\s?(?:s|ms|min|minutes|seconds|MB|GB|times|CPU-seconds)\b|\(\d+ MB|\d+ CPU-seconds|\babout \d+ (?:minutes|min)\b/
const command = /`(?:npm (?:run|test)\b|time npm|\.ci\/)[^`]*`|^npm (?:run|test)/m

/** What people read today, in parts that belong together: those below one heading. The figures of docs/diagnosis.md are rules. */
const sections = documents()
  .filter(({ path }) => !/^docs\/(?:adr\/|diagnosis)|^CHANGELOG|^\.github/.test(path))
  .flatMap(({ path, text }) => text.split(/^(?=#{1,3} )/m).map((part) => ({ path, part })))

test('a figure that was measured stands beside the command that measures it', () => {
  const withFigures = sections.filter(({ part }) => measured.test(part))
  assert.ok(withFigures.length >= 4, String(withFigures.length))
  for (const { path, part } of withFigures)
    assert.match(part, command, `${path}: ${measured.exec(part)?.[0]}\n${part.split('\n')[0]}`)
})

test('each row of the comparison names a test that is there', () => {
  const part =
    read('README.md')
      .split(/^## /m)
      .find((one) => one.startsWith('Beside other actions')) ?? ''
  const rows = tableRows(part)
  assert.ok(rows.length > 10)
  for (const row of rows) {
    assert.ok(
      row.every((cell) => cell !== ''),
      row.join(' | '),
    )
    const [file = ''] = codeWords(row.at(-1) ?? '')
    assert.match(file, /^__tests__\/.+\.ts$/)
    assert.ok(existsSync(join(root, file)), file)
  }
})
