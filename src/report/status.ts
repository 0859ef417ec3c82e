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

/** Whether a run that ended like this leaves the step green. */
export function succeeded(status: Status): boolean {
  return green[status]
}

/** What is wrong, and what to do about it; the remedy is empty when none is known. */
interface Problem {
  readonly problem: string
  readonly remedy: string
}

/** Why it ended so, in one sentence without a final full stop: the cause of the first finding, else the first reason. Untrusted. */
export function causeOf(report: Report): string {
  const [finding] = report.findings
  if (finding !== undefined) return finding.cause
  const [first, ...others] = problemsOf(report)
  if (others.length === 0) return first?.problem ?? ''
  return `${first?.problem ?? ''} (and ${String(others.length)} more ${others.length === 1 ? 'problem' : 'problems'})`
}

/** The reasons of a rejection, a line each as `describeProblems` writes them: a run tells all its problems at once. Untrusted. */
export function problemsOf(report: Report): readonly Problem[] {
  const lines = report.reason.split('\n').map((line) => line.trim().replace(/(?<!\.)\.$/, ''))
  return lines.filter((line) => line !== '').map(splitRemedy)
}

function splitRemedy(line: string): Problem {
  const [, problem = line, remedy = ''] = /^(.+?[^.])\. ([A-Z`].*)$/.exec(line) ?? []
  return { problem, remedy }
}
