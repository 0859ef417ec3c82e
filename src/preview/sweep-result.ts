import { nothing, type TransactionResult } from '../deploy/outcome.ts'
import { countsOf } from '../report/headline.ts'
import { outcomes, type UndoReport } from '../report/model.ts'
import type { Swept } from './sweep-away.ts'

/** The result of a whole sweep: failed as soon as one removal failed, and with what a person needs for that one. */
export function sweptResult(swept: readonly Swept[]): TransactionResult {
  const entries = swept
    .map(({ entry }) => entry)
    .toSorted((a, b) => outcomes.indexOf(a.outcome) - outcomes.indexOf(b.outcome) || (a.pull ?? 0) - (b.pull ?? 0))
  const failed = entries.filter(({ outcome }) => outcome === 'failed')
  const results = swept.flatMap((one) => one.results)
  const unsure = swept.filter(({ isUnsure }) => isUnsure)
  const notUndone = results.flatMap(({ undo }) => undo?.notUndone ?? [])
  const undo = { notUndone, remarks: [], noReturn: null }
  return {
    ...nothing,
    status: failed.length > 0 ? 'rollback-failed' : 'removed',
    changed: results.some(({ changed }) => changed === true),
    reason:
      failed.length > 0 ? failed.map(({ namespace, why }) => `${namespace}: ${why}`).join('; ') : countsOf(entries),
    sweep: entries,
    warnings: [
      ...unsure.map(({ entry }) => `${entry.namespace} is kept: ${entry.why}`),
      ...results.flatMap(({ warnings }) => warnings),
    ],
    undo:
      failed.length > 0
        ? { ...undo, result: 'failed', report: undoOf(results) }
        : notUndone.length > 0
          ? { ...undo, result: 'none', report: null }
          : null,
  }
}

function undoOf(results: readonly TransactionResult[]): UndoReport {
  const reports = results.flatMap(({ undo }) => undo?.report ?? [])
  return {
    action: 'uninstall',
    toRevision: null,
    durationMs: 0,
    checkedObjects: 0,
    drifts: reports.flatMap(({ drifts }) => drifts),
    commands: reports.flatMap(({ commands }) => commands),
  }
}
