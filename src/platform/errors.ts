/** A user's mistake: what is wrong, with the value that is wrong (never a secret), and what to do about it. */
export interface Problem {
  readonly problem: string
  readonly remedy: string
}

/** Thrown when a run must end before anything is touched; carries every problem found. */
export class Rejection extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(describeProblems(problems), options)
    this.name = 'Rejection'
    this.problems = problems
  }
}

/** Tells problems as one text, a line each: the problem, then the remedy. */
export function describeProblems(problems: readonly Problem[]): string {
  return problems.map(({ problem, remedy }) => `${problem}. ${remedy}.`).join('\n')
}

/** Tells an error and its causes as one line, outermost first, without repeating a text. */
export function describeError(error: unknown): string {
  const texts: string[] = []
  for (let current: unknown = error; current !== undefined && texts.length < 8; ) {
    const text = current instanceof Error ? current.message || current.name : String(current)
    if (text && !texts.some((known) => known.includes(text))) texts.push(text)
    const nested = current instanceof AggregateError ? current.errors[0] : undefined
    current = nested ?? (current instanceof Error ? current.cause : undefined)
  }
  return texts.join(': ')
}
