// 14 and 16: the runner's clock is wrong, or jumps while it works (Debian package `faketime`); Helm, which is static, keeps the true one.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import type { Cell } from '../cell.ts'
import { changed, fine, missing, waits } from '../charts.ts'
import { foreignRun, holdForeignLease, takeForeignLease } from '../foreign-lease.ts'
import { comes, once, shows } from '../moments.ts'
import type { Scene } from '../scene.ts'

const restored = { ends: ['before'] as const, status: ['rolled-back'] }
const deployed = { ends: ['new'] as const, status: ['deployed'] }
const othersRun = new RegExp(foreignRun.replaceAll('.', String.raw`\.`))

/** The time since the start goes on as it is: what a clock is set to does not change it. */
function underFaketime(settings: Record<string, string>): { env: Record<string, string> } {
  const library = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu']
    .map((place) => `${place}/faketime/libfaketime.so.1`)
    .find(existsSync)
  if (library === undefined) throw new Error('libfaketime is not installed: apt-get install faketime')
  return { env: { LD_PRELOAD: library, FAKETIME_DONT_FAKE_MONOTONIC: '1', ...settings } }
}

/** A runner whose clock is wrong by so much. */
function wrongClock(shift: string): { env: Record<string, string> } {
  return underFaketime({ FAKETIME: shift })
}

const wrong: Cell[] = ['+1h', '-1h'].flatMap((shift): Cell[] => [
  {
    row: 14,
    fault: `runner's clock ${shift}`,
    phase: 'a good revision',
    deploy: fine,
    disturb: () => wrongClock(shift),
    expect: deployed,
  },
  {
    row: 14,
    fault: `runner's clock ${shift}`,
    phase: 'a bad revision',
    deploy: missing,
    disturb: () => wrongClock(shift),
    expect: restored,
  },
  {
    row: 14,
    fault: `runner's clock ${shift}`,
    phase: 'cancel in the wait',
    deploy: waits,
    disturb: (scene) => ({ ...wrongClock(shift), cancelWhen: once(scene, shows.waiting) }),
    expect: { ends: ['before'], status: ['cancelled'] },
  },
  {
    row: 14,
    fault: `runner's clock ${shift}`,
    phase: 'somebody who lives has the lock',
    prepare: takeForeignLease,
    deploy: fine,
    disturb: () => wrongClock(shift),
    beside: (scene) => holdForeignLease(scene, 20_000),
    expect: { ...deployed, says: othersRun },
  },
])

/** The file that says how wrong each scene's clock is by now. */
const shifts = new WeakMap<Scene, string>()
function rightClock(scene: Scene): { env: Record<string, string> } {
  const file = join(temporaryDirectory('clock'), 'shift')
  writeFileSync(file, '+0')
  shifts.set(scene, file)
  return underFaketime({ FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1' })
}
const setClock = (scene: Scene, shift: string): void => writeFileSync(shifts.get(scene) ?? '', shift)

/** The 20 s are those that pass, whatever the clock says. */
function keepsTimeout({ runs: [run] }: Scene): string[] {
  const ms = run?.report?.phases.find(({ name }) => name === 'deploy')?.durationMs ?? 0
  return ms >= 19_000 && ms < 30_000 ? [] : [`a timeout of 20 s was not kept: the deploy took ${ms} ms`]
}

/** The comment is written whatever the clock says. */
function isTold({ runs: [run] }: Scene): string[] {
  return run?.comment ? [] : ['the pull request was not told']
}

const jumps: Cell[] = ['+1h', '-1h'].flatMap((shift): Cell[] => {
  const jump = { row: 16, fault: `runner's clock jumps ${shift}`, disturb: rightClock }
  const whileItWaits = async (scene: Scene): Promise<void> => {
    await comes(scene, 'the wait', shows.waiting(scene))
    setClock(scene, shift)
  }
  return [
    {
      ...jump,
      phase: 'while a good revision rolls out',
      deploy: changed({ args: ['serve', '--ready-after=6s'] }),
      beside: whileItWaits,
      expect: deployed,
    },
    {
      ...jump,
      phase: 'while a bad revision is waited for',
      deploy: waits,
      inputs: { timeout: '20s' },
      beside: whileItWaits,
      expect: restored,
      check: (scene) => [...keepsTimeout(scene), ...isTold(scene)],
    },
    {
      ...jump,
      phase: 'while somebody who lives has the lock',
      prepare: takeForeignLease,
      deploy: fine,
      beside: async (scene) => {
        const held = holdForeignLease(scene, 20_000)
        // By now it waits.
        await sleep(6000)
        setClock(scene, shift)
        await held
      },
      expect: { ...deployed, says: othersRun },
    },
  ]
})

export const clocks: Cell[] = [...wrong, ...jumps]
