import { createHash } from 'node:crypto'
import { oneLine } from '../platform/untrusted.ts'
import { isVerdict, verdictOf, type Verdict } from './headline.ts'
import { type Report, type Status, statuses } from './model.ts'
import { causeOf, succeeded } from './status.ts'

/** What is kept of a deploy when its comment is written over. Read back from GitHub, so untrusted. */
export interface PastDeploy {
  readonly status: Status
  /** The status, and whether it was asked for and came out whole: what the icon tells. */
  readonly verdict: Verdict
  /** The revision that it tried to make, or went back to where that was asked for; null when there was none. */
  readonly revision: number | null
  /** The id of the workflow run, digits. */
  readonly run: string | null
  readonly attempt: string | null
  /** The number of the workflow run, as people know it, digits. */
  readonly number: string | null
  /** The first seven digits of the commit. */
  readonly commit: string | null
  /** ISO 8601, by the clock of the runner that wrote it; empty when it cannot be read. */
  readonly startedAt: string
  /** Why it failed, at most 200 characters; empty for a success. */
  readonly cause: string
}

/** What a comment tells the next run: the deploy whose verdict stands in it, and those before. */
export interface CommentState extends PastDeploy {
  /** The newest first, at most `mostEarlier`. */
  readonly earlier: readonly PastDeploy[]
}

/** So many deploys before the present one are remembered. */
export const mostEarlier = 5

/** In a row of the history a cause is shorter than in the headline. */
const rowChars = 120

/** The hidden first line of our comment, the same for every run of this release in this namespace. */
export function commentMarker(release: string, namespace: string): string {
  const key = createHash('sha256')
    .update(JSON.stringify([namespace, release]))
    .digest('hex')
    .slice(0, 16)
  return `<!-- atomic-helm-action: ${key} -->`
}

/** Marker and machine state: the two hidden lines at the very start of a comment. At most about 6,000 characters. */
export function hiddenLines(report: Report, earlier: readonly PastDeploy[], verdict = verdictOf(report)): string {
  const state: CommentState = { ...deployOf(report), verdict, earlier }
  return `${commentMarker(report.release, report.namespace)}\n${stateLine(state)}`
}

/** The second hidden line alone. */
export function stateLine({ earlier, ...own }: CommentState): string {
  const rows = earlier.slice(0, mostEarlier).map((one) => ({ ...one, cause: oneLine(one.cause, rowChars) }))
  const json = JSON.stringify({ ...own, earlier: rows })
  return `<!-- state: ${json.replaceAll(/[<>]/g, unicodeEscape).replaceAll('--', '-\\u002d')} -->`
}

/** What will be kept of a run. */
export function deployOf(report: Report): PastDeploy {
  const { status, mode, attemptedRevision, undo, run, startedAt } = report
  return {
    status,
    verdict: verdictOf(report),
    revision: attemptedRevision ?? (mode === 'rollback' ? (undo?.toRevision ?? null) : null),
    run: runId(run.url),
    attempt: digits(run.attempt),
    number: digits(run.number),
    commit: commitOf(run.sha?.slice(0, 7)),
    startedAt: timeOf(startedAt),
    cause: succeeded(report) ? '' : oneLine(causeOf(report), 200),
  }
}

/** The state that a comment carries in its second line; null when it has none that can be read. */
export function readState(body: string): CommentState | null {
  const line = body.split(/\r?\n/, 2)[1] ?? ''
  const [, json] = /^<!-- state: (\{.*\}) -->$/.exec(line) ?? []
  if (json === undefined) return null
  const state = parseObject(json)
  const deploy = readDeploy(state)
  if (deploy === null) return null
  const rows: unknown = state?.['earlier']
  // Comments of earlier versions have no history.
  const earlier = Array.isArray(rows) ? rows.slice(0, mostEarlier).flatMap((row: unknown) => readDeploy(row) ?? []) : []
  return { ...deploy, earlier }
}

/** Each field by itself: one that is not as we write it is as good as none. */
function readDeploy(value: unknown): PastDeploy | null {
  const fields = (typeof value === 'object' ? value : null) as Readonly<Record<string, unknown>> | null
  const status = statuses.find((word) => word === fields?.['status'])
  if (fields === null || status === undefined) return null
  const { verdict, revision } = fields
  return {
    status,
    verdict: isVerdict(verdict) ? verdict : status,
    revision:
      typeof revision === 'number' && Number.isInteger(revision) && /^[1-9]\d{0,8}$/.test(String(revision))
        ? revision
        : null,
    run: digits(fields['run']),
    attempt: digits(fields['attempt']),
    number: digits(fields['number']),
    commit: commitOf(fields['commit']),
    startedAt: timeOf(fields['startedAt']),
    cause: typeof fields['cause'] === 'string' ? oneLine(fields['cause'], 200) : '',
  }
}

/** The id of a workflow run in its address. */
export function runId(url: string | null): string | null {
  return /\/runs\/(\d+)/.exec(url ?? '')?.[1] ?? null
}

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function parseObject(json: string): Record<string, unknown> | null {
  try {
    return JSON.parse(json) as Record<string, unknown>
  } catch {
    return null
  }
}

function digits(value: unknown): string | null {
  return typeof value === 'string' && /^\d{1,20}$/.test(value) ? value : null
}

function commitOf(value: unknown): string | null {
  return typeof value === 'string' && /^[\da-f]{7}$/.test(value) ? value : null
}

function timeOf(value: unknown): string {
  const isTime = typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/.test(value)
  return isTime && !Number.isNaN(Date.parse(value)) ? value : ''
}
