// Where a deploy under test happens: a namespace and a GitHub of its own, and the checks that hold for every run of the action.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ValidateFunction } from 'ajv/dist/2020.js'
import type { Recording } from '../../src/health/recording.ts'
import { judgeRecording } from '../../src/health/replay.ts'
import addFormatsModule from 'ajv-formats'
import { openCluster, uniqueName, until } from './cluster.ts'
import type { Cluster } from './cluster.ts'
import type { KubeObject } from './cluster/api.ts'
import { pullRequestEvent } from './event.ts'
import { startGitHub } from './github/server.ts'
import { takePicture } from './picture.ts'
import type { Picture } from './picture.ts'
import type { GitHub } from './github/server.ts'
import { installation } from './github/world.ts'
import type { WorldOptions } from './github/world.ts'
import { fixtureChart, runHelm } from './helm.ts'
import type { HelmRun } from './helm.ts'
import { runAction } from './runner.ts'
import type { ActionRun, RunOptions } from './runner.ts'
import { useTestbed } from './testbed.ts'
import type { HelmMajor, Testbed } from './testbed.ts'

/** A part of the report that tests look at; the schema says the rest. */
export type Report = {
  mode: string
  status: string
  reason: string
  revision: number | null
  rollback: string
  findings: Finding[]
  undo: { commands: string[]; drifts: Drift[]; checkedObjects: number; durationMs: number } | null
  notUndone: { object: { kind: string; name: string }; why: string }[]
  problems: { problem: string; remedy: string }[]
  warnings: string[]
  timeline: Recording | null
  durationMs: number
  phases: { name: string; startMs: number; durationMs: number }[]
}
export type Drift = { object: { kind: string; name: string }; kind: string; details: string[] }
export type Finding = {
  class: string
  cause: string
  resource: { kind: string; namespace: string; name: string }
  evidence: {
    logs: string[]
    events?: { reason: string; message: string }[]
    message?: string
    decisiveLine?: string
    source?: { file: string; line?: number }
  }
}
export type Deployed = ActionRun & { status: string; report: Report; comment: string }
export type StageOptions = Partial<WorldOptions> & {
  helm: HelmMajor
  /** The namespace is there already; true when left out. */
  exists?: boolean
}
export type Stage = {
  testbed: Testbed
  cluster: Cluster
  github: GitHub
  namespace: string
  /** Path of the namespace in the API. */
  path: string
  helm: (...args: string[]) => Promise<HelmRun>
  /** Brings a release to a good state with Helm alone. */
  install: (chart: string, ...values: string[]) => Promise<void>
  /** Runs the action with the release `shop` and its chart, unless the inputs say otherwise. */
  deploy: (inputs?: Record<string, string>, options?: RunOptions) => Promise<Deployed>
  picture: () => Promise<Picture>
  /** The names of the Leases in the namespace: none is left when no run works on a release. */
  leases: () => Promise<string[]>
}

const repo = 'org/shop'
const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))
const schema = new URL('../../docs/report.schema.json', import.meta.url).pathname
const validateReport = compileSchema()

/** Sets a stage for one test; it is cleared when the test ends. */
export async function setStage(context: TestContext, { helm, exists = true, ...world }: StageOptions): Promise<Stage> {
  const testbed = await useTestbed()
  const cluster = openCluster(testbed.kubeconfig)
  const namespace = uniqueName('t')
  const path = `/api/v1/namespaces/${namespace}`
  const event = pullRequestEvent(repo, { private: true })
  const pulls = [{ number: event.number, head: { ref: event.headRef, sha: event.headSha } }]
  const github = await startGitHub({ repo, private: true, pulls, tokens: { bot: installation() }, ...world })
  context.after(async () => {
    await cluster.remove(path)
    await github.close()
  })
  if (exists) await cluster.createNamespace(namespace)

  const runBare = (...args: string[]): Promise<HelmRun> =>
    runHelm(helm.dir, testbed.kubeconfig, [...args, '--namespace', namespace])
  return {
    testbed,
    cluster,
    github,
    namespace,
    path,
    helm: runBare,
    async install(chart, ...values) {
      const sets = values.flatMap((value) => ['--set', value])
      const directory = chart.includes('/') ? chart : fixtureChart(chart)
      const run = await runBare('upgrade', '--install', 'shop', directory, '--wait', '--reset-values', ...sets)
      assert.equal(run.exitCode, 0, run.stderr)
      // Helm 3 calls a DaemonSet deployed before its pods are ready.
      await until('all pods', async () => (await cluster.podHashes(namespace)).every(({ ready }) => ready))
    },
    async deploy(inputs = {}, options = {}) {
      const run = await runAction({
        repo,
        event: { name: 'pull_request', payload: event.payload },
        apiUrl: github.url,
        path: [helm.dir],
        kubeconfig: testbed.kubeconfig,
        ...options,
        inputs: {
          release: 'shop',
          namespace,
          chart: fixtureChart('shop'),
          'helm-version': 'installed',
          timeout: '3m',
          ...inputs,
        },
      })
      const report = holdsAlways(run)
      assert.deepEqual(github.violations(), [], 'every request is one that GitHub knows')
      return { ...run, status: run.outputs['status'] ?? '', report, comment: github.comments(7).at(-1)?.body ?? '' }
    },
    async leases() {
      const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`
      const list = (await cluster.get(path)) as { items?: KubeObject[] } | undefined
      return (list?.items ?? []).map(({ metadata }) => metadata.name)
    },
    picture: () => takePicture(cluster, namespace),
  }
}

/** Judged again from nothing but its recording, a failure is the same. */
function assertReplays({ timeline, findings }: Report): void {
  if (!timeline?.end) return
  const name = (one: Pick<Finding, 'class' | 'resource'>): string =>
    `${one.class} ${one.resource.kind}/${one.resource.name}`
  assert.equal(timeline.dropped, 0)
  assert.deepEqual(judgeRecording(timeline).map(name), findings.map(name), 'the recording tells the same')
}

/** What every run promises, whatever came of it. Gives the report. */
function holdsAlways(run: ActionRun): Report {
  const { outputs, log } = run
  assert.deepEqual(run.injected, [], 'no foreign command reaches the runner')
  assert.deepEqual(run.orphans, [], 'no process outlives the job')
  assert.deepEqual([...run.main.problems, ...(run.post?.problems ?? [])], [], 'the runner has nothing to complain of')
  assert.ok(outputs['report-file'], `a report is written:\n${log}`)
  const report = readJson(outputs['report-file']) as Report
  assert.ok(validateReport(report), `the report keeps its schema: ${JSON.stringify(validateReport.errors)}`)
  assert.equal(report.status, outputs['status'])
  // Of a cancelled run the outputs are main's, and the report tells what post has done since.
  assert.equal(outputs['rollback'], report.status === 'cancelled' ? 'none' : report.rollback)
  assert.doesNotMatch(outputs['reason'] ?? '', /[\r\n]/, 'the reason is one line')
  const resources = JSON.parse(outputs['failing-resources'] ?? '') as object[]
  if (report.status !== 'cancelled') assert.equal(resources.length, report.findings.length)
  assertReplays(report)
  const isGreen =
    ['deployed', 'planned', 'recovered', 'removed'].includes(report.status) ||
    (report.mode === 'rollback' && report.status === 'rolled-back')
  const conclusion = run.main.cancelled ? 'cancelled' : isGreen ? 'success' : 'failure'
  assert.equal(run.conclusion, conclusion, log)
  assert.equal(run.errors.length > 0, !isGreen, 'a failure is an error, a success none')
  assert.ok(
    run.errors.length <= Math.min(10, Math.max(1, report.findings.length, report.problems.length)),
    'no more errors than faults, and ten at most',
  )
  const folders = readdirSync(run.temp).filter(
    (name) => name.startsWith('atomic-helm-') && statSync(`${run.temp}/${name}`).isDirectory(),
  )
  assert.deepEqual(folders, [], 'the post step removes the private files')
  return report
}

function compileSchema(): ValidateFunction {
  const ajv = new Ajv2020({ allErrors: true })
  // ajv-formats is CommonJS with a `default` of its own, and its types promise the function itself.
  const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => void
  addFormats(ajv)
  return ajv.compile(readJson(schema) as object)
}

/** The objects are the very same as before, and pods of the same templates serve. */
export function assertRestored(after: Picture, before: Picture): void {
  assert.deepEqual(after.objects, before.objects)
  assert.deepEqual(after.uids, before.uids)
  assert.deepEqual(serving(after), serving(before))
}

function serving({ pods }: Picture): string[] {
  return pods.map(({ owner, hash, images, ready }) => `${owner} ${hash} ${images.join()} ready=${ready}`).sort()
}
