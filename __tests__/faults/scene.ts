// Where one cell is played: a namespace and a GitHub of its own, what was there before, and every run with what it reported.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chartOf } from '../helpers/chart.ts'
import type { Templates } from '../helpers/chart.ts'
import { openCluster, uniqueName, until } from '../helpers/cluster.ts'
import type { Cluster } from '../helpers/cluster.ts'
import type { ReleaseRecord } from '../helpers/cluster/pods.ts'
import { pullRequestEvent } from '../helpers/event.ts'
import { startGitHub } from '../helpers/github/server.ts'
import type { GitHub } from '../helpers/github/server.ts'
import { installation } from '../helpers/github/world.ts'
import { runHelm } from '../helpers/helm.ts'
import type { HelmRun } from '../helpers/helm.ts'
import { runAction } from '../helpers/runner.ts'
import type { ActionRun, RunOptions } from '../helpers/runner.ts'
import { takePicture } from '../helpers/picture.ts'
import type { Picture } from '../helpers/picture.ts'
import type { Report } from '../helpers/stage.ts'
import type { HelmMajor, Testbed } from '../helpers/testbed.ts'
import { writeBaseline } from './baseline.ts'
import { objectsOf } from './manifest.ts'

/** A run of the step under test; `report` as its file says it in the end, when there is one. */
export type Run = ActionRun & {
  status: string
  report: Report | undefined
  comment: string
  runId: number
  isBaseline: boolean
}

export type Scene = {
  testbed: Testbed
  helm: HelmMajor
  cluster: Cluster
  github: GitHub
  namespace: string
  /** Path of the namespace in the API. */
  path: string
  isBaseline: boolean
  /** There was a good revision before. */
  hadRelease: boolean
  /** Everything as it was before; set by `remember`. */
  before: Picture
  /** `Kind/name` of what was there and was not of the release. */
  foreign: ReadonlySet<string>
  /** Takes the picture that the end is measured by. */
  remember: () => Promise<void>
  runs: Run[]
  runHelm: (...args: string[]) => Promise<HelmRun>
  /** Brings the release to a good state with Helm alone. */
  install: (templates: Templates, release?: string) => Promise<void>
  /** Runs the step under test for the release `shop`. */
  deploy: (templates: Templates | null, inputs?: Record<string, string>, options?: RunOptions) => Promise<Run>
  picture: () => Promise<Picture>
  records: () => Promise<ReleaseRecord[]>
  /** What has to be done when the cell is over, last first. */
  after: (undo: () => unknown) => void
  close: () => Promise<void>
}

const repo = 'org/shop'
const nobody: Picture = { objects: {}, uids: {}, pods: [] }

/** Opens a scene of its own. */
export async function openScene(testbed: Testbed, helm: HelmMajor, isBaseline: boolean): Promise<Scene> {
  const cluster = openCluster(testbed.kubeconfig)
  const namespace = uniqueName('f')
  const path = `/api/v1/namespaces/${namespace}`
  const event = pullRequestEvent(repo, { private: true })
  const pulls = [{ number: event.number, head: { ref: event.headRef, sha: event.headSha } }]
  const github = await startGitHub({
    repo,
    private: true,
    pulls,
    tokens: { bot: installation(), reader: installation('read') },
  })
  const undos: (() => unknown)[] = []
  const count = { runs: 1233 }
  await cluster.createNamespace(namespace)
  const baseline = isBaseline ? writeBaseline() : undefined
  const helmIn = (...args: string[]): Promise<HelmRun> =>
    runHelm(helm.dir, testbed.kubeconfig, [...args, '--namespace', namespace])

  const scene: Scene = {
    testbed,
    helm,
    cluster,
    github,
    namespace,
    path,
    isBaseline,
    hadRelease: false,
    before: nobody,
    foreign: new Set(),
    async remember() {
      const [before, records] = [await scene.picture(), await scene.records()]
      const deployed = records.findLast(({ status }) => status === 'deployed')
      const own = new Set(deployed ? [...objectsOf(deployed.manifest).keys(), ...deployed.hooks] : [])
      scene.before = before
      scene.foreign = new Set(Object.keys(before.objects).filter((name) => !own.has(name)))
    },
    runs: [],
    runHelm: helmIn,
    async install(templates, release = 'shop') {
      const run = await helmIn('upgrade', '--install', release, chartOf(templates), '--wait', '--reset-values')
      if (run.exitCode !== 0) throw new Error(`the good revision: ${run.stderr}`)
      if (release === 'shop') scene.hadRelease = true
      // The pod of a Job is ready until it ends, which would look like a change later.
      await until('all pods', async () =>
        (await cluster.podHashes(namespace)).every(({ ready, owner, phase }) =>
          owner.startsWith('Job/') ? phase === 'Succeeded' : ready,
        ),
      )
    },
    async deploy(templates, inputs = {}, options = {}) {
      const runId = (count.runs += 1)
      const run = await runAction({
        repo,
        event: { name: 'pull_request', payload: event.payload },
        apiUrl: github.url,
        path: [helm.dir],
        kubeconfig: testbed.kubeconfig,
        timeoutMs: 400_000,
        runId,
        ...(baseline === undefined ? {} : { action: baseline }),
        ...options,
        inputs: {
          release: 'shop',
          namespace,
          ...(templates === null ? {} : { chart: chartOf(templates) }),
          timeout: '45s',
          ...(isBaseline
            ? { 'atomic-flag': helm.major === 3 ? '--atomic' : '--rollback-on-failure' }
            : { 'helm-version': 'installed', 'rollback-timeout': '60s' }),
          ...inputs,
          ...options.inputs,
        },
      })
      const comment = github.comments(event.number).at(-1)?.body ?? ''
      const done: Run = {
        ...run,
        status: run.outputs['status'] ?? '',
        report: readReport(run),
        comment,
        runId,
        isBaseline,
      }
      scene.runs.push(done)
      return done
    },
    picture: () => takePicture(cluster, namespace),
    records: () => cluster.releases(namespace, 'shop'),
    after: (undo) => void undos.push(undo),
    async close() {
      for (const undo of undos.toReversed()) await Promise.resolve(undo()).catch(() => undefined)
      await cluster.remove(path).catch(() => undefined)
      await github.close().catch(() => undefined)
      // What still comes from the runs' last moments must not meet the next scene of this process.
      await sleep(10)
    },
  }
  return scene
}

function readReport({ temp, outputs }: ActionRun): Report | undefined {
  const found = existsSync(temp)
    ? readdirSync(temp).find((name) => /^atomic-helm-report.*\.json$/.test(name))
    : undefined
  const path = outputs['report-file'] || (found === undefined ? '' : join(temp, found))
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report
  } catch {
    return undefined
  }
}
