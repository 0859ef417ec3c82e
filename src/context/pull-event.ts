/** What the event's payload says of the pull request that it is about. Text comes from whoever opened it, so it is not trusted. */
export interface PullEvent {
  readonly number: number
  /** What happened: `opened`, `synchronize`, `closed`, `labeled` … */
  readonly action: string
  readonly isOpen: boolean
  readonly headSha: string | null
  readonly headRef: string | null
  /** `owner/name` of the repository that the head is in: another one than ours for a fork; null when it was deleted. */
  readonly headRepository: string | null
  /** When it was last changed, ms since 1970 by GitHub's clock: what GitHub says with an earlier time is older news. */
  readonly updatedAtMs: number | null
  /** Who caused the event. */
  readonly sender: string | null
  /** The label of a `labeled` event. */
  readonly label: string | null
}

/** What is read of a pull request as GitHub writes it, in an event and in an answer alike. */
export interface PullPayload {
  readonly number?: unknown
  readonly state?: unknown
  readonly updated_at?: unknown
  readonly head?: {
    readonly sha?: unknown
    readonly ref?: unknown
    readonly repo?: { readonly full_name?: unknown } | null
  } | null
}

interface Payload {
  readonly action?: unknown
  readonly label?: { readonly name?: unknown } | null
  readonly sender?: { readonly login?: unknown } | null
  readonly pull_request?: PullPayload | null
}

/** Reads the pull request of a payload; null when it is about none, or its number is no number. */
export function readPullEvent(payload: unknown): PullEvent | null {
  const { action, label, sender, pull_request: pull } = (payload ?? {}) as Payload
  if (!pull || !isPullNumber(pull.number)) return null
  return {
    number: pull.number,
    action: textOf(action) ?? '',
    isOpen: pull.state === 'open',
    headSha: shaOf(pull.head?.sha),
    headRef: textOf(pull.head?.ref),
    headRepository: textOf(pull.head?.repo?.full_name),
    updatedAtMs: Date.parse(textOf(pull.updated_at) ?? '') || null,
    sender: textOf(sender?.login),
    label: textOf(label?.name),
  }
}

/** Whether a value can be the number of a pull request. */
export function isPullNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 1e10
}

/** A commit's hash as GitHub writes it; null for anything else. */
export function shaOf(value: unknown): string | null {
  return typeof value === 'string' && /^[\da-f]{40}([\da-f]{24})?$/.test(value) ? value : null
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
