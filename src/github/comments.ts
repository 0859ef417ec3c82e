import { authorAsker } from './author.ts'
import type { Answer, GitHubCall, GitHubProblem, Repository } from './call.ts'

/** The conversation of a pull request. */
export interface Conversation {
  readonly repository: Repository
  readonly number: number
}

export interface Comment {
  readonly id: number
  readonly body: string
  readonly url: string
  /** Who wrote it. */
  readonly login: string
}

/** What a look at a conversation showed. */
export interface Look {
  /** Null when there is none of ours. */
  readonly comment: Comment | null
  /** Shortly before the latest change that was seen, ISO 8601 by GitHub's clock: what comes later is new. Empty when nothing was. */
  readonly since: string
}

export type FindResult = Answer<Look>

export type UpsertResult = { readonly kind: 'created' | 'updated'; readonly comment: Comment } | GitHubProblem

const perPage = 100
/** 20,000 comments; a conversation with more is not ours to read through. */
const mostPages = 200
/** GitHub's times are whole seconds, in each of which more can come. */
const secondMs = 1000

/**
 * Our comment in a conversation: the oldest that begins with the marker and has the author that comments of this token get. A marker in
 * the midst of a text, or copied by somebody else, another bot included, is not ours. Reads all pages until it is found.
 */
export async function findComment(call: GitHubCall, at: Conversation, marker: string, since = ''): Promise<FindResult> {
  const whoAmI = authorAsker(call)
  const isOurs = async ({ login }: Comment): Promise<boolean> => (await whoAmI()).includes(login)
  const listed = await listOurs(call, at, { marker, since, most: 1, isOurs })
  if (listed.kind !== 'ok') return listed
  const { ours, newestMs } = listed.value
  const latest = newestMs > 0 ? `${new Date(newestMs - secondMs).toISOString().slice(0, 19)}Z` : since
  return { kind: 'ok', value: { comment: ours[0] ?? null, since: latest } }
}

/** All comments of this author with the marker that were changed since then, the oldest first. */
export async function listComments(
  call: GitHubCall,
  at: Conversation,
  { marker, since, login }: { readonly marker: string; readonly since: string; readonly login: string },
): Promise<Answer<readonly Comment[]>> {
  const isOurs = (one: Comment): Promise<boolean> => Promise.resolve(one.login === login)
  const listed = await listOurs(call, at, { marker, since, most: Infinity, isOurs })
  return listed.kind === 'ok' ? { kind: 'ok', value: listed.value.ours.toSorted((a, b) => a.id - b.id) } : listed
}

interface Wanted {
  readonly marker: string
  /** Empty: from the beginning. */
  readonly since: string
  /** After so many nothing is read any more. */
  readonly most: number
  readonly isOurs: (comment: Comment) => Promise<boolean>
}

async function listOurs(
  call: GitHubCall,
  at: Conversation,
  { marker, since, most, isOurs }: Wanted,
): Promise<Answer<{ readonly ours: readonly Comment[]; readonly newestMs: number }>> {
  const ours: Comment[] = []
  const seen = new Set<number>()
  let newestMs = 0
  for (let page = 1; page <= mostPages; page += 1) {
    const answer = await call('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      ...place(at),
      issue_number: at.number,
      per_page: perPage,
      page,
      ...(since ? { since } : {}),
    })
    if (answer.kind !== 'ok') return naming(answer)
    const payloads = payloadsOf(answer.value)
    const fresh = payloads.filter(({ id }) => typeof id === 'number' && !seen.has(id))
    for (const payload of fresh) {
      seen.add(payload.id as number)
      newestMs = Math.max(newestMs, Date.parse(textOf(payload.updated_at)) || 0)
      const comment = decodeComment(payload)
      if (comment?.body.startsWith(marker) && (await isOurs(comment))) ours.push(comment)
      if (ours.length >= most) return { kind: 'ok', value: { ours, newestMs } }
    }
    // Gitea and Forgejo have one page of whatever length, which they give again for every number.
    if (fresh.length < perPage) break
  }
  return { kind: 'ok', value: { ours, newestMs } }
}

/**
 * Our comment as it is now, by what was found earlier: it may have been written over, deleted, or made by another run since. What
 * GitHub does not tell now is as it was found.
 */
export async function lookAgain(call: GitHubCall, at: Conversation, found: Look, marker: string): Promise<Look> {
  const { comment, since } = found
  if (comment === null) {
    const now = await findComment(call, at, marker, since)
    return now.kind === 'ok' ? now.value : found
  }
  const answer = await call('GET /repos/{owner}/{repo}/issues/comments/{comment_id}', {
    ...place(at),
    comment_id: comment.id,
  })
  // Where it was made anew it may be anywhere.
  if (answer.kind === 'not-found') return lookAgain(call, at, { comment: null, since: '' }, marker)
  const body = answer.kind === 'ok' ? textOf(((answer.value ?? {}) as CommentPayload).body) : ''
  return body.startsWith(marker) ? { comment: { ...comment, body }, since } : found
}

/** Puts the body into `existing`, or into a new comment when there is none or it was deleted meanwhile. */
export async function upsertComment(
  call: GitHubCall,
  at: Conversation,
  existing: Comment | null,
  body: string,
): Promise<UpsertResult> {
  if (existing === null) return createComment(call, at, body)
  const answer = await call('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
    ...place(at),
    comment_id: existing.id,
    body,
  })
  if (answer.kind === 'ok') return { kind: 'updated', comment: written(answer.value, { ...existing, body }) }
  return answer.kind === 'not-found' ? createComment(call, at, body) : naming(answer)
}

/** Deletes a comment of ours; one that is gone already is well too. */
export async function deleteComment(call: GitHubCall, at: Conversation, { id }: Comment): Promise<Answer<null>> {
  const route = 'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}'
  const answer = await call(route, { ...place(at), comment_id: id })
  return answer.kind === 'ok' || answer.kind === 'not-found' ? { kind: 'ok', value: null } : naming(answer)
}

/** A create whose answer was lost may have worked: looks for its marker before it tries once more. */
async function createComment(call: GitHubCall, at: Conversation, body: string): Promise<UpsertResult> {
  const first = await post(call, at, body)
  if (first.kind !== 'unavailable') return first
  const [marker = ''] = body.split('\n', 1)
  const found = await findComment(call, at, marker)
  if (found.kind !== 'ok') return first
  const { comment } = found.value
  return comment === null ? post(call, at, body) : upsertComment(call, at, comment, body)
}

async function post(call: GitHubCall, at: Conversation, body: string): Promise<UpsertResult> {
  const answer = await call('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    ...place(at),
    issue_number: at.number,
    body,
  })
  if (answer.kind !== 'ok') return naming(answer)
  return { kind: 'created', comment: written(answer.value, { id: 0, body, url: '', login: '' }) }
}

function naming(problem: GitHubProblem): GitHubProblem {
  return problem.kind === 'forbidden' ? { ...problem, permission: 'pull-requests: write' } : problem
}

function place({ repository }: Conversation): { owner: string; repo: string } {
  return { owner: repository.owner, repo: repository.name }
}

interface CommentPayload {
  readonly id?: unknown
  readonly body?: unknown
  readonly html_url?: unknown
  readonly updated_at?: unknown
  readonly user?: { readonly login?: unknown } | null
}

function payloadsOf(value: unknown): CommentPayload[] {
  return Array.isArray(value) ? (value as unknown[]).map((one) => (one ?? {}) as CommentPayload) : []
}

function decodeComment({ id, body, user, html_url: url }: CommentPayload): Comment | null {
  return typeof id === 'number' && typeof body === 'string' && typeof user?.login === 'string'
    ? { id, body, url: textOf(url), login: user.login }
    : null
}

/** A comment as a write answers it; what the answer leaves out is as we know it. */
function written(value: unknown, known: Comment): Comment {
  const { id, html_url: url, user } = (value ?? {}) as CommentPayload
  return {
    id: typeof id === 'number' ? id : known.id,
    body: known.body,
    url: textOf(url) || known.url,
    login: textOf(user?.login) || known.login,
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
