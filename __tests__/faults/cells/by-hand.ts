// 1 and 3 for a release that a person takes back: `mode: rollback` is cancelled, killed or cut off, at each phase.
import type { RunOptions } from '../../helpers/runner.ts'
import type { When } from '../../helpers/runner/moment.ts'
import type { Templates } from '../../helpers/chart.ts'
import { hook } from '../../scenarios/objects.ts'
import type { Cell, Ending } from '../cell.ts'
import { changed, good, slowBack } from '../charts.ts'
import { group, once, shows } from '../moments.ts'
import type { Scene } from '../scene.ts'

/** Its rollback takes a while: a hook before it, and pods that take 3 s. */
const slow: Templates = {
  ...good(slowBack),
  unwind: hook('pre-rollback', {
    name: 'unwind',
    args: ['sleep', '3s'],
    policy: 'before-hook-creation,hook-succeeded',
  }),
}

const base: Pick<Cell, 'good' | 'keepsPicture' | 'prepare' | 'deploy' | 'inputs'> = {
  good: slow,
  keepsPicture: true,
  prepare: ({ install }) => install(changed({ ...slowBack, args: ['serve', '--message=second'] })),
  deploy: null,
  inputs: { mode: 'rollback' },
}

const moments: { phase: string; when: (scene: Scene) => When; ends: readonly Ending[] }[] = [
  { phase: 'lock', when: () => group('lock'), ends: ['new'] },
  // A moment later it goes back already.
  { phase: 'look', when: () => group('look at the release'), ends: ['new', 'before'] },
  { phase: 'its hook runs', when: (scene) => once(scene, shows.unwinds), ends: ['before'] },
  { phase: 'roll back', when: (scene) => once(scene, shows.goingBack), ends: ['before'] },
  { phase: 'verify', when: (scene) => once(scene, shows.wentBack), ends: ['before'] },
]

function cellOf(
  row: number,
  fault: string,
  phase: string,
  disturb: (scene: Scene) => RunOptions,
): Omit<Cell, 'expect'> {
  return { ...base, row, fault: `mode: rollback, ${fault}`, phase, disturb }
}

export const byHand: Cell[] = [
  ...moments.map(({ phase, when, ends }) => ({
    ...cellOf(1, 'cancel', phase, (scene) => ({ cancelWhen: when(scene) })),
    expect: { ends, status: ['cancelled'] },
  })),
  ...moments.map(({ phase, when, ends }) => ({
    ...cellOf(3, 'kill -9 of node', phase, (scene) => ({ killWhen: { when: when(scene), who: 'node' } })),
    expect: { ends },
  })),
  ...moments.slice(2).map(({ phase, when, ends }) => ({
    ...cellOf(3, 'kill -9 of both', phase, (scene) => ({ killWhen: { when: when(scene), who: 'both' } })),
    expect: { ends },
  })),
  {
    ...cellOf(3, 'runner lost', 'verify, then the next run', (scene) => ({
      killWhen: { when: once(scene, shows.wentBack), who: 'both' },
      noPost: true,
    })),
    next: true,
    expect: { ends: ['new'], status: ['deployed'] },
  },
]
