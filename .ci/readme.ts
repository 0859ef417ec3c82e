// Writes the tables of inputs and outputs in README.md from action.yml; `--check` only tells whether they are in step.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

interface ActionFile {
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly required?: boolean; readonly default?: string }>
  >
  readonly outputs: Readonly<Record<string, { readonly description: string }>>
}

const root = new URL('..', import.meta.url)
const readme = fileURLToPath(new URL('README.md', root))
const action = parse(readFileSync(new URL('action.yml', root), 'utf8')) as ActionFile

const inputs = Object.entries(action.inputs).map(([name, { description, required, default: value }]) => [
  `\`${name}\``,
  required ? '**required**' : value ? `\`${value}\`` : '',
  description,
])
const outputs = Object.entries(action.outputs).map(([name, { description }]) => [`\`${name}\``, description])

const before = readFileSync(readme, 'utf8')
const after = fill(
  fill(before, 'inputs', table(['input', 'default', 'meaning'], inputs)),
  'outputs',
  table(['output', 'meaning'], outputs),
)

if (!process.argv.includes('--check')) writeFileSync(readme, after)
else if (after !== before) {
  console.error('README.md is not in step with action.yml: run `npm run docs`')
  process.exitCode = 1
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/** Replaces what stands between the two marks of that name. */
function fill(text: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name}: generated from action.yml -->`, `<!-- /${name} -->`]
  const from = text.indexOf(start)
  const to = text.indexOf(end)
  if (from < 0 || to < from) throw new Error(`README.md has no place for the ${name}`)
  return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`
}
