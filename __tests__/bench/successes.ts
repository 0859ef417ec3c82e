// Deploys that succeed: what the action costs on top of Helm, in time and in work.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import { until } from '../helpers/cluster.ts'
import type { Cluster } from '../helpers/cluster.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import type { HelmMajor } from '../helpers/testbed.ts'
import { withProgress } from '../testbed/progress.ts'
import { median } from './figure.ts'
import type { Figure } from './figure.ts'
import { childrenCpuSeconds, cpuSeconds, deployGood } from './sides.ts'
import type { Deploy, Sides } from './sides.ts'

type Sample = { raw: number; action: number; post: number }

/**
 * With it raw Helm takes over 4 s: two pods, replaced one after the other. Half a second beside the kubelet's full ones: a pod that is
 * ready just when its probe asks would make every pair a game of chance.
 */
const slowStart = '1500ms'

/** So many old ReplicaSets a Deployment keeps. Helm 4's wait reads each of them again and again (ADR 27). */
const longHistory = 10

/** Wall time of a rollout, in pairs that alternate who goes first; with a history, of a release that has been deployed often before. */
export async function benchRollout(
  cluster: Cluster,
  helm: HelmMajor,
  sides: Sides,
  { pairs, hasHistory }: { pairs: number; hasHistory: boolean },
): Promise<Figure[]> {
  const namespace = `rollout-${helm.major}${hasHistory ? '-history' : ''}`
  const replicas = hasHistory ? 4 : 2
  const deploy = (turn: string): Deploy => ({
    chart: 'shop',
    namespace,
    helm,
    values: { slowStart, greeting: turn, replicas: String(replicas) },
  })
  const history = hasHistory ? ' after ten others' : ''
  const settled = (): Promise<true> =>
    until('end of the old pods', async () => {
      const pods = await cluster.list(`/api/v1/namespaces/${namespace}/pods`)
      return pods.length === replicas ? true : undefined
    })
  const samples = await withProgress(`${pairs} pairs of rollouts${history} with Helm ${helm.major}`, async () => {
    for (let past = hasHistory ? longHistory : 0; past > 0; past--) await sides.raw(deploy(`past-${past}`))
    await deployGood(sides, deploy('start'))
    return pairwise(pairs, {
      raw: async (turn) => {
        await settled()
        return [(await deployGood(sides, deploy(turn))) / 1000, 0]
      },
      action: async (turn) => {
        await settled()
        const { main, post } = await sides.action(deploy(turn))
        return [main.wallMs / 1000, (post?.wallMs ?? 0) / 1000]
      },
    })
  })
  const raw = median(samples.map((sample) => sample.raw))
  if (raw < 4) throw new Error(`raw Helm took ${raw.toFixed(1)} s for a rollout, and 4 s are the least to compare with`)
  const both = { raw, unit: 's' as const, isRatio: true }
  const ratio = (of: (sample: Sample) => number): number => median(samples.map((sample) => of(sample) / sample.raw))
  return [
    {
      what: `rollout of ${raw.toFixed(0)} s${history}, Helm ${helm.major}`,
      ...both,
      action: median(samples.map(({ action }) => action)),
      value: ratio(({ action }) => action),
      atMost: 1.15,
      note: noteOf(pairs),
      samples,
    },
    {
      what: '  its post step included',
      ...both,
      action: median(samples.map(({ action, post }) => action + post)),
      value: ratio(({ action, post }) => action + post),
      atMost: null,
    },
  ]
}

/** CPU time of a deploy with nothing to wait for: everything beyond Helm's own is the action's, post step included. */
export async function benchWork(helm: HelmMajor, sides: Sides, pairs: number): Promise<Figure[]> {
  const deploy = (turn: string): Deploy => ({
    chart: 'settings',
    namespace: `work-${helm.major}`,
    helm,
    values: { 'data.level': turn },
  })
  const samples = await withProgress(`${pairs} pairs of ConfigMap deploys with Helm ${helm.major}`, async () => {
    await deployGood(sides, deploy('start'))
    return pairwise(pairs, {
      raw: async (turn) => {
        const before = childrenCpuSeconds()
        await deployGood(sides, deploy(turn))
        return [childrenCpuSeconds() - before, 0]
      },
      action: async (turn) => {
        const { cpuSeconds: all, post } = await sides.action(deploy(turn))
        return [all, post?.cpuSeconds ?? 0]
      },
    })
  })
  const raw = median(samples.map((sample) => sample.raw))
  const unit = 'CPU-s' as const
  const post = median(samples.map((sample) => sample.post))
  return [
    {
      what: `work beyond Helm ${helm.major}'s, ConfigMap only`,
      raw,
      action: median(samples.map(({ action }) => action)),
      unit,
      value: median(samples.map((sample) => sample.action - sample.raw)),
      isRatio: false,
      atMost: 0.6,
      note: noteOf(pairs),
      samples,
    },
    { what: '  of it in the post step', raw: null, action: post, unit, value: post, isRatio: false, atMost: null },
  ]
}

/** CPU time until `helm upgrade` starts: its own and that of what it ran before, such as `helm version`. */
export async function benchStart(helm: HelmMajor, sides: Sides, runs: number): Promise<Figure> {
  const directory = temporaryDirectory('wrapper')
  const record = join(directory, 'stat')
  // Helm's parent is the action; the first line that is not for another verb is the one.
  const script = `#!/bin/sh\n[ "$1" = upgrade ] && cat "/proc/$PPID/stat" >'${record}'\nexec '${helm.dir}/helm' "$@"\n`
  writeFileSync(join(directory, 'helm'), script)
  chmodSync(join(directory, 'helm'), 0o755)
  const samples = await withProgress(`${runs} starts with Helm ${helm.major}`, async () => {
    const seconds: number[] = []
    for (let run = 0; run < runs; run++) {
      const values = { 'data.level': `start-${run}` }
      await sides.action({ chart: 'settings', namespace: `work-${helm.major}`, helm, values }, { path: [directory] })
      const { own, children } = cpuSeconds(readFileSync(record, 'utf8'))
      seconds.push(own + children)
    }
    return seconds
  })
  return {
    what: `from process start to Helm ${helm.major}'s start`,
    raw: null,
    action: median(samples),
    unit: 'CPU-s',
    value: median(samples),
    isRatio: false,
    atMost: 0.5,
    note: `median of ${runs} runs, with what \`helm version\` takes`,
    samples,
  }
}

/** What to hold a figure against: on a busy machine whoever works more waits longer, so wall times of the action suffer most. */
export function noteOf(pairs: number): string {
  const load = loadavg()[0] ?? 0
  const processors = availableParallelism()
  const warning = load > processors ? `: too busy for its wall times to mean much` : ''
  return `median of ${pairs} pairs at a load of ${load.toFixed(0)} on ${processors} processors${warning}`
}

/** Alternates who goes first, so that neither side always finds the warmer machine. */
async function pairwise(
  pairs: number,
  sides: Record<'raw' | 'action', (turn: string) => Promise<[seconds: number, post: number]>>,
): Promise<Sample[]> {
  const samples: Sample[] = []
  for (let pair = 0; pair < pairs; pair++) {
    const sample = { raw: 0, action: 0, post: 0 }
    const order = pair % 2 === 0 ? (['raw', 'action'] as const) : (['action', 'raw'] as const)
    for (const side of order) {
      const [seconds, post] = await sides[side](`${side}-${pair}`)
      sample[side] = seconds
      sample.post += post
    }
    samples.push(sample)
  }
  return samples
}
