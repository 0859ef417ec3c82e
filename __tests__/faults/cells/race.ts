// 5: several runs at once on one release.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cell } from '../cell.ts'
import { changed, missing } from '../charts.ts'
import type { Scene } from '../scene.ts'
import { randomOf, seedFor } from '../seed.ts'

type Turn = { isGood: boolean; afterMs: number; message: string }
const spreadMs = 4000

function turnsOf(scene: Scene, count: number, round: number): Turn[] {
  const random = randomOf(seedFor(`race ${count} ${round} ${scene.helm.major}`))
  return Array.from({ length: count }, (_, index) => ({
    isGood: random() < 0.6,
    afterMs: Math.floor(random() * spreadMs),
    message: `round-${round}-${index}`,
  }))
}

/** Lets them run, and tells what is wrong with what they said of themselves. */
async function race(scene: Scene, count: number, round: number, problems: string[]): Promise<void> {
  await Promise.all(
    turnsOf(scene, count, round).map(async ({ isGood, afterMs, message }) => {
      await sleep(afterMs)
      const templates = isGood ? changed({ args: ['serve', `--message=${message}`] }) : missing(scene)
      const run = await scene.deploy(templates, { timeout: '60s' })
      if (scene.isBaseline) {
        const isRight = (run.conclusion === 'success') === isGood
        if (!isRight) problems.push(`a ${isGood ? 'good' : 'bad'} revision ended with ${run.conclusion}`)
        return
      }
      const wanted = isGood ? 'deployed' : 'rolled-back'
      if (run.status !== wanted)
        problems.push(`a ${isGood ? 'good' : 'bad'} revision ended ${run.status}: ${run.outputs['reason']}`)
    }),
  )
}

async function historyProblems(scene: Scene): Promise<string[]> {
  const revisions = (await scene.records()).map(({ revision }) => revision)
  const gaps = revisions.filter((revision, index) => index > 0 && revision !== (revisions[index - 1] ?? 0) + 1)
  return gaps.map((revision) => `the history is not linear before revision ${revision}`)
}

/** So many rounds of `count` runs at once; the first of them is the cell's own. */
function raceOf(count: number, rounds: number): Cell {
  const told = new WeakMap<Scene, string[]>()
  const problemsOf = (scene: Scene): string[] => told.get(scene) ?? told.set(scene, []).get(scene) ?? []
  return {
    row: 5,
    fault: `${count} runs at once`,
    phase: rounds === 1 ? 'good and bad ones' : `good and bad ones, ${rounds} rounds`,
    baseline: true,
    deploy: changed({ args: ['serve', '--message=first'] }),
    beside: async (scene) => {
      for (let round = 1; round <= rounds; round += 1)
        await race(scene, round === 1 ? count - 1 : count, round, problemsOf(scene))
    },
    inputs: { timeout: '60s' },
    expect: { ends: ['new'], isRace: true },
    check: async (scene) => [...problemsOf(scene), ...(await historyProblems(scene))],
  }
}

/** At least so many rounds in all, as many of two runs at once as of three, and so on to eight; those that take longest first. */
export function races(rounds: number): Cell[] {
  const counts = [8, 7, 6, 5, 4, 3, 2]
  return counts.map((count) => raceOf(count, Math.ceil(rounds / counts.length)))
}

export const race5: Cell[] = [2, 4, 8].map((count) => raceOf(count, 1))
