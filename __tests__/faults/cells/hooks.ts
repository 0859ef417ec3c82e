// 17: a hook is active when the deploy has to end.
import type { Cell } from '../cell.ts'
import { annotated, good, migrating, missing } from '../charts.ts'
import { hook } from '../../scenarios/objects.ts'
import { once, shows } from '../moments.ts'

const noReturn = { 'atomic-helm.dev/point-of-no-return': 'true' }
const kept = { ends: ['kept'] as const, status: ['kept'], says: /point of no return/i }
const short = { timeout: '8s', 'rollback-timeout': '24s' }

/** The hook has changed what the old code lives from: nothing is undone, and the old pods are left alone too. */
const before: Cell = {
  row: 17,
  fault: 'point of no return',
  phase: 'deadline',
  deploy: migrating(noReturn),
  inputs: short,
  expect: kept,
}

export const hooks: Cell[] = [
  {
    row: 17,
    fault: 'a hook is active',
    phase: 'deadline',
    deploy: migrating(),
    inputs: short,
    expect: { ends: ['before'], status: ['rolled-back'] },
    baseline: true,
  },
  {
    row: 17,
    fault: 'a hook is active',
    phase: 'deadline of a first install',
    good: null,
    deploy: migrating(),
    inputs: short,
    expect: { ends: ['nothing'], status: ['uninstalled'] },
    baseline: true,
  },
  {
    row: 17,
    fault: 'a hook is active',
    phase: 'after the upgrade, deadline',
    deploy: migrating({}, 'post-upgrade,post-install'),
    inputs: { timeout: '15s', 'rollback-timeout': '24s' },
    expect: { ends: ['before'], status: ['rolled-back'] },
  },
  {
    row: 17,
    fault: 'a hook is active',
    phase: 'it ignores SIGTERM, deadline',
    deploy: {
      ...migrating(),
      migrate: hook('pre-upgrade', { name: 'migrate', args: ['sleep', '--ignore-term=true', '10m'] }),
    },
    inputs: short,
    expect: { ends: ['before'], status: ['rolled-back'] },
  },
  before,
  {
    ...before,
    phase: 'cancel',
    inputs: {},
    disturb: (scene) => ({ cancelWhen: once(scene, shows.hookRuns) }),
    expect: { ends: ['kept'], status: ['cancelled'], says: /point of no return/i },
  },
  {
    ...before,
    phase: 'kill of node, then post',
    inputs: {},
    disturb: (scene) => ({ killWhen: { when: once(scene, shows.hookRuns), who: 'node' } }),
    expect: { ends: ['kept'], says: /point of no return/i },
  },
  {
    ...before,
    phase: 'the deploy fails after it',
    deploy: (scene) => ({
      ...missing(scene),
      migrate: annotated(hook('pre-upgrade', { name: 'migrate', args: ['sleep', '1s'] }), noReturn),
    }),
    inputs: {},
  },
  {
    ...before,
    phase: 'it never started',
    deploy: (scene) => ({
      ...migrating(),
      migrate: annotated(
        hook('pre-upgrade', { name: 'migrate', container: { image: scene.testbed.images.missing } }),
        noReturn,
      ),
    }),
    inputs: { timeout: '20s' },
    good: good(),
    expect: { ends: ['before'], status: ['rolled-back'] },
  },
]
