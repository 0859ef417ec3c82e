// What docs/migrating.md maps inputs of other actions to is there.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { read } from './files.ts'

const { inputs, outputs } = parse(read('action.yml')) as Record<'inputs' | 'outputs', Record<string, unknown>>
const rows = read('docs/migrating.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (-+|before|input there) /.test(line))
const here = rows.map((line) => line.split('|').at(-2) ?? '')

/** Words of the last column that are no inputs of ours: values, options of Helm, and what the text tells of. */
const others = new Set(['Chart.lock', 'PATH', 'install', 'oci://', 'app.version=…', 'app.name=…', '${{ secrets.X }}'])

test('each input that another is mapped to is one of this action', () => {
  const names = here.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
  const mapped = names.filter((name) => !others.has(name) && !name.startsWith('--'))
  assert.ok(mapped.length > 50)
  for (const name of mapped) {
    const [input = '', value] = name.split(': ')
    assert.ok(input in inputs || input in outputs, `${name} is neither an input nor an output`)
    const { description } = inputs[input] as { description: string }
    if (value !== undefined) assert.ok(description.includes(`\`${value}\``), `\`${input}\` does not know ${value}`)
  }
})

test('each row says where it leads', () => {
  assert.ok(rows.length > 50)
  for (const [index, cell] of here.entries()) assert.notEqual(cell.trim(), '', rows[index])
})
