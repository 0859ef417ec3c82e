// All cells, in the order of the table.
import type { Cell } from '../cell.ts'
import { cancel, cutOff, kill, secondCancel } from './cancel.ts'
import { firstInstall } from './first-install.ts'
import { hooks } from './hooks.ts'
import { rollback } from './rollback.ts'

export const cells: Cell[] = [...cancel, ...secondCancel, ...kill, ...cutOff, ...hooks, ...firstInstall, ...rollback]
