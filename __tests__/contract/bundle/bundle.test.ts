// What a user of the action gets: one small bundle that needs nothing else, and metadata that tells the truth about it.
import assert from 'node:assert/strict'
import { cpSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { slimAction } from '../../helpers/act/workspace.ts'
import { runAction } from '../../helpers/runner.ts'

type Metadata = {
  inputs: Record<string, { description?: string; default?: unknown; required?: boolean }>
  outputs: Record<string, { description?: string }>
  runs: { using: string; main: string; post: string; 'post-if'?: string }
}

const root = fileURLToPath(new URL('../../..', import.meta.url))
const metadata = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as Metadata
const dist = join(root, 'dist')

test('dist is at most 4.5 MB and holds nothing but the bundle', () => {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).sort()
  assert.deepEqual(files, ['licenses.txt', 'main.js', 'package.json', 'post.js'])
  const bytes = files.reduce((sum, file) => sum + statSync(join(dist, file)).size, 0)
  assert.ok(bytes <= 4_500_000, `${bytes} bytes`)
})

test('the licences of what is bundled are with it', () => {
  const licences = readFileSync(join(dist, 'licenses.txt'), 'utf8')
  for (const name of ['@actions/core', '@actions/github', '@kubernetes/client-node', '@octokit/plugin-retry', 'yaml'])
    assert.match(licences, new RegExp(`^${name}$`, 'm'))
  assert.match(readFileSync(join(root, 'LICENSE'), 'utf8'), /MIT License/)
})

test('the bundle says nothing of the machine that built it', () => {
  for (const file of ['main.js', 'post.js']) {
    const text = readFileSync(join(dist, file), 'utf8')
    assert.ok(!text.includes(root.replace(/\/$/, '')), file)
    assert.doesNotMatch(text, /file:\/\/\/(home|work|root|Users)\//)
  }
})

test('it runs on Node 24, main and post, post always', () => {
  assert.deepEqual(metadata.runs, {
    using: 'node24',
    main: 'dist/main.js',
    post: 'dist/post.js',
    'post-if': 'always()',
  })
})

test('it runs without node_modules, and reads exactly the inputs that are declared', async () => {
  const action = slimAction(root)
  // A reader of inputs that tells which ones were asked for.
  const spy = join(action, 'spy.ts')
  cpSync(fileURLToPath(new URL('spy.ts', import.meta.url)), spy)
  const run = await runAction({ action, env: { NODE_OPTIONS: `--import=${spy}` } })
  assert.equal(run.outputs['status'], 'rejected', run.log)
  const read = run.log.split('\n').flatMap((line) => /^input read: (.+)$/.exec(line)?.[1] ?? [])
  assert.deepEqual([...new Set(read)].sort(), Object.keys(metadata.inputs).sort())
})

test('it sets exactly the outputs that are declared', async () => {
  const { outputs } = await runAction({ inputs: { release: 'shop' } })
  assert.deepEqual(Object.keys(outputs).sort(), Object.keys(metadata.outputs).sort())
})

test('every input and output is described', () => {
  for (const [name, { description }] of [...Object.entries(metadata.inputs), ...Object.entries(metadata.outputs)])
    assert.ok((description ?? '').length > 10, name)
})
