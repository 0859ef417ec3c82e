// A workflow in the documents is a file in `examples/`, word for word, and no example asks for an input that there is not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { codeBlocks, documents, filesBelow, read } from './files.ts'

const files = new Map(filesBelow('examples', '.yml').map((path) => [read(path), path]))
const { inputs, outputs } = parse(read('action.yml')) as Record<'inputs' | 'outputs', Record<string, unknown>>
const blocks = documents.flatMap((path) => codeBlocks(read(path), 'yaml').map((text) => ({ path, text })))

test('a workflow in a document is the content of its file', () => {
  const workflows = blocks.filter(({ text }) => /^jobs:$/m.test(text))
  assert.ok(workflows.length > 10)
  for (const { path, text } of workflows) assert.ok(files.has(text), `${path} has a workflow that is no file:\n${text}`)
})

test('a document tells of each example', () => {
  const told = documents.map(read).join('\n')
  for (const path of filesBelow('examples', '.yml').concat(filesBelow('examples', '.yaml')))
    assert.ok(told.includes(`examples/${path.replace('examples/', '')}`), path)
})

test('a step asks only for inputs and outputs that there are', () => {
  const texts = [...files.keys(), ...blocks.map(({ text }) => text)]
  const steps = texts.flatMap((text) => stepsIn(parse(text)))
  assert.ok(steps.length > 15)
  for (const { with: given = {} } of steps)
    for (const name of Object.keys(given)) assert.ok(name in inputs, `there is no input ${name}`)
  for (const [, name = ''] of texts.join('\n').matchAll(/steps\.deploy\.outputs\.([\w-]+)/g))
    assert.ok(name in outputs, `there is no output ${name}`)
})

type Step = { uses?: string; with?: Record<string, unknown> }

/** The steps with our action, wherever they are. */
function stepsIn(value: unknown): Step[] {
  if (value === null || typeof value !== 'object') return []
  const own = /(^|\/)org\/atomic-helm-action@v1$/.test((value as Step).uses ?? '') ? [value as Step] : []
  return [...own, ...Object.values(value).flatMap(stepsIn)]
}
