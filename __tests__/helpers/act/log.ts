// What act says with --json: one object a line, log lines of steps and words of its own mixed.

export type StepResult = { name: string; stage: string; outcome: string }
export type ActLog = {
  steps: StepResult[]
  /** What the steps printed, titles of groups included, without act's own words. */
  lines: string[]
  errors: string[]
  warnings: string[]
  /** What the steps wrote to their summaries. */
  summary: string
  /** The commands of steps that act has obeyed: `set-output status=deployed`. */
  commands: string[]
  /** act's own words, for when nothing else explains a failure. */
  notes: string[]
}
type Entry = {
  msg?: string
  raw_output?: boolean
  command?: string
  arg?: string
  name?: string
  content?: string
  step?: string
  stage?: string
  stepResult?: string
}

/** Sorts a log into what tests ask for. */
export function readActLog(output: string): ActLog {
  const log: ActLog = { steps: [], lines: [], errors: [], warnings: [], summary: '', commands: [], notes: [] }
  for (const line of output.split('\n')) {
    const entry = parse(line)
    if (entry === undefined) {
      if (line.trim() !== '') log.notes.push(line)
      continue
    }
    const message = (entry.msg ?? '').replace(/\n$/, '')
    const { command, name, arg = '' } = entry
    if (command !== undefined) log.commands.push(`${command} ${name === undefined ? arg : `${name}=${arg}`}`.trim())
    if (entry.command === 'error') log.errors.push(entry.arg ?? '')
    if (entry.command === 'warning') log.warnings.push(entry.arg ?? '')
    if (entry.command === 'summary') log.summary += entry.content ?? ''
    if (entry.command === 'group') log.lines.push(entry.arg ?? '')
    else if (entry.raw_output === true) log.lines.push(message)
    else if (entry.stepResult !== undefined && entry.stage !== undefined) {
      log.steps.push({ name: entry.step ?? '', stage: entry.stage, outcome: entry.stepResult })
    } else log.notes.push(message)
  }
  return log
}

function parse(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry
  } catch {
    return undefined
  }
}
