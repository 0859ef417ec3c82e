import type { Finding } from './finding.ts'

/**
 * The line of a chart's file that a finding comes from: that of a text which the finding names, or of the key that holds it, when the
 * file has it exactly once. Null when it cannot be told: templates make most of what is rendered.
 */
export function sourceLine(text: string, finding: Finding): number | null {
  const lines = text.split(/\r?\n/)
  for (const pattern of patternsOf(finding)) {
    const [line, ...more] = lines.flatMap((one, index) => (pattern.test(one) ? [index + 1] : []))
    if (line !== undefined && more.length === 0) return line
  }
  return null
}

/** From the surest to what is only near. */
function patternsOf({ class: name, cause, resource, evidence }: Finding): RegExp[] {
  const { excerpt } = evidence
  switch (name) {
    case 'image-name':
    case 'image-pull':
      return [...literals(excerpt['image']), key('image')]
    case 'missing-config':
      return literals(/(?:Secret|ConfigMap) ([a-z0-9.-]*[a-z0-9])/.exec(cause)?.[1])
    case 'not-ready':
      return probePatterns(excerpt, ['readiness', 'startup'])
    case 'crash-loop':
      if (/ (liveness|startup) probe/.test(cause)) return probePatterns(excerpt, ['liveness', 'startup'])
      return /out of memory/.test(cause) ? [key('memory'), key('resources')] : literals(excerpt['command'])
    case 'container-start':
      return [...literals(excerpt['command']), key('command'), key('args')]
    case 'unschedulable':
      if (/node selector|node affinity\/selector/.test(cause)) return [key('nodeSelector'), key('affinity')]
      return /Insufficient/.test(cause) ? [key('requests'), key('resources')] : []
    default:
      if (resource.kind === 'Chart') return []
      return literals(resource.name).map((pattern) => new RegExp(`^\\s*name:.*${pattern.source}`))
  }
}

function probePatterns(excerpt: Readonly<Record<string, string>>, kinds: readonly string[]): RegExp[] {
  const present = kinds.filter((kind) => excerpt[`${kind} probe`])
  const paths = present.flatMap((kind) => literals(/^GET (\/\S+) on/.exec(excerpt[`${kind} probe`] ?? '')?.[1]))
  return [...paths, ...present.map((kind) => key(`${kind}Probe`))]
}

/** The text as a word of its own; nothing for one that is too short to mean anything. */
function literals(text: string | undefined): RegExp[] {
  if (!text || text.length < 3) return []
  const escaped = text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`)
  return [new RegExp(`(?<![\\w./-])${escaped}(?![\\w./-])`)]
}

function key(name: string): RegExp {
  return new RegExp(`^[\\s-]*${name}:`)
}
