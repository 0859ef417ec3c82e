// `npm run demo`: a real cluster, a workflow that deploys a good chart and then a broken one, and what a reader gets to see.
import { isDeepStrictEqual, parseArgs, stripVTControlCharacters, styleText } from 'node:util'
import { runWorkflow } from '../helpers/act.ts'
import type { WorkflowRun } from '../helpers/act.ts'
import { openCluster } from '../helpers/cluster.ts'
import type { PodHash } from '../helpers/cluster/pods.ts'
import { pullRequestEvent } from '../helpers/event.ts'
import { startGitHub } from '../helpers/github/server.ts'
import { installation } from '../helpers/github/world.ts'
import { helmMajors } from '../helpers/testbed.ts'
import type { Testbed } from '../helpers/testbed.ts'
import { onInterrupt } from '../testbed/interrupt.ts'
import { ensureTestbed, stopTestbed } from '../testbed/testbed.ts'
import { renderComment } from './comment.ts'
import { failures } from './failures.ts'
import type { Failure } from './failures.ts'

const usage = `npm run demo -- [${Object.keys(failures).join(' | ')}] [--helm 3|4] [--full] [--keep]

  Deploys a good chart, then one that fails as named (crash), through a workflow run by act.
  --full shows the comment as Markdown with all its evidence; --keep leaves cluster and release running.`
const repo = 'org/shop'
const namespace = 'shop'

async function main(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      helm: { type: 'string' },
      full: { type: 'boolean' },
      keep: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  const failure = failures[positionals[0] ?? 'crash']
  if (values.help === true || failure === undefined) {
    console.log(usage)
    return values.help === true ? 0 : 2
  }
  const name = values.keep === true ? 'demo' : `demo-${process.pid}`
  heading('A Kubernetes node of its own')
  const testbed = await ensureTestbed(name)
  if (testbed.external)
    throw new Error("The demo's images are on a node of its own only, for which it needs Linux and root.")
  const down = async (): Promise<void> => {
    if (values.keep === true)
      console.log(`\nKept: export KUBECONFIG=${testbed.kubeconfig}; end it with npm run testbed -- down --name demo`)
    else await stopTestbed(name)
  }
  onInterrupt(down)
  try {
    return await show(testbed, failure, { helm: values.helm ?? '4', full: values.full === true })
  } finally {
    await down()
  }
}

async function show(testbed: Testbed, failure: Failure, options: { helm: string; full: boolean }): Promise<number> {
  const helm = helmMajors(testbed).find(({ major }) => String(major) === options.helm) ?? helmMajors(testbed)[0]
  const event = pullRequestEvent(repo, { private: true })
  const { number, headRef, headSha } = event
  const token = 'a-token-of-the-demo'
  const pulls = [{ number, head: { ref: headRef, sha: headSha } }]
  const github = await startGitHub({ repo, private: true, pulls, tokens: { [token]: installation() } })
  const cluster = openCluster(testbed.kubeconfig)
  const deploy = (values: string): Promise<WorkflowRun> =>
    runWorkflow({
      repo,
      event: { name: 'pull_request', payload: event.payload },
      files: { 'deploy/values.yaml': values },
      vars: { NAMESPACE: namespace },
      apiUrl: github.url,
      token,
      path: [helm?.dir ?? ''],
      kubeconfig: testbed.kubeconfig,
      tools: testbed.toolsDir,
      onLine: (line) => console.log(`  ${process.stdout.isTTY ? line : stripVTControlCharacters(line)}`),
    })
  try {
    heading(`A good deploy with Helm ${helm?.major}, by \`uses: org/atomic-helm-action@v1\` in a workflow`)
    const good = await deploy('greeting: Hello')
    tell(good)
    const before = { objects: await cluster.normalisedObjects(namespace), pods: await cluster.podHashes(namespace) }
    showPods(before.pods)

    heading(`A broken one: ${failure.says} (${failure.takes})`)
    for (const line of failure.values.split('\n')) console.log(styleText('green', `  + ${line}`))
    console.log()
    const bad = await deploy(`greeting: Hello again\n${failure.values}`)
    tell(bad)

    heading(`The comment on pull request ${number}`)
    const body = github.comments(number).at(-1)?.body ?? '(none)'
    for (const line of options.full ? body.split('\n') : renderComment(body)) console.log(`  │ ${line}`)

    heading('The cluster afterwards')
    const isSame = isDeepStrictEqual(await cluster.normalisedObjects(namespace), before.objects)
    const pods = await cluster.podHashes(namespace)
    const releases = await cluster.releases(namespace, 'shop')
    console.log(`  history: ${releases.map(({ revision, status }) => `${revision} ${status}`).join(', ')}`)
    const isServed = before.pods.every(({ name }) => pods.some((pod) => pod.name === name && pod.ready))
    showPods(pods)
    sayWhether(isSame, 'all objects are as they were before')
    sayWhether(isServed, 'the same pods serve as before')
    sayWhether(bad.outputs['status'] === 'rolled-back', `the step failed with status ${bad.outputs['status']}`)
    const others = Object.keys(failures).filter((name) => failures[name] !== failure)
    console.log(`\nOther failures: npm run demo -- ${others.join(' | ')}. The whole comment: --full.`)
    return good.success && isSame && isServed && bad.outputs['status'] === 'rolled-back' ? 0 : 1
  } finally {
    await github.close()
  }
}

function tell(run: WorkflowRun): void {
  const { status, rollback, reason } = run.outputs
  console.log()
  sayWhether(run.success, `step ${run.outcome} after ${(run.wallMs / 1000).toFixed(1)} s`)
  console.log(`  status: ${status ?? '(none)'}   rollback: ${rollback ?? '(none)'}\n  reason: ${reason ?? '(none)'}`)
  // Nothing came from the action itself: then act's own words are all there is to go by.
  if (status === undefined) console.log(run.notes.slice(-15).join('\n'))
}

function showPods(pods: PodHash[]): void {
  for (const { name, images, ready } of pods)
    console.log(`  pod ${name}  ${images.join()}  ${ready ? 'ready' : 'not ready'}`)
}

function heading(text: string): void {
  console.log(`\n${styleText('bold', text)}`)
}

function sayWhether(isGood: boolean, text: string): void {
  console.log(`  ${isGood ? styleText('green', '✓') : styleText('red', '✗')} ${text}`)
}

process.exitCode = await main(process.argv.slice(2))
