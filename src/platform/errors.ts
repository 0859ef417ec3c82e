/** A user's mistake: what is wrong, with the value that is wrong (never a secret), and what to do about it. */
export interface Problem {
  readonly problem: string
  readonly remedy: string
  /** The shell command that carries the remedy out, when one does. */
  readonly command?: string
  /** Where in the workspace it is. */
  readonly source?: { readonly file: string; readonly line?: number }
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

const diskCodes: Readonly<Record<string, string>> = { ENOSPC: 'is full', EDQUOT: 'is full', EROFS: 'is read-only' }

/** What an error of the runner's own disk means and what to do about it; null for any other error. */
export function diskProblem(error: unknown): Problem | null {
  const state = diskCodes[(error as { readonly code?: string } | null)?.code ?? '']
  if (!state) return null
  return {
    problem: `The runner's disk ${state}: ${describeError(error)}`,
    remedy: 'Make room where RUNNER_TEMP is (`df -h "$RUNNER_TEMP"`), or use a runner with a larger disk',
  }
}
