// A property: whatever is done to a release, in whatever order, after every quiet point it is consistent and the report told the truth.
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../helpers/cluster.ts'
import type { RunOptions } from '../helpers/runner.ts'
import type { HelmMajor, Testbed } from '../helpers/testbed.ts'
import { changed, good, unscaled } from './charts.ts'
import { inconsistencies } from './judge.ts'
import { describeRun } from './play.ts'
import type { Result } from './play.ts'
import { openScene } from './scene.ts'
import type { Run, Scene } from './scene.ts'
import { randomOf } from './seed.ts'

type Random = () => number
type Step = { name: string; act: (scene: Scene, random: Random) => Promise<string[]> }

const inputs = { timeout: '12s', 'rollback-timeout': '60s' }

const steps: Step[] = [
  { name: 'deploy good', act: async (scene, random) => deploy(scene, 'good', random) },
  { name: 'deploy bad', act: async (scene, random) => deploy(scene, 'bad', random) },
  {
    name: 'cancel',
    act: (scene, random) => deploy(scene, random() < 0.5 ? 'good' : 'bad', random, (when) => ({ cancelWhen: when })),
  },
  {
    name: 'kill node',
    act: (scene, random) =>
      deploy(scene, random() < 0.5 ? 'good' : 'bad', random, (when) => ({ killWhen: { when, who: 'node' } })),
  },
  {
    name: 'lose the runner, then deploy good',
    act: async (scene, random) => [
      ...(await deploy(scene, 'bad', random, (when) => ({ killWhen: { when, who: 'both' }, noPost: true }), true)),
      ...(await deploy(scene, 'good', random)),
    ],
  },
  {
    name: 'scale',
    act: async ({ cluster, namespace }, random) => {
      await cluster.patch(deploymentOf(namespace), { spec: { replicas: 1 + Math.floor(random() * 3) } })
      await settle(cluster, namespace)
      return []
    },
  },
  {
    name: 'delete a pod',
    act: async ({ cluster, namespace, path }, random) => {
      const pods = await cluster.podHashes(namespace)
      const pod = pods[Math.floor(random() * pods.length)]
      if (pod) await cluster.remove(`${path}/pods/${pod.name}?gracePeriodSeconds=0`)
      await settle(cluster, namespace)
      return []
    },
  },
  {
    name: 'edit an object',
    act: async ({ cluster, path }, random) => {
      await cluster.patch(`${path}/configmaps/settings`, {
        data: { [`byHand${Math.floor(random() * 5)}`]: String(random()) },
      })
      return []
    },
  },
]

/** Plays one sequence of steps; the same for the same seed. */
export async function playRandom(seed: number, length: number, helm: HelmMajor, testbed: Testbed): Promise<Result> {
  const start = Date.now()
  const name = `random sequence · seed ${seed} · Helm ${helm.major}`
  const random = randomOf(seed)
  const scene = await openScene(testbed, helm, false)
  const problems: string[] = []
  const told: string[] = []
  try {
    await scene.install(good({ spec: unscaled }))
    await scene.remember()
    // What is of the release may change from deploy to deploy; that of others never.
    scene.before = { ...scene.before, uids: {} }
    for (let index = 0; index < length && problems.length === 0; index += 1) {
      const step = steps[Math.floor(random() * steps.length)]
      if (step === undefined) continue
      told.push(step.name)
      const found = [...(await step.act(scene, random)), ...(await inconsistencies(scene))]
      problems.push(...found.map((problem) => `step ${index + 1}, ${step.name}: ${problem}`))
    }
  } catch (error) {
    problems.push(
      `after ${told.join(', ')}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    )
  } finally {
    await scene.close()
  }
  const log = [told.join('\n'), ...scene.runs.slice(-3).map(describeRun)].join('\n\n')
  const passed = problems.length === 0
  return { name, passed, wasPlayed: true, ending: passed ? 'new' : null, problems, ms: Date.now() - start, log }
}

/** Deploys, disturbed at a random moment if it is to be, and tells what the report got wrong. */
async function deploy(
  scene: Scene,
  kind: 'good' | 'bad',
  random: Random,
  disturb?: (when: { outside: () => boolean }) => RunOptions,
  isLost = false,
): Promise<string[]> {
  const message = `m${Math.floor(random() * 1_000_000)}`
  const broken =
    random() < 0.5 ? { container: { image: scene.testbed.images.missing } } : { args: ['serve', '--ready=false'] }
  const parts = kind === 'good' ? { args: ['serve', `--message=${message}`] } : broken
  // Helm 4 refuses to change a number of replicas that somebody has set by hand: that is for the cells.
  const templates = changed({ ...parts, spec: unscaled })
  const begun = Date.now()
  const afterMs = 300 + Math.floor(random() * 5000)
  const options = disturb?.({ outside: () => Date.now() - begun >= afterMs }) ?? {}
  const before = (await scene.records()).findLast(({ status }) => status === 'deployed')
  const run = await scene.deploy(templates, inputs, options)
  return isLost ? [] : truth(scene, run, before?.manifest ?? '', kind, disturb !== undefined)
}

async function truth(
  scene: Scene,
  run: Run,
  before: string,
  kind: 'good' | 'bad',
  isDisturbed: boolean,
): Promise<string[]> {
  const last = (await scene.records()).at(-1)
  const isBefore = last?.manifest === before
  const status = run.report?.status ?? run.status
  const problems: string[] = []
  const expect = (isTrue: boolean, problem: string): void => void (isTrue || problems.push(problem))
  if (!isDisturbed)
    expect(
      status === (kind === 'good' ? 'deployed' : 'rolled-back'),
      `a ${kind} revision ended ${status}: ${run.outputs['reason']}`,
    )
  if (status === 'rolled-back') expect(isBefore, 'it says rolled-back, and another manifest is deployed')
  // A node that was killed has set no output: what it came to is in the report of post.
  const revision = String(run.report?.revision ?? run.outputs['revision'])
  if (status === 'deployed')
    expect(kind === 'good' && !isBefore && revision === String(last?.revision), 'it says deployed, and that is not so')
  if (run.report?.rollback === 'restored') expect(isBefore, 'it says restored, and another manifest is deployed')
  if (run.report?.rollback === 'failed') problems.push(`the undo failed: ${JSON.stringify(run.report.undo)}`)
  return problems
}

function deploymentOf(namespace: string): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments/web`
}

/** Lets the cluster come to rest after something was done by hand. */
async function settle(cluster: Scene['cluster'], namespace: string): Promise<void> {
  await sleep(300)
  await until('rest', async () => {
    const live = (await cluster.get(deploymentOf(namespace))) as unknown as { spec: { replicas: number } }
    const pods = await cluster.podHashes(namespace)
    return pods.length === live.spec.replicas && pods.every(({ ready }) => ready)
  })
}
