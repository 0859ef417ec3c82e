// Writes the tables of inputs and outputs in README.md from action.yml, and what verifies the default version in docs/helm-versions.md;
// `--check` only tells whether they are in step.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { knownHashes } from '../src/setup/known-hashes.ts'
import { defaultVersion } from '../src/setup/version.ts'

interface ActionFile {
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly required?: boolean; readonly default?: string }>
  >
  readonly outputs: Readonly<Record<string, { readonly description: string }>>
}

const root = new URL('..', import.meta.url)
const action = parse(readFileSync(new URL('action.yml', root), 'utf8')) as ActionFile

const inputs = Object.entries(action.inputs).map(([name, { description, required, default: value }]) => [
  `\`${name}\``,
  required ? '**required**' : value ? `\`${value}\`` : '',
  description,
])
const outputs = Object.entries(action.outputs).map(([name, { description }]) => [`\`${name}\``, description])

type Part = [name: string, origin: string, content: string]
write('README.md', [
  ['inputs', 'action.yml', table(['input', 'default', 'meaning'], inputs)],
  ['outputs', 'action.yml', table(['output', 'meaning'], outputs)],
])
write('docs/helm-versions.md', [['default-version', 'src/setup/known-hashes.ts', aboutDefault()]])

/** Writes the parts into their document, or tells that it is not in step. */
function write(path: string, parts: readonly Part[]): void {
  const file = fileURLToPath(new URL(path, root))
  const before = readFileSync(file, 'utf8')
  const after = parts.reduce((text, part) => fill(path, text, ...part), before)
  if (!process.argv.includes('--check')) writeFileSync(file, after)
  else if (after !== before) {
    console.error(`${path} is not in step with ${parts.map(([, origin]) => origin).join(', ')}: run \`npm run docs\``)
    process.exitCode = 1
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/** Which of the hashes it is that the default version has. */
function aboutDefault(): string {
  const lacking = ['linux-amd64', 'linux-arm64'].some((platform) => !knownHashes[defaultVersion]?.[platform])
  return lacking
    ? `The default, Helm ${defaultVersion}, is newer than the table: unless you give \`helm-sha256\`, it is verified by the third.`
    : `The default, Helm ${defaultVersion}, is in the table.`
}

/** Replaces what stands between the two marks of that name. */
function fill(path: string, text: string, name: string, origin: string, content: string): string {
  const [start, end] = [`<!-- ${name}: generated from ${origin} -->`, `<!-- /${name} -->`]
  const from = text.indexOf(start)
  const to = text.indexOf(end)
  if (from < 0 || to < from) throw new Error(`${path} has no place for the ${name}`)
  return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`
}
