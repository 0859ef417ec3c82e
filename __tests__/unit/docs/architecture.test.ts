// The drawing in docs/architecture.md has the folders of src/, and no others; so have its table and the map in CONTRIBUTING.md.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { codeBlocks, namesInColumn, read, root } from './files.ts'

const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort()
const text = read('docs/architecture.md')
const [drawing = ''] = codeBlocks(text, 'mermaid')
const boxes = [...drawing.matchAll(/^ +(\w+)\["(\w+): [^"]+"\]$/gm)].map(([, id = '', label = '']) => ({ id, label }))

test('each folder of src/ is a box, and each box is a folder', () => {
  assert.deepEqual(boxes.map(({ id }) => id).sort(), folders)
  for (const { id, label } of boxes) assert.equal(label, id)
})

test('each arrow leads from something that is drawn to something that is drawn', () => {
  const outside = [...drawing.matchAll(/^ +(\w+)\(\["[^"]+"\]\)$/gm)].map(([, id = '']) => id)
  const drawn = new Set([...boxes.map(({ id }) => id), ...outside])
  const arrows = [...drawing.matchAll(/^ +(\w+) (?:<?-->|-\.-)(?:\|"[^"]+"\|)? (\w+)$/gm)].map(
    ([, from = '', to = '']) => [from, to],
  )
  assert.ok(arrows.length > 20)
  for (const end of arrows.flat()) assert.ok(drawn.has(end), end)
  for (const one of drawn) assert.ok(arrows.flat().includes(one), `no arrow leads from or to ${one}`)
})

test('the table of what is pure has each folder', () => {
  const table = text.slice(text.indexOf('## What is pure'))
  assert.deepEqual([...new Set(namesInColumn(table, 0))].sort(), folders)
})

test('the map in CONTRIBUTING.md has each folder', () => {
  const told = [...read('CONTRIBUTING.md').matchAll(/^src\/(\w+)\/ /gm)].map(([, name = '']) => name)
  assert.deepEqual(told.sort(), folders)
})
