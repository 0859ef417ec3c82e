import { parseDocument } from 'yaml'

/**
 * What is wrong with a text that should be a YAML map (or nothing at all); null when it is one. Never quotes the text: the
 * parser's own messages do, and values may be secret.
 */
export function yamlMapProblem(text: string): string | null {
  // Any other log level hides that there are several documents; nothing is printed.
  const document = parseDocument(text, { logLevel: 'error', prettyErrors: false })
  const error = document.errors[0]
  if (error)
    return `is not valid YAML: line ${lineAt(text, error.pos[0])} (${error.code.toLowerCase().replaceAll('_', ' ')})`
  try {
    return isMap(document.toJS()) ? null : 'is not a YAML map'
  } catch {
    return 'is not valid YAML: an alias (`*name`) has no anchor before it, or there are too many'
  }
}

/** The line at which a text stops being YAML; null when it is YAML. */
export function yamlErrorLine(text: string): number | null {
  const [error] = parseDocument(text, { logLevel: 'error', prettyErrors: false }).errors
  return error ? lineAt(text, error.pos[0]) : null
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length
}

function isMap(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'object' && !Array.isArray(value))
}
