// docs/threat-model.md names for each thing that may go wrong the test that holds it; that test has to be there.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { codeWords, tableRows } from '../../helpers/documents.ts'
import { read, root } from './files.ts'

const text = read('docs/threat-model.md')
const rows = tableRows(text).filter(([first = '']) => /^[A-E]$/.test(first))

test('each thing that may go wrong names what holds it, and that is a file', () => {
  assert.ok(rows.length > 25)
  for (const [, wrong = '', holds = '', heldBy = ''] of rows) {
    assert.notEqual(holds, '', wrong)
    const files = codeWords(heldBy)
    assert.ok(files.length > 0, `nothing holds: ${wrong}`)
    for (const file of files) {
      assert.match(file, /^(__tests__|\.ci)\/.+\.ts$/, wrong)
      assert.ok(existsSync(join(root, file)), `${file} is not there`)
    }
  }
})

test('each asset is threatened by something, and each that is threatened is one', () => {
  const assets = [...text.matchAll(/^- \*\*([A-Z])\*\*:/gm)].map(([, letter = '']) => letter)
  assert.deepEqual([...new Set(rows.map(([letter = '']) => letter))].sort(), assets)
})

test('SECURITY.md leads to it', () => {
  assert.ok(read('SECURITY.md').includes('](docs/threat-model.md)'))
})
