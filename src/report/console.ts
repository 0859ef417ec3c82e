import { clean, oneLine } from '../platform/untrusted.ts'
import { headline, nextStep, plain, sentence } from './headline.ts'
import type { Drift, Report } from './model.ts'
import { asBefore } from './situation.ts'
import { sweepLines } from './sweep-section.ts'
import { commandsOf, succeeded } from './status.ts'

/** The last block of the log, to be copied into a chat: verdict and cause, the check of the undo, what to do, commands. */
export function renderConsole(report: Report): readonly string[] {
  const step = nextStep(report, plain)
  return [
    `${succeeded(report) ? '✓' : '✗'} ${sentence(headline(report, plain))}`,
    ...problemLines(report),
    ...sweepLines(report),
    ...undoLines(report),
    ...(step === '' ? [] : [`  next: ${step}`]),
    ...commandsOf(report)
      .slice(0, 10)
      .map((command) => `    ${oneLine(command, 1000)}`),
  ].map((line) => clean(line).replaceAll('\n', ' '))
}

function problemLines(report: Report): string[] {
  const problems = report.findings.length > 0 || succeeded(report) ? [] : report.problems
  return problems.length < 2 ? [] : problems.map(({ problem, remedy }) => `  - ${oneLine(problem)}. ${oneLine(remedy)}`)
}

function undoLines({ undo, rollback, sweep }: Report): string[] {
  const check = asBefore(undo)
  if (undo === null || sweep) return []
  const state = undo.action === 'uninstall' ? 'gone' : 'as before'
  const counts = check === null ? '' : `, ${String(check.same)} of ${String(check.of)} objects ${state}`
  const target = undo.action === 'uninstall' ? 'removal' : `rollback to ${String(undo.toRevision)}`
  const error = undo.error === undefined ? '' : ` (${oneLine(undo.error)})`
  return [`  ${target}: ${rollback}${counts}${error}`, ...undo.drifts.slice(0, 20).map(driftText)]
}

function driftText({ object, kind, details }: Drift): string {
  return `    ${object.kind}/${object.name}: ${kind}${details.length > 0 ? ` (${oneLine(details.slice(0, 5).join(', '))})` : ''}`
}
