import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { withPlace } from '../../../src/deploy/explain.ts'
import { sourceReader } from '../../../src/places/read-sources.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { watched, workload } from '../health/builders.ts'
import { deployment, evidence, finding } from '../report/fixtures.ts'

const workspace = temporaryDirectory('workspace')
const reference = join(workspace, 'charts', 'shop')
const files = {
  'charts/shop/Chart.yaml': 'name: shop\n',
  'charts/shop/templates/web.yaml': 'kind: Deployment\nimage: a/b:1\n',
  'charts/shop/templates/plain.yaml': 'image: {{ .Values.image }}\n',
  'charts/shop/charts/db/templates/a.yaml': 'image: {{ .Values.image }}\n',
  'outside.yaml': 'image: a/b:1\n',
  'prod.yaml': '# here\nimage: a/b:1\ndb: {image: x}\n',
  'private/values.yaml': 'image: a/b:1\n',
}
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(workspace, path)), { recursive: true })
  writeFileSync(join(workspace, path), text)
}
const elsewhere = temporaryDirectory('elsewhere')
writeFileSync(join(elsewhere, 'values.yaml'), 'image: a/b:1\n')
symlinkSync(join(elsewhere, 'values.yaml'), join(workspace, 'linked.yaml'))

async function place(file: string, kind: 'directory' | 'archive' = 'directory', ...valueFiles: string[]) {
  const inputs = { assignments: [], reuseValues: false }
  const request = { chart: { kind, reference }, valueFiles: valueFiles.map((name) => join(workspace, name)), inputs }
  const source = file === '' ? {} : { source: { file } }
  const one = finding({ class: 'image-pull', evidence: evidence({ ...source, excerpt: { image: 'a/b:1' } }) })
  const read = sourceReader(request, workspace, join(workspace, 'private'))
  const rendered = {
    ...watched(null),
    manifest: { ...watched(workload('Deployment')).manifest, source: 'shop/templates/plain.yaml', ...deployment },
  }
  const found = await withPlace(one, { objects: [rendered], others: [] }, read)
  return found.evidence.source ?? found.evidence.excerpt['chart file']
}

test('a file of a chart in the workspace is told with its line', async () => {
  assert.deepEqual(await place('shop/templates/web.yaml'), { file: 'charts/shop/templates/web.yaml', line: 2 })
  assert.deepEqual(await place('shop/charts/db/templates/a.yaml'), {
    file: 'charts/shop/charts/db/templates/a.yaml',
    line: 1,
  })
  assert.deepEqual(await place(''), { file: 'charts/shop/templates/plain.yaml', line: 1 }, 'as its manifest says')
})

test('a value file of the workspace is told with its line, whatever the chart is', async () => {
  const expected = { file: 'prod.yaml', line: 2 }
  assert.deepEqual(await place('shop/templates/plain.yaml', 'directory', 'prod.yaml'), expected)
  assert.deepEqual(await place('shop/templates/plain.yaml', 'archive', 'prod.yaml'), expected)
})

test('a file that is not there, not in the workspace, or private to the run is only named', async () => {
  for (const file of ['shop/templates/none.yaml', 'shop/charts/cache/templates/a.yaml', 'shop/../../outside.yaml'])
    assert.equal(await place(file), file)
  assert.equal(await place('shop/templates/web.yaml', 'archive'), 'shop/templates/web.yaml')
  for (const values of ['linked.yaml', 'private/values.yaml'])
    assert.equal(await place('shop/templates/plain.yaml', 'directory', values), 'shop/templates/plain.yaml')
})
