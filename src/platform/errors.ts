/** A user's mistake: what is wrong, with the value that is wrong (never a secret), and what to do about it. */
export interface Problem {
  readonly problem: string
  readonly remedy: string
  /** The shell command that carries the remedy out, when one does. */
  readonly command?: string
}

/** Tells an error and its causes as one line, outermost first, without repeating a text. */
export function describeError(error: unknown): string {
  const texts: string[] = []
  for (let current: unknown = error; current !== undefined && texts.length < 8;) {
    const text = current instanceof Error ? current.message || current.name : JSON.stringify(current)
    if (text && !texts.some((known) => known.includes(text))) texts.push(text)
    const nested = current instanceof AggregateError ? current.errors[0] : undefined
    current = nested ?? (current instanceof Error ? current.cause : undefined)
  }
  return texts.join(': ')
}
