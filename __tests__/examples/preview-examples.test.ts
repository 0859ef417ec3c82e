// The recipes of docs/previews.md run as they are, by act: opened, swept by the schedule, closed; and a sweep after a lost `closed`.
import assert from 'node:assert/strict'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { runWorkflow } from '../helpers/act.ts'
import type { WorkflowOptions, WorkflowRun } from '../helpers/act.ts'
import { fakeAws, standInsOf } from '../helpers/act/stand-ins.ts'
import { openCluster, uniqueName } from '../helpers/cluster.ts'
import { pullRequestEvent } from '../helpers/event.ts'
import { startGitHub } from '../helpers/github/server.ts'
import type { GitHub } from '../helpers/github/server.ts'
import { fixtureChart } from '../helpers/helm.ts'
import { commits } from '../helpers/previews.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { helmMajors, useTestbed } from '../helpers/testbed.ts'

const testbed = await useTestbed()
const cluster = openCluster(testbed.kubeconfig)
// The examples name no version, so they take the one that is tested.
const helm = helmMajors(testbed).find(({ major }) => major === 4)
const token = 'a-token-of-the-workflow'
const kubeconfig = readFileSync(testbed.kubeconfig, 'utf8')
const schedule = { name: 'schedule', payload: { schedule: '17 * * * *' } }
const said = (run: WorkflowRun): string => [...run.lines, ...run.notes].join('\n')

/** A repository of its own, since a sweep sees all previews of one, and its GitHub. */
type Recipe = {
  github: GitHub
  repo: string
  namespaceOf: (number: number) => string
  run: (event: NonNullable<WorkflowOptions['event']>, more?: Partial<WorkflowOptions>) => Promise<WorkflowRun>
  /** Something happens to a pull request; GitHub knows of it, and the workflow runs. */
  on: (action: string, options?: Parameters<typeof pullRequestEvent>[1] & { event?: string }) => Promise<WorkflowRun>
}

async function recipe(context: TestContext, file: string, more: Partial<WorkflowOptions> = {}): Promise<Recipe> {
  assert.ok(helm)
  const name = uniqueName('shop')
  const repo = `org/${name}`
  const workflow = readFileSync(new URL(`../../examples/${file}`, import.meta.url), 'utf8')
  const tokens = { [token]: { login: 'github-actions[bot]', type: 'Bot', rights: 'write' } } as const
  const github = await startGitHub({ repo, private: true, tokens, roles: { dev: 'write' } })
  const namespaceOf = (number: number): string => `preview-${name}-pr-${number}`
  const numbers = new Set<number>()
  context.after(async () => {
    for (const number of numbers) await cluster.remove(`/api/v1/namespaces/${namespaceOf(number)}`)
    await github.close()
  })
  const home = temporaryDirectory('testbed')
  writeFileSync(join(home, 'kubeconfig'), kubeconfig)
  const run: Recipe['run'] = (event, others = {}) =>
    runWorkflow({
      workflow: `examples/${file}`,
      repo,
      event,
      chart: 'settings',
      chartPath: 'deploy/chart',
      apiUrl: github.url,
      token,
      path: [helm.dir, fakeAws()],
      tools: testbed.toolsDir,
      secrets: { KUBECONFIG: kubeconfig, KUBECONFIG_OF_FORKS: kubeconfig },
      env: { TESTBED: join(home, 'kubeconfig') },
      standIns: standInsOf(workflow),
      ...more,
      ...others,
    })
  return {
    github,
    repo,
    namespaceOf,
    run,
    on(action, { event: name = 'pull_request', ...options } = {}) {
      const event = pullRequestEvent(repo, { action, headSha: commits[0], private: true, ...options })
      const { number, headRef: ref, headSha: sha } = event
      numbers.add(number)
      const head = { ref, sha, ...(options.fork !== undefined && { repo: options.fork }) }
      github.setPull({ number, state: action === 'closed' ? 'closed' : 'open', head })
      return run({ name, payload: event.payload })
    },
  }
}

/** A kubeconfig with the name that kind gives to the context of a cluster `previews`. */
function kindKubeconfig(): string {
  const path = join(temporaryDirectory('kind'), 'config')
  writeFileSync(path, kubeconfig.replaceAll(/: testbed$/gm, ': kind-previews'))
  return path
}

describe('the recipes of previews', { skip: helm ? false : 'there is no Helm 4', concurrency: 2 }, () => {
  const recipes: [file: string, more?: () => Partial<WorkflowOptions>][] = [
    ['preview-eks.yml'],
    ['preview-gke.yml'],
    ['preview-aks.yml'],
    ['preview-kind.yml', () => ({ kubeconfig: kindKubeconfig() })],
  ]
  for (const [file, more] of recipes)
    test(`${file} deploys, keeps and removes`, async (context) => {
      const { github, namespaceOf, on, run } = await recipe(context, file, more?.())
      const opened = await on('opened')
      assert.deepEqual([opened.success, opened.errors, opened.warnings], [true, [], []], said(opened))
      assert.equal((await cluster.releases(namespaceOf(7), 'pr-7')).length, 1)
      const swept = await run(schedule)
      assert.deepEqual([swept.success, swept.errors, swept.warnings], [true, [], []], said(swept))
      assert.match(swept.summary, /\[#7\].*kept \| .*its pull request is open/)
      const closed = await on('closed')
      assert.deepEqual([closed.success, closed.errors, closed.warnings], [true, [], []], said(closed))
      assert.equal(await cluster.namespaceExists(namespaceOf(7)), false)
      assert.equal(github.comments(7).length, 1)
      assert.deepEqual(
        github.deployments().map(({ statuses }) => statuses.at(-1)?.state),
        ['inactive'],
      )
      assert.deepEqual(github.violations(), [])
    })

  test('preview.yml sweeps what a lost `closed` has left, and nothing that it cannot tell of', async (context) => {
    const { github, namespaceOf, on, run } = await recipe(context, 'preview.yml')
    for (const number of [1, 2, 3]) {
      const opened = await on('opened', { number })
      assert.deepEqual([opened.success, opened.errors], [true, []], said(opened))
    }
    github.setPull({ number: 1, state: 'closed' })
    github.fail({ as: 502, on: { path: /\/pulls(\/3)?$/ }, times: 50 })
    const byHand = { name: 'workflow_dispatch', payload: { inputs: {} } }
    const swept = await run(byHand)
    assert.deepEqual([swept.success, swept.errors], [true, []], said(swept))
    assert.match(swept.summary, /### ✅ Previews: 1 removed, 2 kept/)
    assert.match(swept.summary, /\[#1\].*removed \| .*its pull request is closed/)
    assert.match(swept.summary, /\[#2\].*kept \| .*its pull request is open/)
    assert.match(swept.summary, /\[#3\].*kept \| .*cannot be read/)
    assert.deepEqual(await Promise.all([1, 2, 3].map((number) => cluster.namespaceExists(namespaceOf(number)))), [
      false,
      true,
      true,
    ])
    assert.match(github.comments(1)[0]?.body ?? '', /is removed from/)
  })

  test('a fork is left out by preview.yml, and deployed by preview-fork.yml when it is labeled', async (context) => {
    const own = await recipe(context, 'preview.yml')
    const skipped = await own.on('opened', { fork: 'stranger/shop' })
    assert.deepEqual([skipped.success, skipped.steps], [true, []], said(skipped))

    const fork = temporaryDirectory('fork')
    cpSync(fixtureChart('settings'), join(fork, 'deploy/chart'), { recursive: true })
    writeFileSync(join(fork, 'deploy/values.yaml'), '')
    const run = 'cp -r "$FORK/." . && mkdir .git && echo "$ref" > .git/HEAD'
    const file = 'preview-fork.yml'
    const workflow = readFileSync(new URL(`../../examples/${file}`, import.meta.url), 'utf8')
    const standIns = standInsOf(workflow, { 'actions/checkout': { run, inputs: ['ref'] } })
    const forks = await recipe(context, file, { standIns, env: { FORK: fork } })
    const event = { event: 'pull_request_target', fork: 'stranger/shop' }
    const labeled = await forks.on('labeled', { ...event, label: 'preview' })
    assert.deepEqual([labeled.success, labeled.errors, labeled.warnings], [true, [], []], said(labeled))
    assert.equal((await cluster.releases(forks.namespaceOf(7), 'pr-7')).length, 1)
    const other = await forks.on('labeled', { ...event, label: 'bug' })
    assert.deepEqual([other.success, other.steps], [true, []], said(other))
    const stranger = await forks.on('labeled', { ...event, label: 'preview', sender: 'stranger' })
    assert.equal(stranger.success, false, said(stranger))
    assert.match(stranger.errors.join(), /may not write to this repository/)
    const closed = await forks.on('closed', event)
    assert.deepEqual([closed.success, closed.errors, closed.warnings], [true, [], []], said(closed))
    assert.equal(await cluster.namespaceExists(forks.namespaceOf(7)), false)
  })
})
