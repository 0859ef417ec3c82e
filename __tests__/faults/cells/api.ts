// 6, 7 and 8: the API server is away, answers badly, or does not know us any more.
import { setTimeout as sleep } from 'node:timers/promises'
import { writeExecPlugin } from '../../helpers/exec-plugin.ts'
import { startFaultyApi } from '../../helpers/faulty-api.ts'
import type { ApiFault, FaultyApi } from '../../helpers/faulty-api.ts'
import type { Cell } from '../cell.ts'
import { changed, fine, good, many, missing, missingSlowBack, slowBack, waits } from '../charts.ts'
import { comes, shows } from '../moments.ts'
import type { Scene } from '../scene.ts'

/** The line of each scene that has one. */
const lines = new WeakMap<Scene, FaultyApi>()
const lineOf = (scene: Scene): FaultyApi => {
  const line = lines.get(scene)
  if (line === undefined) throw new Error('the scene has no line of its own')
  return line
}

async function openLine(scene: Scene, options: Parameters<typeof startFaultyApi>[1] = {}): Promise<void> {
  const line = await startFaultyApi(scene.testbed, options)
  scene.after(() => line.close())
  lines.set(scene, line)
}

const throughLine = { prepare: openLine, disturb: (scene: Scene) => ({ kubeconfig: lineOf(scene).kubeconfig }) }
const either = { ends: ['new', 'before'] as const }
/** Short enough that a run which cannot go on ends soon. */
const short = { timeout: '25s', 'rollback-timeout': '30s' }

type Away = Pick<Cell, 'phase' | 'good' | 'deploy' | 'expect'> & { when: (scene: Scene) => () => Promise<boolean> }
const asksFor = (pattern: RegExp) => (scene: Scene) => async () =>
  lineOf(scene)
    .requests()
    .some(({ path }) => pattern.test(path))

const away: Away[] = [
  { phase: 'lock', when: asksFor(/\/leases/), deploy: fine, expect: either },
  {
    phase: 'apply half-way',
    when: shows.halfApplied,
    deploy: many({ args: ['serve', '--message=new'] }),
    expect: either,
  },
  { phase: 'wait', when: shows.waiting, deploy: changed({ args: ['serve', '--ready-after=8s'] }), expect: either },
  { phase: 'wait of one that fails', when: shows.waiting, deploy: missing, expect: { ends: ['before'] } },
  {
    phase: 'roll back',
    when: shows.goingBack,
    good: good(slowBack),
    deploy: missingSlowBack,
    expect: { ends: ['before'] },
  },
]

const stopped: Cell[] = [5, 30].flatMap((seconds) =>
  away.map(({ when, ...phase }): Cell => ({
    row: 6,
    fault: `API server away for ${seconds} s`,
    ...phase,
    ...throughLine,
    inputs: { timeout: '60s', 'rollback-timeout': '90s' },
    beside: async (scene) => {
      await comes(scene, phase.phase, when(scene))
      await lineOf(scene).refuse(seconds * 1000)
    },
  })),
)

const forGood: Cell[] = away.map(({ when, ...phase }): Cell => ({
  row: 6,
  fault: 'API server away for good',
  ...phase,
  phase: `${phase.phase}, then the next run`,
  ...throughLine,
  inputs: short,
  beside: async (scene) => {
    await comes(scene, phase.phase, when(scene))
    await lineOf(scene).refuse()
  },
  next: true,
  expect: { ends: ['new'], status: ['deployed'] },
  check: ({ runs: [first] }) => (first?.conclusion === 'success' ? ['a run without its cluster is green'] : []),
}))

const writes = ['POST', 'PUT', 'PATCH', 'DELETE']
const answers: [name: string, fault: ApiFault][] = [
  ['429 to the first 15 requests', { as: 429, times: 15 }],
  ['429 to 10 writes', { as: 429, times: 10, on: { method: writes } }],
  ['503 to 10 writes', { as: 503, times: 10, on: { method: writes } }],
  ['500 to 4 writes', { as: 500, times: 4, on: { method: writes } }],
  ['500 to 5 reads', { as: 500, times: 5, on: { method: 'GET' } }],
  ['4 requests are cut', { as: 'reset', times: 4 }],
  ['4 writes are cut after they have taken effect', { as: 'reset', afterBytes: 30, times: 4, on: { method: writes } }],
  ['2 requests are never answered', { as: 'hang', times: 2, on: { method: 'GET', path: /secrets|deployments/ } }],
  ['each request takes half a second more', { as: 'delay', ms: 500, times: Infinity }],
]

/** From the moment that Helm works, a good and a bad revision each. */
const bad: Cell[] = answers.flatMap(([name, fault]) =>
  [true, false].map((isGood): Cell => ({
    row: 7,
    fault: name,
    phase: isGood ? 'a good revision' : 'a bad revision',
    ...throughLine,
    deploy: isGood ? fine : missing,
    inputs: { timeout: '60s', 'rollback-timeout': '90s' },
    beside: async (scene) => {
      await comes(scene, 'a revision', async () =>
        lineOf(scene)
          .requests()
          .some(({ method }) => method === 'POST'),
      )
      lineOf(scene).fail(fault)
    },
    expect: isGood ? either : { ends: ['before'] },
  })),
)

const watches: Cell[] = [true, false].map((isGood): Cell => ({
  row: 7,
  fault: 'watches end with 410 every second',
  phase: isGood ? 'a good revision' : 'a bad revision',
  ...throughLine,
  deploy: isGood ? changed({ args: ['serve', '--ready-after=5s'] }) : waits,
  inputs: { timeout: isGood ? '60s' : '15s' },
  beside: async (scene) => {
    while (scene.runs.length === 0) {
      lineOf(scene).endWatches()
      await sleep(1000)
    }
  },
  expect: isGood ? { ends: ['new'], status: ['deployed'] } : { ends: ['before'], status: ['rolled-back'] },
}))

const plugin = (options: Parameters<typeof writeExecPlugin>[1]) => (scene: Scene) =>
  openLine(scene, writeExecPlugin(scene.testbed.adminToken, options))

const credentials: Cell[] = [
  {
    row: 8,
    fault: 'tokens live for 20 s',
    phase: 'a bad revision, which is undone after 30 s',
    ...throughLine,
    prepare: plugin({}),
    deploy: waits,
    inputs: { timeout: '30s' },
    expect: { ends: ['before'], status: ['rolled-back'] },
  },
  {
    row: 8,
    fault: 'tokens live for 20 s',
    phase: 'a good revision that takes 30 s',
    ...throughLine,
    prepare: plugin({}),
    deploy: changed({ args: ['serve', '--ready-after=30s'] }),
    inputs: { timeout: '90s' },
    expect: { ends: ['new'], status: ['deployed'] },
  },
  {
    row: 8,
    fault: 'the plugin fails at its second call',
    phase: 'a good revision',
    ...throughLine,
    prepare: plugin({ failsAt: 2 }),
    deploy: fine,
    expect: either,
  },
  {
    row: 8,
    fault: 'the plugin fails at its second call',
    phase: 'a bad revision',
    ...throughLine,
    prepare: plugin({ failsAt: 2 }),
    deploy: missing,
    expect: { ends: ['before'] },
  },
  {
    row: 8,
    fault: 'the plugin fails from its fourth call on',
    phase: 'a bad revision, then the next run',
    ...throughLine,
    prepare: plugin({ failsFrom: 4 }),
    deploy: missing,
    inputs: short,
    next: true,
    expect: { ends: ['new'], status: ['deployed'] },
  },
]

export const api: Cell[] = [...stopped, ...forGood, ...bad, ...watches, ...credentials]
