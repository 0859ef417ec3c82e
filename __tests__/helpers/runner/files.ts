// The files through which a step talks to the runner (actions/runner, FileCommandManager.cs).
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const names = ['OUTPUT', 'STATE', 'ENV', 'PATH', 'STEP_SUMMARY'] as const
const summaryLimit = 1024 * 1024

export type FileCommands = {
  outputs: Record<string, string>
  state: Record<string, string>
  env: Record<string, string>
  path: string[]
  summary: string
  /** What the runner would complain about; it fails the step over these. */
  problems: string[]
}

/** Creates the empty files and gives the variables that name them. */
export function createFiles(directory: string, phase: string): Record<string, string> {
  const variables: Record<string, string> = {}
  for (const name of names) {
    const file = join(directory, `${name.toLowerCase()}_${phase}`)
    writeFileSync(file, '')
    variables[`GITHUB_${name}`] = file
  }
  return variables
}

/** Reads what the step has written to them. */
export function readFiles(variables: Record<string, string>): FileCommands {
  const problems: string[] = []
  const content = (name: (typeof names)[number]): string => readFileSync(variables[`GITHUB_${name}`] ?? '', 'utf8')
  const parse = (name: 'OUTPUT' | 'STATE' | 'ENV'): Record<string, string> => {
    const { values, problem } = parsePairs(content(name))
    if (problem !== undefined) problems.push(`GITHUB_${name}: ${problem}`)
    return values
  }
  const summary = content('STEP_SUMMARY')
  const tooLong = Buffer.byteLength(summary) > summaryLimit
  if (tooLong) problems.push(`GITHUB_STEP_SUMMARY: over ${summaryLimit} bytes, so all of it is dropped`)
  return {
    outputs: parse('OUTPUT'),
    state: parse('STATE'),
    env: parse('ENV'),
    path: content('PATH')
      .split(/\r?\n/)
      .filter((line) => line !== ''),
    summary: tooLong ? '' : summary,
    problems,
  }
}

/** `name=value` lines and `name<<DELIMITER` blocks. */
export function parsePairs(text: string): { values: Record<string, string>; problem?: string } {
  const lines = text.split(/\r?\n/)
  const values: Record<string, string> = {}
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i] ?? ''
    if (line === '') continue
    const equals = line.indexOf('=')
    const heredoc = line.indexOf('<<')
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      if (equals === 0) return { values, problem: `Invalid format '${line}'. Name must not be empty` }
      values[line.slice(0, equals)] = line.slice(equals + 1)
    } else if (heredoc > 0 && line.length > heredoc + 2) {
      const end = lines.indexOf(line.slice(heredoc + 2), i + 1)
      if (end < 0)
        return { values, problem: `Invalid value. Matching delimiter not found '${line.slice(heredoc + 2)}'` }
      values[line.slice(0, heredoc)] = lines.slice(i + 1, end).join('\n')
      i = end
    } else {
      return { values, problem: `Invalid format '${line}'` }
    }
  }
  return { values }
}
