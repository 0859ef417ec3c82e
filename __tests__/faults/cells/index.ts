// All cells, in the order of the table.
import type { Cell } from '../cell.ts'
import { api } from './api.ts'
import { byHand } from './by-hand.ts'
import { clocks } from './clocks.ts'
import { cancel, cutOff, kill, secondCancel } from './cancel.ts'
import { firstInstall } from './first-install.ts'
import { hooks } from './hooks.ts'
import { lock } from './lock.ts'
import { race5 } from './race.ts'
import { rollback } from './rollback.ts'
import { stream } from './stream.ts'
import { surroundings } from './surroundings.ts'
import { target } from './target.ts'
import { volumes } from './volumes.ts'

export const cells: Cell[] = [
  ...cancel,
  ...secondCancel,
  ...kill,
  ...cutOff,
  ...byHand,
  ...hooks,
  ...firstInstall,
  ...rollback,
  ...target,
  ...volumes,
  ...race5,
  ...lock,
  ...api,
  ...surroundings,
  ...clocks,
  ...stream,
]
