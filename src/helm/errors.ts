import type { FindingClass, Finding, ResourceRef } from '../health/finding.ts'
import { resourceIn } from './error-resource.ts'
import { errorShapes, firstLine } from './error-shapes.ts'

/** What Helm's error text is known to mean. Used for the cause that people read, never to decide what happened. */
export interface HelmErrorShape {
  readonly class: FindingClass
  readonly resource: ResourceRef | null
  readonly cause: string
  readonly advice: string
  readonly source?: { readonly file: string; readonly line?: number }
}

/** Helm's own error text, without klog noise, warnings and prefixes. */
export function helmErrorText(stderr: string): string {
  const lines = stderr
    .split('\n')
    .filter((line) => !/^[EWIF]\d{4} /.test(line) && !/^(level=|WARNING: |time=.* level=|I\d{4} )/.test(line))
  const text = withoutValues(lines.join('\n'))
  const start = text.search(/^Error: /m)
  return (start >= 0 ? text.slice(start) : text)
    .replace(/^Error: /, '')
    .replace(/^(UPGRADE|INSTALLATION) FAILED: /, '')
    .trim()
}

/** What Helm and the API server quote of values and whole objects may be secret, and is no help. */
function withoutValues(text: string): string {
  return text
    .replaceAll(/(failed parsing --set-json data) .*/g, '$1')
    .replaceAll(/Invalid value: "\{(?:[^"\\]|\\.)*"/g, 'Invalid value: "{…}"')
    .replaceAll(/Invalid value: \{[^\n]{300,}?\}: /g, 'Invalid value: {…}: ')
}

/** Enough for every known shape; an error can quote an object of a megabyte. */
const maxTextLength = 8000

/** Recognises an error of Helm; null for one that only says that time ran out, or for an unknown text. */
export function recogniseHelmError(text: string, namespace: string): HelmErrorShape | null {
  const start = text.slice(0, maxTextLength)
  for (const row of errorShapes) {
    const match = row.pattern.exec(start)
    if (!match) continue
    const source = row.source?.(match)
    return {
      class: row.class,
      resource: row.isAboutNone ? null : resourceIn(start, namespace),
      cause: row.cause(match),
      advice: row.advice,
      ...(source ? { source } : {}),
    }
  }
  return null
}

/** The finding for an error that Helm tells: about the object that it names, else about the chart. */
export function helmFinding(text: string, namespace: string, chart: string): Finding {
  const known = recogniseHelmError(text, namespace)
  const named = known ? known.resource : resourceIn(text.slice(0, maxTextLength), namespace)
  return {
    class: known?.class ?? 'unknown',
    resource: named ?? chartRef(chart, namespace),
    cause: known?.cause ?? `Helm failed: ${firstLine(text) || 'it gave no reason'}`,
    ...(known?.advice ? { advice: known.advice } : {}),
    severity: { kind: 'now' },
    count: 1,
    evidence: {
      status: {},
      events: [],
      logs: [],
      excerpt: {},
      message: text,
      ...(known?.source ? { source: known.source } : {}),
    },
  }
}

/** What a finding is about when no object is known: the chart. */
export function chartRef(chart: string, namespace: string): ResourceRef {
  return { kind: 'Chart', namespace, name: chartName(chart) }
}

/** The last part of a path or reference: what people call the chart. */
function chartName(chart: string): string {
  return (
    chart
      .replace(/[/\\]+$/, '')
      .split(/[/\\]/)
      .at(-1) || chart
  )
}

/** Whether the text only says that time ran out or that we interrupted Helm: the cause is then in the cluster. */
export function isOnlyTimeout(text: string): boolean {
  const isTimeout = /context deadline exceeded|timed out waiting for the condition|context canceled|has been cancelled/
  return isTimeout.test(text) && recogniseHelmError(text, '') === null
}

/** The phase of the hooks that failed, as in `pre-upgrade hooks failed: …` (upgrade) or `failed pre-install: …` (install). */
export function failedHookPhase(text: string): string | null {
  return (
    /((?:pre|post)-(?:upgrade|install|rollback|delete)) hooks failed/.exec(text)?.[1] ??
    /failed ((?:pre|post)-(?:install|upgrade)): /.exec(text)?.[1] ??
    null
  )
}

const passing =
  /etcdserver|too many requests|the server (is currently unable|was unable|rejected our request)|connection (refused|reset)|actively refused|forcibly closed|\bEOF\b|i\/o timeout|TLS handshake|unexpected error when reading response|http2: |Helm ended with SIG|Internal error occurred/i

/** Whether Helm failed by what may be over in a moment: the connection, a server that is overloaded or restarts, or Helm was killed. */
export function isPassingFault(text: string, namespace: string): boolean {
  return recogniseHelmError(text, namespace)?.class === 'cluster-unreachable' || passing.test(text)
}
