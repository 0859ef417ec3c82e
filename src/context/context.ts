import { readPullEvent, type PullEvent } from './pull-event.ts'
import { commitOf, forkOfRun, pullRequestNumber, type EventPayload, type HeadBranch } from './pull-request.ts'

/** What the workflow run says about itself, read once from the environment and the event's payload. */
export interface RunContext {
  readonly repository: { readonly owner: string; readonly name: string } | null
  readonly eventName: string
  /** The commit that people know; null when only GitHub can tell it (learn-commit.ts). */
  readonly sha: string | null
  readonly ref: string | null
  readonly actor: string | null
  readonly runId: string | null
  readonly runNumber: string | null
  readonly attempt: string | null
  readonly workflow: string | null
  readonly job: string | null
  readonly runUrl: string | null
  readonly apiUrl: string
  readonly serverUrl: string
  /** The number of the pull request that the event is about. */
  readonly pullRequest: number | null
  /** The head of the workflow run that the event is about, when it is in a fork. */
  readonly fork: HeadBranch | null
  /** What a `pull_request` event says beside its number; null for other events. */
  readonly pull: PullEvent | null
  /** Null when the event does not tell. */
  readonly isPublic: boolean | null
}

type Env = Readonly<Record<string, string | undefined>>

/** Reads the run's context; a missing or odd payload only makes it poorer. */
export function readContext(env: Env, payload: unknown): RunContext {
  const event = (payload ?? {}) as EventPayload
  const [owner, name] = (env['GITHUB_REPOSITORY'] ?? '').split('/')
  const serverUrl = env['GITHUB_SERVER_URL'] || 'https://github.com'
  const runId = env['GITHUB_RUN_ID'] || null
  const attempt = env['GITHUB_RUN_ATTEMPT'] || null
  const commit = commitOf(event)
  const eventName = env['GITHUB_EVENT_NAME'] ?? ''
  return {
    repository: owner && name ? { owner, name } : null,
    eventName,
    sha: commit === undefined ? env['GITHUB_SHA'] || null : commit,
    ref: env['GITHUB_HEAD_REF'] || env['GITHUB_REF_NAME'] || null,
    actor: env['GITHUB_ACTOR'] || null,
    runId,
    runNumber: env['GITHUB_RUN_NUMBER'] || null,
    attempt,
    workflow: env['GITHUB_WORKFLOW'] || null,
    job: env['GITHUB_JOB'] || null,
    runUrl:
      owner && name && runId
        ? `${serverUrl}/${owner}/${name}/actions/runs/${runId}${attempt ? `/attempts/${attempt}` : ''}`
        : null,
    apiUrl: env['GITHUB_API_URL'] || 'https://api.github.com',
    serverUrl,
    pullRequest: pullRequestNumber(event, eventName),
    fork: forkOfRun(event),
    pull: readPullEvent(payload),
    isPublic: visibility(event),
  }
}

function visibility({ repository }: EventPayload): boolean | null {
  if (typeof repository?.visibility === 'string') return repository.visibility === 'public'
  return typeof repository?.private === 'boolean' ? !repository.private : null
}
