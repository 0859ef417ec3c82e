// The report of Stryker in a few words.

/** The part of Stryker's report that is read (mutation-testing-report-schema). */
export interface MutationReport {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>
}

interface Mutant {
  readonly mutatorName: string
  readonly status: string
  readonly replacement?: string
  readonly location: { readonly start: Position; readonly end: Position }
}

interface Position {
  readonly line: number
  readonly column: number
}

/** How many mutants a test noticed, of those that could have been; both 0 where there are none. */
export interface Score {
  readonly found: number
  readonly of: number
}

const foundStatuses = new Set(['Killed', 'Timeout'])
const missedStatuses = new Set(['Survived', 'NoCoverage'])

/** Counts the mutants of some files. Ignored ones, and those that broke Stryker itself, count for nothing. */
export function scoreOf(mutants: readonly Mutant[]): Score {
  const found = mutants.filter(({ status }) => foundStatuses.has(status)).length
  const missed = mutants.filter(({ status }) => missedStatuses.has(status)).length
  return { found, of: found + missed }
}

/** The share in percent; 100 where there was nothing to find. */
export function percent({ found, of }: Score): number {
  return of === 0 ? 100 : (100 * found) / of
}

/** One line for each file, and below it one for each mutant that no test noticed. */
export function reportLines({ files }: MutationReport): string[] {
  return Object.entries(files).flatMap(([name, { source, mutants }]) => {
    const score = scoreOf(mutants)
    const missed = mutants.filter(({ status }) => missedStatuses.has(status))
    return [
      `${percent(score).toFixed(1).padStart(5)} %  ${name} (${score.found} of ${score.of})`,
      ...missed.sort(byPlace).map((mutant) => `         ${missedLine(mutant, source.split('\n'))}`),
    ]
  })
}

function byPlace({ location: { start: a } }: Mutant, { location: { start: b } }: Mutant): number {
  return a.line - b.line || a.column - b.column
}

function missedLine({ location: { start, end }, replacement, status }: Mutant, lines: readonly string[]): string {
  const line = lines[start.line - 1] ?? ''
  const text =
    start.line === end.line ? line.slice(start.column - 1, end.column - 1) : `${line.slice(start.column - 1)} …`
  const instead = (replacement ?? '').replaceAll(/\s+/g, ' ').slice(0, 80)
  return `${start.line}:${start.column} ${text} → ${instead}${status === 'NoCoverage' ? ' (no test comes here)' : ''}`
}
