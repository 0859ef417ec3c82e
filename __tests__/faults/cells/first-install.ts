// 18: what is there although there is no release, or no history of it.
import { chartOf } from '../../helpers/chart.ts'
import type { Cell } from '../cell.ts'
import { config, fine, good, missing } from '../charts.ts'
import type { Scene } from '../scene.ts'

const others = async ({ cluster, path, install }: Scene): Promise<void> => {
  await cluster.create(`${path}/configmaps`, { metadata: { name: 'of-others' }, data: { x: '1' } })
  await install({ other: config('other', { x: '1' }) }, 'other')
}
const loseHistory = async ({ cluster, path, records }: Scene): Promise<void> => {
  for (const { secret } of await records()) await cluster.remove(`${path}/secrets/${secret}`)
}
const untouched = { ends: ['nothing'] as const, status: ['rejected'] }

export const firstInstall: Cell[] = [
  {
    row: 18,
    fault: 'first install over existing objects',
    phase: 'one of somebody else',
    good: null,
    prepare: async ({ cluster, path }) =>
      cluster.create(`${path}/configmaps`, { metadata: { name: 'extra' }, data: { of: 'others' } }),
    deploy: fine,
    expect: untouched,
    baseline: true,
  },
  {
    row: 18,
    fault: 'lost history',
    phase: 'all of it',
    prepare: loseHistory,
    deploy: fine,
    expect: untouched,
    baseline: true,
  },
  {
    row: 18,
    fault: 'lost history',
    phase: 'the good revision, the last one failed',
    prepare: async (scene) => {
      const { runHelm, cluster, path, records } = scene
      await runHelm('upgrade', 'shop', chartOf(missing(scene)), '--wait', '--timeout', '2s')
      const [first] = await records()
      await cluster.remove(`${path}/secrets/${first?.secret}`)
    },
    deploy: missing,
    expect: { ends: ['kept'], status: ['rollback-failed', 'rejected'] },
  },
  {
    row: 18,
    fault: 'first install fails',
    phase: 'in a namespace that others use',
    good: null,
    prepare: others,
    deploy: missing,
    inputs: { 'create-namespace': 'true' },
    expect: { ends: ['nothing'], status: ['uninstalled'] },
    baseline: true,
  },
  {
    row: 18,
    fault: 'an upgrade fails',
    phase: 'in a namespace that others use',
    good: good(),
    prepare: others,
    deploy: missing,
    expect: { ends: ['before'], status: ['rolled-back'] },
    baseline: true,
  },
]
