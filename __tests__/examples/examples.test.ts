// The workflows of `examples/` run as they are, by act. What only a cloud has is stood in for by actions that do as they say.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runWorkflow } from '../helpers/act.ts'
import type { WorkflowOptions, WorkflowRun } from '../helpers/act.ts'
import { fakeAws, standInsOf } from '../helpers/act/stand-ins.ts'
import { openCluster, until } from '../helpers/cluster.ts'
import { pullRequestEvent, pushEvent } from '../helpers/event.ts'
import { startGitHub } from '../helpers/github/server.ts'
import type { GitHub } from '../helpers/github/server.ts'
import { fixtureChart, runHelm } from '../helpers/helm.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { helmMajors, useTestbed } from '../helpers/testbed.ts'

const testbed = await useTestbed()
const cluster = openCluster(testbed.kubeconfig)
// The examples name no version, so they take the one that is tested.
const helm = helmMajors(testbed).find(({ major }) => major === 4)
const folder = fileURLToPath(new URL('../../examples/', import.meta.url))
const repo = 'org/shop'
const token = 'a-token-of-the-workflow'
const kubeconfig = readFileSync(testbed.kubeconfig, 'utf8')
const event = pullRequestEvent(repo, { private: true })
const pull = { number: event.number, head: { ref: event.headRef, sha: event.headSha } }
const pullRequest = { name: 'pull_request', payload: event.payload }
const push = { name: 'push', payload: pushEvent(repo, '1f3c9d27a5b1c7b0e0a3f4d5c6b7a8f901234567') }

type Example = Partial<WorkflowOptions> & {
  file: string
  /** Namespaces that are there before. */
  namespaces: readonly string[]
  /** Of these, what the cluster has afterwards: `namespace/release revision`. */
  releases: readonly string[]
  /** The release `shop` is there before, in two good revisions. */
  isThere?: boolean
}

const examples: readonly Example[] = [
  { file: 'deploy.yml', event: pullRequest, namespaces: ['shop'], releases: ['shop/shop 1'] },
  { file: 'enterprise.yml', event: pullRequest, namespaces: ['shop'], releases: ['shop/shop 1'] },
  { file: 'plan.yml', event: pullRequest, namespaces: ['shop'], releases: [] },
  { file: 'kind.yml', event: pullRequest, namespaces: [], releases: ['shop/shop 1'] },
  { file: 'eks.yml', event: push, namespaces: ['shop'], releases: ['shop/shop 1'] },
  { file: 'gke.yml', event: push, namespaces: ['shop'], releases: ['shop/shop 1'] },
  { file: 'aks.yml', event: push, namespaces: ['shop'], releases: ['shop/shop 1'] },
  { file: 'monorepo.yml', event: push, namespaces: ['shop'], releases: ['shop/settings 1', 'shop/shop 1'] },
  {
    file: 'environments.yml',
    event: push,
    vars: { STABILIZE: '1s' },
    files: { 'deploy/staging.yaml': '', 'deploy/canary.yaml': 'replicas: 1', 'deploy/production.yaml': '' },
    namespaces: ['staging', 'production'],
    releases: ['staging/shop 1', 'production/shop 1', 'production/shop-canary 1'],
  },
  {
    file: 'rollback.yml',
    event: { name: 'workflow_dispatch', payload: { inputs: { revision: '1' } } },
    namespaces: ['shop'],
    releases: ['shop/shop 3'],
    isThere: true,
  },
  {
    file: 'recover.yml',
    event: { name: 'workflow_dispatch', payload: {} },
    namespaces: ['shop'],
    releases: ['shop/shop 2'],
    isThere: true,
  },
]

/** Files that are not run here, and why. */
const notRun: Readonly<Record<string, string>> = {
  'forgejo.yml': "it names actions by their URL, which is Forgejo's way",
  'preview.yml': 'previews have a life: preview.test.ts',
  'preview-aks.yml': 'preview-examples.test.ts',
  'preview-eks.yml': 'preview-examples.test.ts',
  'preview-fork.yml': 'preview-examples.test.ts',
  'preview-gke.yml': 'preview-examples.test.ts',
  'preview-kind.yml': 'preview-examples.test.ts',
  'self-hosted.yml': 'in-cluster credentials are files at a fixed place of a pod',
  'fork-deploy.yml': 'forks.test.ts runs it',
  'fork-comment.yml': 'forks.test.ts runs it',
}

function chartFiles(name: string): Record<string, string> {
  const from = fixtureChart(name)
  const paths = readdirSync(from, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    paths.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path.replace(from, `charts/${name}`), readFileSync(path, 'utf8')]
    }),
  )
}

async function runExample(context: TestContext, { file, namespaces, isThere, ...options }: Example, github: GitHub) {
  assert.ok(helm)
  for (const namespace of namespaces) await cluster.createNamespace(namespace)
  context.after(async () => {
    for (const namespace of new Set([...namespaces, 'shop']))
      if (await cluster.namespaceExists(namespace)) await cluster.deleteNamespace(namespace)
  })
  for (const greeting of isThere ? ['one', 'two'] : []) {
    const args = ['upgrade', '--install', 'shop', fixtureChart('shop'), '--namespace', 'shop', '--wait']
    await runHelm(helm.dir, testbed.kubeconfig, [...args, '--set', `greeting=${greeting}`])
  }
  const home = temporaryDirectory('testbed')
  writeFileSync(join(home, 'kubeconfig'), kubeconfig)
  return runWorkflow({
    workflow: `examples/${file}`,
    repo,
    chartPath: 'deploy/chart',
    apiUrl: github.url,
    token,
    path: [helm.dir, fakeAws()],
    tools: testbed.toolsDir,
    secrets: { KUBECONFIG: kubeconfig, KUBECONFIG_OF_PLANNER: kubeconfig },
    env: { TESTBED: join(home, 'kubeconfig') },
    standIns: standInsOf(readFileSync(join(folder, file), 'utf8')),
    ...options,
    files: { ...(file === 'monorepo.yml' && { ...chartFiles('shop'), ...chartFiles('settings') }), ...options.files },
  })
}

async function releasesIn(namespaces: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    namespaces.map(async (namespace) =>
      (await cluster.releases(namespace))
        .filter(({ status }) => status === 'deployed')
        .map(({ release, revision }) => `${namespace}/${release} ${revision}`),
    ),
  )
  return lists.flat()
}

const said = (run: WorkflowRun): string => [...run.lines, ...run.notes].join('\n')

describe('the examples', { skip: helm ? false : 'there is no Helm 4' }, () => {
  for (const example of examples)
    test(`${example.file} runs as it is`, async (context) => {
      const tokens = { [token]: { login: 'github-actions[bot]', type: 'Bot', rights: 'write' } } as const
      const github = await startGitHub({ repo, private: true, pulls: [pull], tokens })
      context.after(() => github.close())
      const run = await runExample(context, example, github)
      assert.deepEqual([run.success, run.errors, run.warnings], [true, [], []], said(run))
      const namespaces = [...new Set([...example.namespaces, 'shop'])]
      const found = await until('the releases', async () => releasesIn(namespaces))
      assert.deepEqual(found.sort(), [...example.releases].sort())
      assert.deepEqual(github.violations(), [])
    })

  test('are all run, but for those that say why not', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.yml'))
    const known = [...examples.map(({ file }) => file), ...Object.keys(notRun)]
    assert.deepEqual(
      files.filter((file) => !known.includes(file)),
      [],
    )
  })
})
