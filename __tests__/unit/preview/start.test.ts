import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readContext } from '../../../src/context/context.ts'
import { startPreview } from '../../../src/preview/start.ts'
import { startGitHub } from '../../helpers/github/server.ts'
import { installation } from '../../helpers/github/world.ts'

const sha = 'c'.repeat(40)
const inputs = {
  mode: 'preview',
  chart: './chart',
  values: 'a: "{{ pr }}"',
  'value-files': 'v.yaml',
  'github-token': 'bot',
}
const start = (env: Readonly<Record<string, string>>, payload: unknown, more: Readonly<Record<string, string>> = {}) =>
  startPreview(
    (name) => ({ ...inputs, ...more })[name] ?? '',
    readContext({ GITHUB_REPOSITORY: 'acme/shop', ...env }, payload),
    process.cwd(),
  )
const event = (action: string, state = 'open') => ({
  action,
  pull_request: { number: 7, state, head: { sha, ref: 'login', repo: { full_name: 'acme/shop' } } },
})
const pullRequest = { GITHUB_EVENT_NAME: 'pull_request' }

test('an open pull request is deployed with filled inputs', async () => {
  const { task, parsed, context } = await start(pullRequest, event('opened'))
  assert.equal(task?.kind, 'deploy')
  assert.deepEqual(parsed.problems, [])
  const { release, namespace, chart, values } = parsed.inputs
  assert.deepEqual([release, namespace, chart, values], ['pr-7', 'preview-shop-pr-7', './chart', 'a: "7"'])
  assert.deepEqual([context.pullRequest, context.sha], [7, sha])
})

test('a closed one needs neither chart nor values, which may not be there', async () => {
  const { task, parsed } = await start(pullRequest, event('closed', 'closed'), { 'set-file': 'a=missing' })
  assert.equal(task?.kind, 'remove')
  const { release, chart, values, valueFiles, assignments } = parsed.inputs
  assert.deepEqual([release, chart, values, valueFiles, assignments], ['pr-7', '', '', [], []])
})

test('a sweep has no name of its own', async () => {
  const { task, parsed } = await start({ GITHUB_EVENT_NAME: 'schedule' }, {}, { release: '{{ nonsense }}' })
  assert.deepEqual([task?.kind, parsed.problems, parsed.inputs.release], ['sweep', [], ''])
})

test('every problem is told at once, and then there is nothing to do', async () => {
  const more = { release: 'shop', chart: '', timeout: 'soon', 'environment-url': 'https://{{ x }}' }
  const { task, parsed } = await start(pullRequest, event('opened'), more)
  assert.equal(task, null)
  assert.deepEqual(
    parsed.problems.map(({ problem }) => problem.slice(0, 14)),
    ['`release`: "sh', '`environment-u', '`chart` is mis', '`timeout`: "so'],
  )
  const push = await start({ GITHUB_EVENT_NAME: 'push' }, {}, { timeout: 'soon' })
  assert.equal(push.task, null)
  assert.equal(push.parsed.problems.length, 2)
  const nowhere = await start({ ...pullRequest, GITHUB_REPOSITORY: '' }, event('opened'))
  assert.match(nowhere.parsed.problems[0]?.problem ?? '', /GITHUB_REPOSITORY/)
})

test('one that was named by hand goes by its state on GitHub', async (context) => {
  const github = await startGitHub({
    repo: 'acme/shop',
    pulls: [{ number: 9, head: { ref: 'by-hand', sha } }],
    tokens: { bot: installation() },
  })
  context.after(() => github.close())
  const dispatch = { GITHUB_EVENT_NAME: 'workflow_dispatch', GITHUB_API_URL: github.url }
  const byHand = (number: string) => start(dispatch, {}, { 'pr-number': number })
  const open = await byHand('9')
  assert.deepEqual([open.task?.kind, open.context.sha, open.context.pullRequest], ['deploy', sha, 9])
  github.setPull({ number: 9, state: 'closed' })
  const closed = await byHand('9')
  assert.deepEqual([closed.task?.kind, closed.parsed.inputs.release], ['remove', 'pr-9'])
  const missing = await byHand('10')
  assert.equal(missing.task, null)
  assert.match(missing.parsed.problems[0]?.problem ?? '', /^Pull request 10 cannot be read: GitHub does not find it/)
  const odd = await byHand('9; rm -rf /')
  assert.equal(odd.task, null)
  assert.match(odd.parsed.problems[0]?.problem ?? '', /`pr-number`/)
})
