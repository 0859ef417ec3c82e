import type { Finding } from '../health/finding.ts'
import type { Clue } from './clues.ts'

/** The lines of a template that hold what the clue is about literally, comments left out. */
export function literalLines(text: string, clue: Clue): number[] {
  const what = clue.kind === 'image' ? clue.image : clue.text
  // A word of one or two letters, or a number, means nothing without its key.
  if (what.length >= 3 && !/^-?\d+$/.test(what))
    return linesWith(
      text,
      new RegExp(`(?<![\\w./-])${RegExp.escape(what)}(?![\\w./${clue.kind === 'image' ? ':@' : ''}-])`),
    )
  if (clue.kind === 'image') return []
  return linesThat(text, (line) =>
    Array.from(line.matchAll(/([\w.-]+)["']?:\s*["']?([^\s,"'}\]]+)/g)).some(
      ([, key = '', value]) => value === what && clue.key.test(key),
    ),
  )
}

/** The line of the key that holds what a finding is about, when the template has it exactly once; null when it cannot be told. */
export function keyLine(text: string, finding: Finding): number | null {
  for (const pattern of keysOf(finding)) {
    const [line, ...more] = linesWith(text, pattern)
    if (line !== undefined) return more.length === 0 ? line : null
  }
  return null
}

function linesWith(text: string, pattern: RegExp): number[] {
  return linesThat(text, (line) => pattern.test(line))
}

function linesThat(text: string, test: (line: string) => boolean): number[] {
  return withoutComments(text)
    .split(/\r?\n/)
    .flatMap((line, index) => (test(line) ? [index + 1] : []))
}

/** Comments of the template language and of YAML, with the same number of lines. */
function withoutComments(text: string): string {
  return text
    .replaceAll(/\{\{-?\s*\/\*[\s\S]*?\*\/\s*-?\}\}/g, (comment) => comment.replaceAll(/[^\n]/g, ''))
    .replaceAll(/(^|\s)#[^\n]*/g, '$1')
}

/** From the surest to what is only near. */
function keysOf({ class: name, cause, resource, evidence }: Finding): RegExp[] {
  const probes = (kinds: readonly string[]): RegExp[] =>
    kinds.filter((kind) => evidence.excerpt[`${kind} probe`]).map((kind) => key(`${kind}Probe`))
  switch (name) {
    case 'image-name':
    case 'image-pull':
      return [key('image')]
    case 'not-ready':
      return probes(['readiness', 'startup'])
    case 'crash-loop':
      if (/ (liveness|startup) probe/.test(cause)) return probes(['liveness', 'startup'])
      return /out of memory/.test(cause) ? [key('memory'), key('resources')] : []
    case 'container-start':
      return [key('command'), key('args')]
    case 'unschedulable':
      if (/node selector|node affinity\/selector/.test(cause)) return [key('nodeSelector'), key('affinity')]
      return /Insufficient/.test(cause) ? [key('requests'), key('resources')] : []
    case 'missing-config':
      return []
    default:
      if (resource.kind === 'Chart') return []
      return [new RegExp(`^\\s*name:\\s*["']?${RegExp.escape(resource.name)}["']?\\s*$`)]
  }
}

function key(name: string): RegExp {
  return new RegExp(`^[\\s-]*${name}:`)
}
