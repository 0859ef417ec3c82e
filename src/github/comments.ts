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
}

/** `null` when there is none of ours. */
export type FindResult = Answer<Comment | null>

export type UpsertResult =
  | { readonly kind: 'created'; readonly url: string }
  | { readonly kind: 'updated'; readonly url: string }
  | GitHubProblem

interface AuthoredComment extends Comment {
  readonly login: string
}

/** Who the token of a workflow writes as. */
const workflowLogin = 'github-actions[bot]'

const perPage = 100
/** 20,000 comments; a conversation with more is not ours to read through. */
const mostPages = 200

/**
 * Our comment in a conversation: the oldest that begins with the marker and has the author that comments of this token get. A marker in
 * the midst of a text, or copied by somebody else, another bot included, is not ours. Reads all pages until it is found.
 */
export async function findComment(call: GitHubCall, at: Conversation, marker: string): Promise<FindResult> {
  const whoAmI = once(() => loginOf(call))
  for (let page = 1; page <= mostPages; page += 1) {
    const answer = await call('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      ...place(at),
      issue_number: at.number,
      per_page: perPage,
      page,
    })
    if (answer.kind !== 'ok') return naming(answer)
    const comments = decodeComments(answer.value)
    for (const comment of comments.filter(({ body }) => body.startsWith(marker))) {
      if (comment.login === (await whoAmI())) return { kind: 'ok', value: comment }
    }
    if (countOf(answer.value) < perPage) break
  }
  return { kind: 'ok', value: null }
}

/**
 * Our comment as it is now, by what was found earlier: it may have been written over, deleted, or made by another run since. What
 * GitHub does not tell now is as it was found.
 */
export async function lookAgain(
  call: GitHubCall,
  at: Conversation,
  found: Comment | null,
  marker: string,
): Promise<Comment | null> {
  if (found === null) {
    const now = await findComment(call, at, marker)
    return now.kind === 'ok' ? now.value : null
  }
  const answer = await call('GET /repos/{owner}/{repo}/issues/comments/{comment_id}', {
    ...place(at),
    comment_id: found.id,
  })
  if (answer.kind === 'not-found') return lookAgain(call, at, null, marker)
  const body = answer.kind === 'ok' ? textOf(((answer.value ?? {}) as CommentPayload).body) : ''
  return body.startsWith(marker) ? { ...found, body } : found
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
  if (answer.kind === 'ok') return { kind: 'updated', url: urlOf(answer.value) || existing.url }
  return answer.kind === 'not-found' ? createComment(call, at, body) : naming(answer)
}

/** A create whose answer was lost may have worked: looks for its marker before it tries once more. */
async function createComment(call: GitHubCall, at: Conversation, body: string): Promise<UpsertResult> {
  const first = await post(call, at, body)
  if (first.kind !== 'unavailable') return first
  const [marker = ''] = body.split('\n', 1)
  const found = await findComment(call, at, marker)
  if (found.kind !== 'ok') return first
  return found.value === null ? post(call, at, body) : upsertComment(call, at, found.value, body)
}

async function post(call: GitHubCall, at: Conversation, body: string): Promise<UpsertResult> {
  const answer = await call('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    ...place(at),
    issue_number: at.number,
    body,
  })
  return answer.kind === 'ok' ? { kind: 'created', url: urlOf(answer.value) } : naming(answer)
}

interface Viewer {
  readonly data?: { readonly viewer?: { readonly login?: unknown } | null } | null
}

/** Whom the token's comments are by. REST tells it to a person only; an app, as in a workflow, learns it as the viewer of GraphQL. */
async function loginOf(call: GitHubCall): Promise<string> {
  const user = await call('GET /user', {})
  if (user.kind === 'ok') return textOf((user.value as { readonly login?: unknown } | null)?.login) || workflowLogin
  const viewer = await call('POST /graphql', { query: '{ viewer { login } }' })
  const login = viewer.kind === 'ok' ? (viewer.value as Viewer | null)?.data?.viewer?.login : undefined
  return textOf(login) || workflowLogin
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
  readonly user?: { readonly login?: unknown } | null
}

function decodeComments(value: unknown): AuthoredComment[] {
  if (!Array.isArray(value)) return []
  return (value as CommentPayload[]).flatMap(({ id, body, user, html_url: url }) =>
    typeof id === 'number' && typeof body === 'string' && typeof user?.login === 'string'
      ? [{ id, body, url: textOf(url), login: user.login }]
      : [],
  )
}

function countOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0
}

function urlOf(value: unknown): string {
  return textOf(((value ?? {}) as CommentPayload).html_url)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => (result ??= work())
}
