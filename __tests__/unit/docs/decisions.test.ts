// The decisions have one form, and the list of them names each: its number, its title, its file.
import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, test } from 'node:test'
import { document, repository, tableRows } from '../../helpers/documents.ts'

const parts = ['What we knew', 'What we chose', 'What it costs']
const files = globSync('docs/adr/[0-9]*.md', { cwd: repository })
  .map((path) => basename(path))
  .sort()

/** What is not as in all others; empty when nothing is. */
function formProblems(file: string, text: string): string[] {
  const [, number = ''] = /^(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.md$/.exec(file) ?? []
  const [title = ''] = text.split('\n')
  const headings = [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading).slice(1)
  const empty = text.split(/^## /m).filter((part) => part.trim().split('\n').slice(1).join('').trim() === '')
  return [
    ...(number === '' ? ['a name that is no number and words'] : []),
    ...(title.startsWith(`# ${Number(number)}. `) ? [] : [`the title "${title}"`]),
    ...(headings.join() === parts.join() ? [] : [`the parts ${headings.join(', ')}`]),
    // Of the first part the title is all.
    ...empty.slice(1).map((part) => `nothing under "${part.trim()}"`),
  ]
}

describe('decisions', () => {
  for (const file of files)
    test(`${file} says what was known, chosen and paid`, () =>
      assert.deepEqual(formProblems(file, document(`docs/adr/${file}`).text), []))

  test('another form is seen', () => {
    const good = '# 7. Title\n\n## What we knew\n\nA.\n\n## What we chose\n\nB.\n\n## What it costs\n\nC.\n'
    assert.deepEqual(formProblems('0007-title.md', good), [])
    assert.deepEqual(formProblems('0008-title.md', good), ['the title "# 7. Title"'])
    assert.equal(formProblems('7-title.md', good).length, 2)
    assert.deepEqual(formProblems('0007-title.md', good.replace('costs', 'cost')), [
      'the parts What we knew, What we chose, What it cost',
    ])
    assert.deepEqual(formProblems('0007-title.md', good.replace('C.', '')), ['nothing under "What it costs"'])
  })

  test('the list has each once, with its number and title, in their order', () => {
    const listed = tableRows(document('docs/adr/README.md').text).map(([number = '', link = '']) => `${number} ${link}`)
    const expected = files.map((file) => {
      const [, number = '', title = ''] = /^# (\d+)\. (.*)$/m.exec(document(`docs/adr/${file}`).text) ?? []
      return `${number} [${title}](${file})`
    })
    assert.deepEqual(listed, expected)
  })
})
