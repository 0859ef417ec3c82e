// What docs/migrating.md maps inputs of other actions to is there, and it leaves out none of theirs.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { namesInColumn, read } from './files.ts'

const { inputs, outputs } = parse(read('action.yml')) as Record<'inputs' | 'outputs', Record<string, unknown>>
const text = read('docs/migrating.md')
const rows = text.split('\n').filter((line) => line.startsWith('| ') && !/^\| (-+|before|input there) /.test(line))
const here = rows.map((line) => line.split('|').at(-2) ?? '')

/** Words of the last column that are no inputs of ours: values, options of Helm, and what the text tells of. */
const others = new Set(['Chart.lock', 'PATH', 'oci://', 'app.version=…', 'app.name=…', '${{ secrets.X }}'])

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

/** The inputs that each of them declares, at the version that the document names. */
const declared: Readonly<Record<string, string>> = {
  'From azure/setup-helm': 'version token downloadBaseURL',
  'From deliverybot/helm': 'release namespace chart values task dry-run atomic helm token value-files secrets version',
  'From bitovi/github-actions-deploy-eks-helm':
    'aws-secret-access-key aws-access-key-id aws-region cluster-name cluster-role-arn config-files namespace create-namespace values name action dry-run chart-path chart-repository version timeout update-deps plugins helm-wait atomic ca-file cert-file key-file insecure-skip-tls-verify pass-credentials password username use-secrets-vals helm-extra-args',
}

for (const [heading, inputsThere] of Object.entries(declared))
  test(`no input is left out: ${heading}`, () => {
    const part = text.split(/^## /m).find((one) => one.startsWith(heading)) ?? ''
    const told = new Set(namesInColumn(part, 0))
    assert.deepEqual(
      inputsThere.split(' ').filter((name) => !told.has(name)),
      [],
    )
  })

test('each row says where it leads', () => {
  assert.ok(rows.length > 50)
  for (const [index, cell] of here.entries()) assert.notEqual(cell.trim(), '', rows[index])
})
