// docs/troubleshooting.md quotes what the action says, and leaves out nothing that it can say is wrong.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tableRows } from '../../helpers/documents.ts'
import { filesBelow, read } from './files.ts'
import { plain, problemsInSource } from './messages.ts'

const text = read('docs/troubleshooting.md')
const headings = [...text.matchAll(/^### (.+)$/gm)].map(([, heading = '']) => heading)
const quoted = [...headings, ...tableRows(text).map(([cell = '']) => cell)].map(plain)
const sources = filesBelow('src', '.ts').map((path) => read(path).replaceAll('\\`', '').replaceAll("\\'", "'"))
const problems = problemsInSource()

/** The words of a quote, between what differs from run to run. */
const words = (quote: string): string[] => quote.split('…').filter((part) => /[a-z]/i.test(part))

test('each message that is quoted is one of the source', () => {
  assert.ok(quoted.length > 100)
  for (const quote of quoted) {
    const parts = words(quote).map((part) => part.replace(/^[^\w{]+|[^\w}]+$/g, ''))
    assert.ok(
      sources.some((source) => parts.every((part) => source.replaceAll('`', '').includes(part))),
      `nothing says: ${quote}`,
    )
    assert.ok(parts.join('').length >= 8, `this could be anything: ${quote}`)
  }
})

test('each problem of the source is quoted', () => {
  assert.ok(problems.length > 120)
  const patterns = quoted.map((quote) => new RegExp(`^${quote.split('…').map(escaped).join('.*')}`))
  const untold = problems.filter(
    (problem) =>
      words(problem)
        .join('')
        .replaceAll(/[^a-z]/gi, '').length >= 8 && !patterns.some((pattern) => pattern.test(problem)),
  )
  assert.deepEqual([...new Set(untold)], [])
})

test('nothing is quoted twice', () => {
  assert.deepEqual(
    quoted.filter((quote, index) => quoted.indexOf(quote) < index),
    [],
  )
})

/** As a pattern; blanks beside what differs may be a part of it. */
function escaped(part: string): string {
  return part.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
