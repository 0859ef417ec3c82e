import { createHash } from 'node:crypto'
import { oneLine } from '../platform/untrusted.ts'
import { type Report, type Status, statuses } from './model.ts'
import { causeOf, succeeded } from './status.ts'

/** What a comment tells the next run: which verdict stands in it, and whose it is. Read back from GitHub, so untrusted. */
export interface CommentState {
  readonly status: Status
  /** The id of the workflow run, digits. */
  readonly run: string | null
  readonly attempt: string | null
  /** ISO 8601, by the clock of the runner that wrote it. */
  readonly startedAt: string
  /** Why it failed, at most 200 characters; empty for a success. */
  readonly cause: string
}

/** The hidden first line of our comment, the same for every run of this release in this namespace. */
export function commentMarker(release: string, namespace: string): string {
  const key = createHash('sha256')
    .update(JSON.stringify([namespace, release]))
    .digest('hex')
    .slice(0, 16)
  return `<!-- atomic-helm-action: ${key} -->`
}

/** Marker and machine state: the two hidden lines at the very start of a comment. */
export function hiddenLines(report: Report): string {
  const state: CommentState = {
    status: report.status,
    run: runId(report.run.url),
    attempt: digits(report.run.attempt),
    startedAt: report.startedAt,
    cause: succeeded(report) ? '' : oneLine(causeOf(report), 200),
  }
  const json = JSON.stringify(state).replaceAll(/[<>]/g, unicodeEscape).replaceAll('--', '-\\u002d')
  return `${commentMarker(report.release, report.namespace)}\n<!-- state: ${json} -->`
}

/** The state that a comment carries in its second line; null when it has none that can be read. */
export function readState(body: string): CommentState | null {
  const line = body.split(/\r?\n/, 2)[1] ?? ''
  const [, json] = /^<!-- state: (\{.*\}) -->$/.exec(line) ?? []
  if (json === undefined) return null
  const state = parseObject(json)
  const status = statuses.find((word) => word === state?.['status'])
  if (state === null || status === undefined) return null
  return {
    status,
    run: digits(state['run']),
    attempt: digits(state['attempt']),
    startedAt: textOf(state['startedAt']) ?? '',
    cause: textOf(state['cause']) ?? '',
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

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function digits(value: unknown): string | null {
  return typeof value === 'string' && /^\d{1,20}$/.test(value) ? value : null
}
