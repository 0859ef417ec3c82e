import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { withWorkspaceFile } from '../../../src/deploy/explain.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { evidence, finding } from '../report/fixtures.ts'

const workspace = temporaryDirectory('workspace')
const reference = join(workspace, 'charts', 'shop')
mkdirSync(join(reference, 'templates'), { recursive: true })
writeFileSync(join(reference, 'templates', 'web.yaml'), 'kind: Deployment\nimage: a/b:1\n')
writeFileSync(join(workspace, 'outside.yaml'), 'image: a/b:1\n')

async function place(file: string, kind: 'directory' | 'archive' = 'directory') {
  const one = finding({ class: 'image-pull', evidence: evidence({ source: { file }, excerpt: { image: 'a/b:1' } }) })
  const found = await withWorkspaceFile(one, { kind, reference }, workspace)
  return found.evidence.source ?? found.evidence.excerpt['chart file']
}

test('a file of a chart in the workspace is told with its line', async () => {
  assert.deepEqual(await place('shop/templates/web.yaml'), { file: 'charts/shop/templates/web.yaml', line: 2 })
  assert.deepEqual(await place('shop/templates/none.yaml'), { file: 'charts/shop/templates/none.yaml' })
})

test('a file that is not in the workspace is only named', async () => {
  for (const file of ['shop/charts/db/templates/a.yaml', 'shop/../../outside.yaml'])
    assert.equal(await place(file), file)
  assert.equal(await place('shop/templates/web.yaml', 'archive'), 'shop/templates/web.yaml')
})
