import type { GitHubCall } from './call.ts'
import { type Comment, type Conversation, deleteComment, listComments, upsertComment } from './comments.ts'

/** How comments of one release become one. */
export interface DoublesOptions {
  readonly marker: string
  /** From when on another could have been made, ISO 8601 by GitHub's clock; empty: ever. */
  readonly since: string
  /** What several bodies say together; the same for the same bodies. */
  readonly merge: (bodies: readonly string[]) => string
}

/** The others have to be as quick as we are; what is not settled by then stays for the next run. */
const mostRounds = 3

/**
 * Runs that find no comment in the same instant make one each: of these the first stays. Whoever made another puts what all of them say
 * into the first and deletes its own. Called after our comment was made; gives the one that stays. GitHub cannot write under a condition,
 * so it is looked at again whether our words are still in it. Never throws.
 */
export async function settleDoubles(
  call: GitHubCall,
  at: Conversation,
  mine: Comment,
  { marker, since, merge }: DoublesOptions,
): Promise<Comment> {
  let isMineThere = true
  let staying = mine
  for (let round = 0; round < mostRounds; round += 1) {
    const listed = await listComments(call, at, { marker, since, login: mine.login })
    if (listed.kind !== 'ok') return staying
    const others = listed.value.filter(({ id }) => id !== mine.id)
    const [first] = others
    if (first === undefined || (isMineThere && mine.id < first.id)) return staying
    const body = merge([...others.map((one) => one.body), mine.body])
    if (body === first.body) {
      if (!isMineThere) return first
    } else {
      const written = await upsertComment(call, at, first, body)
      // It was deleted meanwhile, and is made anew; or it cannot be written, and then ours has to stay.
      if (written.kind === 'created') return written.comment
      if (written.kind !== 'updated') return staying
    }
    if (isMineThere) await takeAway(call, at, mine, first)
    isMineThere = false
    staying = first
  }
  return staying
}

/** A comment that may not be deleted becomes one that is none of ours any more. */
async function takeAway(call: GitHubCall, at: Conversation, mine: Comment, first: Comment): Promise<void> {
  const deleted = await deleteComment(call, at, mine)
  if (deleted.kind !== 'ok')
    await upsertComment(call, at, mine, `Moved to ${first.url || 'the comment of this release above'}.`)
}
