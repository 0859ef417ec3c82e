// The very line of a user's workflow, run by act against an action of a few lines.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runWorkflow } from '../act.ts'
import { temporaryDirectory } from '../temporary.ts'

function action(main: string): string {
  const directory = temporaryDirectory('action')
  mkdirSync(join(directory, 'dist'))
  const inputs = [
    'release',
    'namespace',
    'create-namespace',
    'chart',
    'value-files',
    'timeout',
    'fail-fast',
    'comment',
    'helm-version',
  ]
  writeFileSync(
    join(directory, 'action.yml'),
    [
      'name: Try',
      'description: Stands for the action',
      'inputs:',
      ...[...inputs, 'evidence'].map((name) => `  ${name}: { description: ${name} }`),
      '  github-token: { description: Token, default: "${{ github.token }}" }',
      'outputs:',
      '  status: { description: Status }',
      'runs: { using: node24, main: dist/main.js, post: dist/post.js }',
    ].join('\n'),
  )
  // Nobody's package above it decides what kind of module these are.
  writeFileSync(join(directory, 'package.json'), '{}')
  writeFileSync(join(directory, 'dist/main.js'), `const fs = require('node:fs'); const e = process.env; ${main}`)
  writeFileSync(join(directory, 'dist/post.js'), 'console.log("post " + process.env.STATE_revision)')
  return directory
}

test('a workflow runs main and post, and its outcome, outputs, log and summary come back', async () => {
  const seen: string[] = []
  const run = await runWorkflow({
    action: action(
      `fs.appendFileSync(e.GITHUB_OUTPUT, 'status=' + e.INPUT_NAMESPACE + ' ' + e.GITHUB_API_URL + '\\n');
       fs.appendFileSync(e.GITHUB_STATE, 'revision=7\\n');
       fs.appendFileSync(e.GITHUB_STEP_SUMMARY, '# Done\\n');
       const { repository, pull_request } = JSON.parse(fs.readFileSync(e.GITHUB_EVENT_PATH, 'utf8'));
       console.log(process.version.split('.')[0], repository.full_name, String(pull_request.number), e.KUBECONFIG, String(e['INPUT_GITHUB-TOKEN'] === 'tok' + 'en-1'));
       console.log(fs.readdirSync('.').join(), fs.readFileSync('deploy/values.yaml', 'utf8'));
       console.log('::group::look'); console.log('::error::went wrong'); process.exitCode = 1`,
    ),
    vars: { NAMESPACE: 'shop-1' },
    apiUrl: 'http://127.0.0.1:4711',
    token: 'token-1',
    kubeconfig: '/tmp/kubeconfig',
    files: { 'deploy/values.yaml': 'replicas: 1' },
    onLine: (line) => seen.push(line),
  })
  assert.deepEqual(run.outputs, { status: 'shop-1 http://127.0.0.1:4711' })
  assert.deepEqual([run.success, run.outcome], [false, 'failure'])
  assert.deepEqual(run.lines, [
    'v24 org/shop 7 /tmp/kubeconfig true',
    '.git,.github,chart,deploy replicas: 1',
    'look',
    'post 7',
  ])
  assert.deepEqual(seen, run.lines)
  assert.deepEqual([run.errors, run.summary], [['went wrong'], '# Done\n'])
})
