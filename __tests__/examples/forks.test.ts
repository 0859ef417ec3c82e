// A pull request of a fork by the two workflows of docs/fork-pull-requests.md, as they are, by act: the first may not comment and leaves
// the comment, the second publishes it and believes nothing of it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { runWorkflow } from '../helpers/act.ts'
import type { WorkflowRun } from '../helpers/act.ts'
import { openCluster } from '../helpers/cluster.ts'
import { pullRequestEvent, workflowRunEvent } from '../helpers/event.ts'
import { startGitHub } from '../helpers/github/server.ts'
import type { GitHub } from '../helpers/github/server.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { helmMajors, useTestbed } from '../helpers/testbed.ts'

const testbed = await useTestbed()
const cluster = openCluster(testbed.kubeconfig)
const helm = helmMajors(testbed).find(({ major }) => major === 4)
const repo = 'org/shop'
const fork = 'stranger/shop'
const event = pullRequestEvent(repo, { fork })
const { headRef: branch, headSha: sha } = event
const [ofFork, ofUs] = ['a-token-that-reads', 'a-token-that-writes']
const dev = { login: 'dev', type: 'User', rights: 'write' } as const
const bot = { login: 'github-actions[bot]', type: 'Bot' } as const
const marker = /^<!-- atomic-helm-action: [\da-f]{16} -->$/

async function open(context: TestContext, head = sha): Promise<GitHub> {
  const pulls = [{ number: event.number, head: { ref: branch, sha: head, repo: fork } }]
  const tokens = { [ofFork]: { ...bot, rights: 'read' }, [ofUs]: { ...bot, rights: 'write' }, dev } as const
  const github = await startGitHub({ repo, pulls, tokens })
  context.after(() => github.close())
  return github
}

/** The GitHub with an artifact, a ZIP of that text, which the first workflow has left; or none. */
async function withArtifact(context: TestContext, github: GitHub, text: string | null): Promise<string> {
  const directory = temporaryDirectory('artifact')
  if (text !== null) {
    writeFileSync(join(directory, 'atomic-helm.md'), text)
    execFileSync('zip', ['--quiet', 'comment.zip', 'atomic-helm.md'], { cwd: directory })
  }
  const artifacts = text === null ? [] : [{ id: 5, name: 'atomic-helm-comment', size_in_bytes: 1000, expired: false }]
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    const path = request.url ?? ''
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      answerTo(path, request, Buffer.concat(chunks))
        .then(({ status, body }) => response.writeHead(status, { 'content-type': 'application/json' }).end(body))
        .catch((error: unknown) => response.writeHead(502).end(String(error)))
    })
  })
  const answerTo = async (
    path: string,
    { method = '', headers }: IncomingMessage,
    sent: Buffer,
  ): Promise<{ status: number; body: string | Buffer }> => {
    if (path === `/repos/${repo}/actions/runs/77/artifacts?name=atomic-helm-comment`)
      return { status: 200, body: JSON.stringify({ total_count: artifacts.length, artifacts }) }
    if (path === `/repos/${repo}/actions/artifacts/5/zip`)
      return { status: 200, body: readFileSync(join(directory, 'comment.zip')) }
    const body = method === 'GET' ? {} : { body: new Uint8Array(sent) }
    const answer = await fetch(`${github.url}${path}`, { method, headers: headers as Record<string, string>, ...body })
    return { status: answer.status, body: await answer.text() }
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
}

function publish(apiUrl: string): Promise<WorkflowRun> {
  const payload = workflowRunEvent(repo, { repo: fork, branch, sha })
  return runWorkflow({
    workflow: 'examples/fork-comment.yml',
    repo,
    event: { name: 'workflow_run', payload },
    apiUrl,
    token: ofUs,
    tools: testbed.toolsDir,
  })
}

/** Actions of others: the one makes the testbed the cluster of the job, the other copies what it is given. */
function standIns(kept: string): Record<string, string> {
  const uses = readFileSync(new URL('../../examples/fork-deploy.yml', import.meta.url), 'utf8')
  const refOf = (name: string): string => new RegExp(`uses: ${name}@(\\S+)`).exec(uses)?.[1] ?? ''
  const action = (run: string, inputs: object): string => {
    const directory = temporaryDirectory('stand-in')
    const env = { FILE: '${{ inputs.path }}' }
    const runs = { using: 'composite', steps: [{ run, env, shell: 'bash' }] }
    writeFileSync(join(directory, 'action.yml'), JSON.stringify({ name: 'a', description: 'A stand-in', inputs, runs }))
    return directory
  }
  const given = Object.fromEntries(
    ['name', 'path', 'if-no-files-found', 'retention-days'].map((name) => [name, { description: name }]),
  )
  return {
    [`helm/kind-action@${refOf('helm/kind-action')}`]: action('mkdir -p ~/.kube && cp "$TESTBED" ~/.kube/config', {}),
    [`actions/upload-artifact@${refOf('actions/upload-artifact')}`]: action(
      `[ ! -e "$FILE" ] || cp "$FILE" ${kept}/`,
      given,
    ),
  }
}

/** Runs the first workflow; gives what it has left. */
async function tryIt(github: GitHub, token: string): Promise<{ run: WorkflowRun; left: string | null }> {
  const [home, kept] = [temporaryDirectory('testbed'), temporaryDirectory('kept')]
  writeFileSync(join(home, 'kubeconfig'), readFileSync(testbed.kubeconfig))
  const run = await runWorkflow({
    workflow: 'examples/fork-deploy.yml',
    repo,
    event: { name: 'pull_request', payload: event.payload },
    files: { 'deploy/chart/templates/broken.yaml': '{{ fail "the chart of a stranger" }}' },
    chartPath: 'deploy/chart',
    apiUrl: github.url,
    token,
    path: [helm?.dir ?? ''],
    tools: testbed.toolsDir,
    env: { TESTBED: join(home, 'kubeconfig') },
    standIns: standIns(kept),
  })
  const file = join(kept, 'atomic-helm.md')
  return { run, left: existsSync(file) ? readFileSync(file, 'utf8') : null }
}

const said = (run: WorkflowRun): string => [...run.lines, ...run.notes].join('\n')

describe('a pull request of a fork', { skip: helm ? false : 'there is no Helm 4' }, () => {
  test('is told by the second workflow what the first one found', async (context) => {
    context.after(async () => (await cluster.namespaceExists('shop')) && cluster.deleteNamespace('shop'))
    const github = await open(context)
    const { run, left } = await tryIt(github, ofFork)
    assert.equal(run.success, false, said(run))
    assert.match(said(run), /warning: the pull request could not be told: .*docs\/fork-pull-requests\.md/)
    assert.deepEqual(github.comments(), [])
    assert.ok(left !== null, said(run))
    const api = await withArtifact(context, github, left)
    for (const turn of ['created', 'updated']) {
      const second = await publish(api)
      assert.ok(second.success, said(second))
      const comments = github.comments(event.number)
      assert.equal(comments.length, 1, turn)
      assert.match(comments[0]?.body ?? '', /Nobody has checked it/)
      assert.match(comments[0]?.body ?? '', /the chart of a stranger/)
    }
    assert.deepEqual(github.violations(), [])
  })

  test('of our own repository is told by the first', async (context) => {
    context.after(async () => (await cluster.namespaceExists('shop')) && cluster.deleteNamespace('shop'))
    const github = await open(context)
    const { run, left } = await tryIt(github, ofUs)
    assert.equal(left, null, said(run))
    assert.equal(github.comments(event.number).length, 1)
  })

  const head = '<!-- atomic-helm-action: 0123456789abcdef -->\n<!-- state: {} -->\n\n'
  test('calls nobody and cannot say more than a comment holds', async (context) => {
    const github = await open(context)
    const text = `${head}@admin @org/team\n$(touch /tmp/x) \${{ github.token }}\n${'long '.repeat(100_000)}`
    const run = await publish(await withArtifact(context, github, text))
    assert.ok(run.success, said(run))
    const body = github.comments(event.number)[0]?.body ?? ''
    assert.match(body.split('\n')[0] ?? '', marker)
    assert.doesNotMatch(body, /@[a-z]/)
    assert.ok(body.includes('$(touch /tmp/x) ${{ github.token }}'))
    assert.ok(Buffer.byteLength(body) < 65_536)
    assert.ok(!said(run).includes(ofUs))
  })

  const silent: Readonly<Record<string, { text: string | null; head?: string }>> = {
    'that left nothing': { text: null },
    'whose text is not ours': { text: 'All is well @admin' },
    'whose marker is not alone in its line': { text: head.replace('-->\n', '--> x\n') },
    'that somebody has pushed to since': { text: `${head}x`, head: '0'.repeat(40) },
  }
  for (const [name, { text, head: pushed }] of Object.entries(silent))
    test(`${name} is not told`, async (context) => {
      const github = await open(context, pushed)
      const run = await publish(await withArtifact(context, github, text))
      assert.ok(run.success, said(run))
      assert.deepEqual(github.comments(), [])
    })

  test('gets no word of it into the comment of somebody else', async (context) => {
    const github = await open(context)
    const body = `${head}mine`
    const url = `${github.url}/repos/${repo}/issues/${String(event.number)}/comments`
    const headers = { authorization: `Bearer dev`, 'user-agent': 'test', 'content-type': 'application/json' }
    const made = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ body }) })
    assert.equal(made.status, 201)
    const run = await publish(await withArtifact(context, github, `${head}theirs`))
    assert.ok(run.success, said(run))
    const bodies = github.comments(event.number).map((comment) => comment.body)
    assert.equal(bodies[0], body)
    assert.match(bodies[1] ?? '', /theirs/)
  })
})
