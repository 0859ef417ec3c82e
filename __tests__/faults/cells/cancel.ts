// 1 to 4: the job is cancelled, cancelled twice, killed or cut off, at each phase.
import type { RunOptions } from '../../helpers/runner.ts'
import type { When } from '../../helpers/runner/moment.ts'
import type { Templates } from '../../helpers/chart.ts'
import type { Cell, Ending } from '../cell.ts'
import { fine, good, many, migrating, missing, missingSlowBack, slowBack, stuckHook, waits } from '../charts.ts'
import { group, once, shows } from '../moments.ts'
import type { Scene } from '../scene.ts'

/** Something that a deploy is in the middle of, and how to get there. */
type Phase = {
  phase: string
  when: (scene: Scene) => When
  deploy: Cell['deploy']
  good?: Templates | null
  inputs?: Record<string, string>
  baseline?: true
  /** Where it ends when the fault comes then. */
  end: Ending
  prepare?: (scene: Scene) => Promise<unknown>
}

const recreate = good(slowBack)
const slowGitHub = async ({ github }: Scene): Promise<void> =>
  github.fail({ as: 'stall', ms: 15_000, on: { path: /\/comments/ } })
const commenting = ({ github }: Scene): When => ({
  outside: () => github.requests().some(({ path }) => path.includes('/comments')),
})

/** A hook that runs on is waited for within half of this. */
const impatient = { 'rollback-timeout': '24s' }

const phases: Phase[] = [
  { phase: 'prepare', when: () => group('prepare'), deploy: fine, end: 'before' },
  { phase: 'lock', when: () => group('lock'), deploy: fine, end: 'before' },
  { phase: 'look', when: () => group('look at the release'), deploy: fine, end: 'before' },
  { phase: 'deploy begins', when: () => group('deploy'), deploy: waits, end: 'before' },
  {
    phase: 'a hook runs',
    when: (scene) => once(scene, shows.hookRuns),
    deploy: migrating(),
    inputs: impatient,
    end: 'before',
    baseline: true,
  },
  {
    phase: 'a hook cannot start',
    when: (scene) => once(scene, shows.hookWaits),
    deploy: stuckHook,
    inputs: { 'fail-fast': 'false' },
    end: 'before',
    baseline: true,
  },
  {
    phase: 'apply half-way',
    when: (scene) => once(scene, shows.halfApplied),
    deploy: many(),
    end: 'before',
    baseline: true,
  },
  { phase: 'wait', when: (scene) => once(scene, shows.waiting), deploy: waits, end: 'before', baseline: true },
  {
    phase: 'stabilize',
    when: (scene) => once(scene, shows.wentUp),
    deploy: fine,
    inputs: { stabilize: '30s' },
    end: 'before',
  },
  { phase: 'evidence', when: () => group('evidence'), deploy: missing, end: 'before' },
  { phase: 'roll back begins', when: () => group('roll back'), deploy: missing, end: 'before' },
  {
    phase: 'roll back',
    when: (scene) => once(scene, shows.goingBack),
    good: recreate,
    deploy: missingSlowBack,
    inputs: { timeout: '10s' },
    end: 'before',
    baseline: true,
  },
  {
    phase: 'verify',
    when: (scene) => once(scene, shows.wentBack),
    good: recreate,
    deploy: missingSlowBack,
    end: 'before',
  },
  { phase: 'comment on a failure', when: commenting, prepare: slowGitHub, deploy: missing, end: 'before' },
  {
    phase: 'comment on a success',
    when: commenting,
    prepare: slowGitHub,
    deploy: fine,
    inputs: { comment: 'always' },
    end: 'new',
  },
  {
    phase: 'first install, a hook runs',
    when: (scene) => once(scene, shows.hookRuns),
    good: null,
    deploy: migrating(),
    inputs: impatient,
    end: 'nothing',
    baseline: true,
  },
  {
    phase: 'first install, apply half-way',
    when: (scene) => once(scene, shows.halfApplied),
    good: null,
    deploy: many(),
    end: 'nothing',
    baseline: true,
  },
  {
    phase: 'first install, wait',
    when: (scene) => once(scene, shows.waiting),
    good: null,
    deploy: waits,
    end: 'nothing',
    baseline: true,
  },
  { phase: 'first install, uninstall', when: () => group('uninstall'), good: null, deploy: missing, end: 'nothing' },
]

/** What is about the post step means nothing for a step that has none. */
function inPostOnly(phase: Phase): Phase {
  const { baseline, ...rest } = phase
  return baseline === undefined ? phase : rest
}

function cellOf(row: number, fault: string, { when, end, ...phase }: Phase, disturb: (when: When) => RunOptions): Cell {
  return { row, fault, ...phase, disturb: (scene) => disturb(when(scene)), expect: { ends: [end] } }
}

const named = (...names: string[]): Phase[] => phases.filter(({ phase }) => names.includes(phase))
/** After a fault that ends the run before it could settle anything: the next run finds what is left. */
const recovered: Pick<Cell, 'next' | 'expect'> = { next: true, expect: { ends: ['new'], status: ['deployed'] } }

/** Cancelled once: post takes back what was begun. */
export const cancel: Cell[] = [
  ...phases.map((phase) => ({
    ...cellOf(1, 'cancel', phase, (when) => ({ cancelWhen: when })),
    expect: { ends: [phase.end], ...(phase.phase.startsWith('comment') ? {} : { status: ['cancelled'] }) },
  })),
  ...named('a hook runs', 'apply half-way', 'wait', 'roll back', 'first install, wait').map((phase) => ({
    ...cellOf(1, 'cancel, children die', phase, (when) => ({ cancelWhen: when, childrenDie: true })),
    expect: { ends: [phase.end], status: ['cancelled'] },
  })),
]

/** While main is still there: it leaves within a few hundredths of a second. */
const atOnce: When = { outside: () => true }

/** Cancelled twice: main does not care, and what a second cancel does to post the next run recovers. */
export const secondCancel: Cell[] = [
  ...named('a hook runs', 'apply half-way', 'wait', 'roll back').map((phase) => ({
    ...cellOf(2, 'second cancel', { ...phase, phase: `${phase.phase}, at once` }, (when) => ({
      cancelWhen: when,
      cancelTwiceWhen: atOnce,
    })),
    expect: { ends: [phase.end], status: ['cancelled'] },
  })),
  ...named('a hook runs', 'wait', 'roll back').flatMap((phase) =>
    ['settle', 'roll back'].map((inPost) => ({
      ...cellOf(
        2,
        'second cancel',
        { ...inPostOnly(phase), phase: `${phase.phase}, then ${inPost} of post` },
        (when) => ({
          cancelWhen: when,
          cancelTwiceWhen: group(inPost),
        }),
      ),
      ...recovered,
    })),
  ),
]

const killable = named(
  'look',
  'a hook runs',
  'apply half-way',
  'wait',
  'evidence',
  'roll back',
  'verify',
  'first install, wait',
  'first install, apply half-way',
)
const withHelm = named('a hook runs', 'apply half-way', 'wait', 'roll back', 'first install, wait')

/** SIGKILL, and what follows it: post when the runner lives, the next run when it is lost. */
export const kill: Cell[] = [
  ...killable.map((phase) => ({
    ...cellOf(3, 'kill -9 of node', phase, (when) => ({ killWhen: { when, who: 'node' } })),
    expect: { ends: [phase.end] },
  })),
  ...withHelm.map((phase) => ({
    ...cellOf(3, 'kill -9 of Helm', phase, (when) => ({ killWhen: { when, who: 'helm' } })),
    expect: { ends: [phase.end] },
  })),
  ...withHelm.map((phase) => ({
    ...cellOf(3, 'kill -9 of both', phase, (when) => ({ killWhen: { when, who: 'both' } })),
    expect: { ends: [phase.end] },
  })),
  ...killable.map((phase) => ({
    ...cellOf(3, 'runner lost', { ...phase, phase: `${phase.phase}, then the next run` }, (when) => ({
      killWhen: { when, who: 'both' },
      noPost: true,
    })),
    ...recovered,
  })),
]

/** Post is cut off as well. */
export const cutOff: Cell[] = named(
  'a hook runs',
  'apply half-way',
  'wait',
  'roll back',
  'first install, wait',
).flatMap((phase) =>
  [300, 1500].map((ms) => ({
    ...cellOf(
      4,
      'post cut off',
      { ...inPostOnly(phase), phase: `${phase.phase}, after ${ms / 1000} s, then the next run` },
      (when) => ({
        cancelWhen: when,
        postKillAfterMs: ms,
      }),
    ),
    ...recovered,
  })),
)
