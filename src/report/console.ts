import { clean, oneLine } from '../platform/untrusted.ts'
import { backCommand, headline, nextStep, plain, sentence } from './headline.ts'
import type { Drift, Report } from './model.ts'
import { asBefore } from './situation.ts'
import { sweepLines } from './sweep-section.ts'
import { commandsOf, succeeded } from './status.ts'

const mostCommands = 10

/** The last block of the log, to be copied into a chat: verdict and cause, the check of the undo, what to do, each command on its own line. */
export function renderConsole(report: Report): readonly string[] {
  const back = backCommand(report)
  const step = nextStep(report, plain)
  const commands = [...commandsOf(report), ...(back !== null && step.endsWith(back) ? [back] : [])]
  return [
    `${succeeded(report) ? '✓' : '✗'} ${sentence(headline(report, plain))}`,
    ...decisiveLines(report),
    ...problemLines(report),
    ...sweepLines(report),
    ...undoLines(report),
    ...(step === '' ? [] : [`  next: ${back === null ? step : step.replace(` ${back}`, '')}`]),
    ...commands.slice(0, mostCommands).map((command) => `    ${oneLine(command, 1000)}`),
    ...(commands.length > mostCommands
      ? [`    # and ${String(commands.length - mostCommands)} more, in the report`]
      : []),
  ].map((line) => clean(line).replaceAll('\n', ' '))
}

function decisiveLines(report: Report): string[] {
  const line = succeeded(report) ? undefined : report.findings[0]?.evidence.decisiveLine
  return line === undefined ? [] : [`  ${oneLine(line)}`]
}

function problemLines(report: Report): string[] {
  const problems = report.findings.length > 0 || succeeded(report) ? [] : report.problems
  return problems.length < 2 ? [] : problems.map(({ problem, remedy }) => `  - ${oneLine(problem)}. ${oneLine(remedy)}`)
}

function undoLines({ undo, rollback, sweep }: Report): string[] {
  const check = asBefore(undo)
  if (undo === null || sweep) return []
  const state = undo.action === 'rollback' ? 'as before' : 'gone'
  const counts = check === null ? '' : `, ${String(check.same)} of ${String(check.of)} objects ${state}`
  const target = undo.action !== 'rollback' ? 'removal' : `rollback to ${String(undo.toRevision)}`
  const error = undo.error === undefined ? '' : ` (${oneLine(undo.error)})`
  return [`  ${target}: ${rollback}${counts}${error}`, ...undo.drifts.slice(0, 20).map(driftText)]
}

function driftText({ object, kind, details }: Drift): string {
  return `    ${object.kind}/${object.name}: ${kind}${details.length > 0 ? ` (${oneLine(details.slice(0, 5).join(', '))})` : ''}`
}
