// 16: the lock's owner is slow, dead, robbed, or fenced by somebody who takes over.
import type { Cell } from '../cell.ts'
import { fine, next, waits } from '../charts.ts'
import { deleteLease, foreignRun, holdForeignLease, takeForeignLease } from '../foreign-lease.ts'
import { comes, shows } from '../moments.ts'

export const lock: Cell[] = [
  {
    row: 16,
    fault: 'the lock is held',
    phase: 'by an owner who lives and is slow',
    prepare: takeForeignLease,
    deploy: fine,
    inputs: { timeout: '15s' },
    beside: (scene) => holdForeignLease(scene, 20_000),
    expect: { ends: ['new'], status: ['deployed'], says: new RegExp(foreignRun.replaceAll('.', String.raw`\.`)) },
  },
  {
    row: 16,
    fault: 'the lock is held',
    phase: 'by an owner who is dead',
    prepare: takeForeignLease,
    deploy: fine,
    expect: { ends: ['new'], status: ['deployed'], says: /stale/ },
  },
  {
    row: 16,
    fault: 'the lock is taken over',
    phase: 'from a run that waits for its rollout',
    deploy: waits,
    beside: async (scene) => {
      await comes(scene, 'the wait', shows.waiting(scene))
      await scene.deploy(next, { lock: 'take-over' })
    },
    expect: { ends: ['new'], isRace: true },
    check: ({ runs }) => {
      const [fenced, thief] = runs.toSorted((a, b) => a.runId - b.runId)
      const claims = ['deployed', 'rolled-back'].includes(fenced?.status ?? '')
      return [
        ...(thief?.status === 'deployed' ? [] : [`the run that took over ended ${thief?.status}`]),
        ...(claims ? [`the run that lost the lock ended ${fenced?.status}`] : []),
        ...(fenced?.conclusion === 'success' ? ['the run that lost the lock is green'] : []),
      ]
    },
  },
  {
    row: 16,
    fault: 'the lock is deleted',
    phase: 'under a run that waits for its rollout, then the next run',
    deploy: waits,
    beside: async (scene) => {
      await comes(scene, 'the wait', shows.waiting(scene))
      await deleteLease(scene)
    },
    next: true,
    expect: { ends: ['new'], status: ['deployed'] },
  },
  {
    row: 16,
    fault: 'the lock is stolen',
    phase: 'from a run that waits for its rollout, by one that dies, then the next run',
    deploy: waits,
    beside: async (scene) => {
      await comes(scene, 'the wait', shows.waiting(scene))
      await deleteLease(scene)
      await takeForeignLease(scene)
    },
    next: true,
    expect: { ends: ['new'], status: ['deployed'] },
  },
]
