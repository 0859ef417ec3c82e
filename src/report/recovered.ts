import { forMarkdown } from '../platform/untrusted.ts'
import { fitComment, type RenderOptions } from './comment.ts'
import { applyEvidence } from './evidence.ts'
import { markdown, targetOf } from './headline.ts'
import { earlierDeploys, siblingUrl, untoldEnd } from './history.ts'
import { link } from './markdown.ts'
import type { CommentState } from './marker.ts'
import type { Report, Status } from './model.ts'
import { warningsSection } from './sections.ts'
import { situation } from './situation.ts'

/**
 * The comment of a success that follows a failure: green, and what stood there before in one line. `previous` is the state that the
 * failure left in the comment; it went through GitHub, so it is not trusted.
 */
export function renderRecovered(report: Report, previous: CommentState, { evidence }: RenderOptions): string {
  const shown = applyEvidence(report, evidence)
  return fitComment(shown, earlierDeploys(shown, previous), [
    { priority: 0, text: `### ✅ ${markdown.code(shown.release)} is deployed to ${targetOf(shown, markdown)} again` },
    { priority: 0, text: situation(shown) },
    { priority: 0, text: `Before: ${failure(shown, previous)}.` },
    { priority: 4, text: warningsSection(shown) },
  ])
}

function failure(report: Report, { status, verdict, cause, run }: CommentState): string {
  const earlier = run === null ? 'an earlier run' : link('an earlier run', siblingUrl(report, run))
  const why = cause === '' ? '' : `: ${forMarkdown(cause)}`
  return `${earlier} ${verdict === 'undoing' ? untoldEnd : (words[status] ?? 'failed')}${why}`
}

const words: Partial<Record<Status, string>> = {
  'rolled-back': 'failed and was rolled back',
  uninstalled: 'failed and was removed again',
  'rollback-failed': 'failed, and so did its rollback',
  kept: 'failed and was kept',
  rejected: 'was rejected',
  cancelled: 'was cancelled',
}
