import type { Report, Status } from './model.ts'

const green: Readonly<Record<Status, boolean>> = {
  deployed: true,
  planned: true,
  recovered: true,
  removed: true,
  installed: true,
  'rolled-back': false,
  uninstalled: false,
  'rollback-failed': false,
  kept: false,
  rejected: false,
  cancelled: false,
}

/** Whether a run that ended like this leaves the step green: a rollback that was asked for is no failure. */
export function succeeded({ status, mode }: Pick<Report, 'status' | 'mode'>): boolean {
  return green[status] || (mode === 'rollback' && status === 'rolled-back')
}

/** Why it ended so, in one sentence without a final full stop: the cause of the first finding, else the first problem. Untrusted. */
export function causeOf(report: Report): string {
  const [finding] = report.findings
  if (finding !== undefined) return finding.cause
  const [first, ...others] = report.problems
  if (others.length === 0) return first?.problem ?? report.reason
  return `${first?.problem ?? ''} (and ${String(others.length)} more ${others.length === 1 ? 'problem' : 'problems'})`
}

/** What a person can run to finish what the run could not. */
export function commandsOf({ undo, problems }: Report): readonly string[] {
  return [...(undo?.commands ?? []), ...problems.flatMap(({ command }) => (command === undefined ? [] : [command]))]
}
