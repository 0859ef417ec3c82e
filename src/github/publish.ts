import { renderComment, renderNotice } from '../report/comment.ts'
import type { CommentPolicy, EvidencePolicy } from '../inputs/inputs.ts'
import { isOlder, mergeComments, withOlderRun } from '../report/history.ts'
import { type CommentState, commentMarker, readState } from '../report/marker.ts'
import type { Report } from '../report/model.ts'
import { renderRecovered } from '../report/recovered.ts'
import { succeeded } from '../report/status.ts'
import type { GitHubCall, GitHubProblem } from './call.ts'
import { type Comment, type Conversation, type Look, lookAgain, upsertComment } from './comments.ts'
import { settleDoubles } from './doubles.ts'

export interface PublishOptions {
  readonly policy: CommentPolicy
  readonly evidence: EvidencePolicy
}

export type PublishResult =
  | { readonly kind: 'created' | 'updated'; readonly comment: Comment }
  | { readonly kind: 'skipped' }
  /** What should stand in the comment, and why it does not. */
  | { readonly kind: 'unwritten'; readonly body: string; readonly problem: GitHubProblem }
  /** A newer run's verdict stands in the comment: this one is only among the deploys before it. */
  | { readonly kind: 'older'; readonly comment: Comment }

/** What to do with the comment: write the report, turn a failure into its recovery, or leave everything as it is. */
export type CommentAction =
  | { readonly kind: 'write' }
  | { readonly kind: 'recover'; readonly previous: CommentState }
  | { readonly kind: 'skip' }

/** Decides by policy, by how the run ended, and by what our comment says so far (null when there is none or it cannot be read). */
export function decideComment(
  policy: CommentPolicy,
  report: Pick<Report, 'status' | 'mode' | 'changed'>,
  previous: CommentState | null,
): CommentAction {
  const { status, changed } = report
  if (policy === 'never' || status === 'installed') return { kind: 'skip' }
  if (!succeeded(report)) return { kind: 'write' }
  // What a rollback that somebody asked for leaves in a comment is a verdict that stands until the next deploy.
  const tellsFailure = previous !== null && !succeeded({ status: previous.status, mode: 'deploy' })
  if (tellsFailure && status === 'deployed') return { kind: 'recover', previous }
  // A pull request that never had a preview, or whose end is told already, hears nothing of it.
  if (status === 'removed' && changed === false && (previous === null || previous.status === 'removed'))
    return { kind: 'skip' }
  return policy === 'always' || isNews(report) || (tellsFailure && status === 'recovered')
    ? { kind: 'write' }
    : { kind: 'skip' }
}

/**
 * Brings the comment of this release in line with the report. `found` is from when the run began, so it is looked at again: what a newer
 * run has written meanwhile is not written over. Whatever GitHub answers is told, nothing is thrown.
 */
export async function publishComment(
  call: GitHubCall,
  at: Conversation,
  found: Look,
  report: Report,
  options: PublishOptions,
): Promise<PublishResult> {
  if (options.policy === 'never') return { kind: 'skipped' }
  const { present, previous } = await readAgain(call, at, found, report)
  const action = decideComment(options.policy, report, previous)
  if (action.kind === 'skip') return { kind: 'skipped' }
  if (present.comment !== null && previous !== null && isOlder(report, previous)) {
    const body = withOlderRun(present.comment.body, previous, report)
    const result = await upsertComment(call, at, present.comment, body)
    if (!('comment' in result)) return { kind: 'unwritten', body, problem: result }
    return result.kind === 'updated' ? { kind: 'older', comment: result.comment } : result
  }
  const body =
    action.kind === 'recover'
      ? renderRecovered(report, action.previous, options)
      : renderComment(report, options, previous)
  return write(call, at, present, report, body)
}

/**
 * Tells of a deploy that has failed and is being undone; the report has no undo yet. Writes nothing where a newer run's verdict stands, or
 * where nothing is to be commented.
 */
export async function publishNotice(
  call: GitHubCall,
  at: Conversation,
  found: Look,
  report: Report,
  options: PublishOptions,
): Promise<PublishResult> {
  if (options.policy === 'never') return { kind: 'skipped' }
  const { present, previous } = await readAgain(call, at, found, report)
  if (previous !== null && isOlder(report, previous)) return { kind: 'skipped' }
  return write(call, at, present, report, renderNotice(report, options, previous))
}

/** The release's comment as it is now, and the deploy that it tells of. */
async function readAgain(
  call: GitHubCall,
  at: Conversation,
  found: Look,
  { release, namespace }: Report,
): Promise<{ readonly present: Look; readonly previous: CommentState | null }> {
  const present = await lookAgain(call, at, found, commentMarker(release, namespace))
  return { present, previous: present.comment === null ? null : readState(present.comment.body) }
}

/** Of comments that several runs make in the same instant one stays. */
async function write(
  call: GitHubCall,
  at: Conversation,
  { comment, since }: Look,
  report: Report,
  body: string,
): Promise<PublishResult> {
  const result = await upsertComment(call, at, comment, body)
  if (!('comment' in result)) return { kind: 'unwritten', body, problem: result }
  if (result.kind !== 'created' || result.comment.login === '') return result
  const staying = await settleDoubles(call, at, result.comment, {
    marker: commentMarker(report.release, report.namespace),
    since,
    merge: (bodies) => mergeComments(bodies, report),
  })
  return { kind: staying.id === result.comment.id ? 'created' : 'updated', comment: staying }
}

/** Plans are asked for to be read; previews tell where they are. */
function isNews({ status, mode }: Pick<Report, 'status' | 'mode'>): boolean {
  return status === 'planned' || status === 'removed' || mode === 'preview'
}
