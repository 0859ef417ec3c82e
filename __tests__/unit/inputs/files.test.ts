import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { test } from 'node:test'
import { findFiles } from '../../../src/inputs/files.ts'
import { parseInputs } from '../../../src/inputs/parse.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'

const workspace = temporaryDirectory('files')
for (const folder of ['chart', 'empty', 'values', 'values/deep']) mkdirSync(join(workspace, folder))
const files = {
  'chart/Chart.yaml': 'name: shop',
  'shop-1.0.0.tgz': 'x',
  'values/b.yaml': 'b: 1',
  'values/a.yaml': 'a: 1',
  'values/deep/c.yaml': 'c: 1',
  'values/[x].yaml': 'x: 1',
  'broken.yaml': 'a: 1\nb: "hunter2\n',
  'list.yaml': '- hunter2\n',
  'nothing.yaml': '',
  'comment.yaml': '# nothing yet\n',
}
for (const [name, text] of Object.entries(files)) writeFileSync(join(workspace, name), text)
symlinkSync(join(workspace, 'nowhere'), join(workspace, 'dangling.yaml'))

function find(raw: Readonly<Record<string, string>>) {
  const all = { release: 'shop', chart: 'chart', ...raw }
  const { chart, valueFiles, problems } = findFiles(
    parseInputs((name) => (all as Record<string, string>)[name] ?? '').inputs,
    workspace,
  )
  const shown = (path: string): string => path.replace(workspace, '.').replaceAll(sep, '/')
  return {
    chart: `${chart.kind} ${shown(chart.reference)}`,
    files: valueFiles.map(shown),
    problems: problems.map(({ problem }) => problem),
  }
}

test('a chart is a directory, an archive, a reference, or a name in a repository', () => {
  assert.equal(find({}).chart, 'directory ./chart')
  assert.equal(find({ chart: './chart/' }).chart, 'directory ./chart')
  assert.equal(find({ chart: 'shop-1.0.0.tgz' }).chart, 'archive ./shop-1.0.0.tgz')
  assert.equal(find({ chart: join(workspace, 'chart') }).chart, 'directory ./chart')
  assert.equal(find({ chart: 'oci://registry.example/charts/shop' }).chart, 'oci oci://registry.example/charts/shop')
  // With `repo` a name is one of the repository, whatever lies in the workspace.
  assert.equal(find({ chart: 'chart', repo: 'https://charts.example' }).chart, 'repository chart')
})

test('a chart that is not there, or is none, is told', () => {
  assert.deepEqual(find({ chart: 'nowhere' }).problems, ['`chart`: there is no "nowhere" in the workspace'])
  assert.deepEqual(find({ chart: 'empty' }).problems, ['`chart`: the directory "empty" has no Chart.yaml'])
  assert.deepEqual(find({ chart: '' }).problems, [], 'that it is missing is told by the parser')
})

test('value files keep their order; a glob is opened in the order of names', () => {
  assert.deepEqual(find({ 'value-files': 'values/deep/c.yaml\nvalues/?.yaml\nvalues/a.yaml' }).files, [
    './values/deep/c.yaml',
    './values/a.yaml',
    './values/b.yaml',
    './values/a.yaml',
  ])
  assert.deepEqual(find({ 'value-files': 'values/**/c.yaml' }).files, ['./values/deep/c.yaml'])
  assert.deepEqual(find({ 'value-files': `${workspace}/values/a.yaml` }).files, ['./values/a.yaml'])
  assert.deepEqual(find({ 'value-files': `${workspace}/values/?.yaml` }).files, ['./values/a.yaml', './values/b.yaml'])
})

test('a file whose name looks like a glob is that file', () => {
  assert.deepEqual(find({ 'value-files': 'values/[x].yaml' }).files, ['./values/[x].yaml'])
})

test('every missing or unreadable file is told, in one go', () => {
  const { problems } = find({
    chart: 'nowhere',
    'value-files': 'none.yaml\nnone-*.yaml\nvalues\ndangling.yaml\nbroken.yaml\nlist.yaml',
  })
  assert.deepEqual(problems, [
    '`chart`: there is no "nowhere" in the workspace',
    '`value-files`: there is no file "none.yaml"',
    '`value-files`: no file matches "none-*.yaml"',
    '`value-files`: there is no file "values"',
    '`value-files`: there is no file "dangling.yaml"',
    '`value-files`: "broken.yaml" is not valid YAML: line 3 (missing char)',
    '`value-files`: "list.yaml" is not a YAML map',
  ])
})

test('no problem quotes what is in a file', () => {
  assert.doesNotMatch(JSON.stringify(find({ 'value-files': 'broken.yaml\nlist.yaml' }).problems), /hunter2/)
})

test('an empty value file is one', () => {
  assert.deepEqual(find({ 'value-files': 'nothing.yaml\ncomment.yaml' }).problems, [])
})
