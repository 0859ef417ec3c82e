// The same world as Gitea and Forgejo show it: what of their API (routers/api/v1/repo/issue_comment.go, pull.go, swagger) the action can use.
import { object, text } from './description.ts'
import type { Json, JsonObject } from './description.ts'
import type { Answer } from './pages.ts'
import { addComment, second } from './world.ts'
import type { Comment, Identity, Pull, World } from './world.ts'

type Request = {
  method: string
  /** Below `/api/v1`. */
  path: string
  query: Record<string, string>
  body: Json | undefined
  api: string
}

type Route = [
  method: string,
  path: RegExp,
  answer: (world: World, who: Identity, id: string, request: Request) => Answer,
]

/** There is no GraphQL, there are no deployments, and no runs' attempts: what is not here is not found. */
const routes: Route[] = [
  // A workflow's token may ask, unlike on GitHub: it is that of a user of its own.
  ['GET', /^\/user$/, (_world, who) => ok(user(who.login))],
  ['GET', /^\/issues\/(\d+)\/comments$/, listComments],
  ['POST', /^\/issues\/(\d+)\/comments$/, createComment],
  ['GET', /^\/issues\/comments\/(\d+)$/, (world, _who, id, { api }) => shown(world, id, api)],
  ['PATCH', /^\/issues\/comments\/(\d+)$/, updateComment],
  ['DELETE', /^\/issues\/comments\/(\d+)$/, deleteComment],
  ['GET', /^\/pulls\/(\d+)$/, (world, _who, id) => pullBy(world, (pull) => String(pull.number) === id)],
  // Only the one that was merged as this commit.
  [
    'GET',
    /^\/commits\/([\da-f]+)\/pull$/,
    (world, _who, sha) => pullBy(world, (pull) => pull.merged === true && (pull.commits ?? []).includes(sha)),
  ],
]

/** Answers a request; whoever has no token may do nothing here. */
export function answerAsGitea(world: World, identity: Identity | undefined, request: Request): Answer {
  if (identity === undefined) return problem(401, 'token is required')
  const repository = `/repos/${world.owner}/${world.name}`
  const path = request.path.startsWith(`${repository}/`) ? request.path.slice(repository.length) : request.path
  for (const [method, pattern, answer] of routes) {
    const found = method === request.method ? pattern.exec(path) : null
    if (found === null) continue
    if (path !== '/user' && method !== 'GET' && identity.rights !== 'write')
      return problem(403, 'user should have a permission to write to a repo')
    return answer(world, identity, found[1] ?? '', request)
  }
  return problem(404, 'The target couldn’t be found.')
}

/** All of them, whatever page is asked for. */
function listComments(world: World, _who: Identity, issue: string, { query, api }: Request): Answer {
  if (!world.pulls.some(({ number }) => String(number) === issue)) return problem(404, 'issue does not exist')
  const { since } = query
  if (since !== undefined && Number.isNaN(Date.parse(since))) return problem(422, 'since is not a time')
  const from = since === undefined ? 0 : Date.parse(since)
  const comments = world.comments.filter((one) => String(one.issue) === issue && Date.parse(one.updatedAt) >= from)
  return ok(comments.map((comment) => commentShape(world, comment, api)))
}

function createComment(world: World, who: Identity, issue: string, { body, api }: Request): Answer {
  const content = text(object(body)['body'])
  if (content === '') return problem(422, '[Body]: Required')
  const comment = addComment(world, Number(issue), who.login, content)
  return { status: 201, body: commentShape(world, comment, api) }
}

function updateComment(world: World, _who: Identity, id: string, { body, api }: Request): Answer {
  const comment = world.comments.find((one) => String(one.id) === id)
  if (comment !== undefined) Object.assign(comment, { body: text(object(body)['body']), updatedAt: second() })
  return shown(world, id, api)
}

function deleteComment(world: World, _who: Identity, id: string): Answer {
  const index = world.comments.findIndex((one) => String(one.id) === id)
  if (index < 0) return problem(404, 'comment does not exist')
  world.comments.splice(index, 1)
  return { status: 204 }
}

function shown(world: World, id: string, api: string): Answer {
  const comment = world.comments.find((one) => String(one.id) === id)
  return comment === undefined ? problem(404, 'comment does not exist') : ok(commentShape(world, comment, api))
}

function commentShape(world: World, comment: Comment, api: string): JsonObject {
  const page = `${new URL(api).origin}/${world.owner}/${world.name}/pulls/${comment.issue}`
  return {
    id: comment.id,
    html_url: `${page}#issuecomment-${comment.id}`,
    pull_request_url: page,
    issue_url: '',
    user: user(comment.login),
    original_author: '',
    original_author_id: 0,
    body: comment.body,
    assets: [],
    created_at: inZone(comment.createdAt),
    updated_at: inZone(comment.updatedAt),
  }
}

/** Times come in the zone of the server. */
function inZone(time: string): string {
  return `${new Date(Date.parse(time) + 3_600_000).toISOString().slice(0, 19)}+01:00`
}

function pullBy(world: World, isMeant: (pull: Pull) => boolean): Answer {
  const pull = world.pulls.find(isMeant)
  if (pull === undefined) return problem(404, 'pull request does not exist')
  return ok({
    id: 500_000 + pull.number,
    number: pull.number,
    state: pull.state ?? 'open',
    merged: pull.merged ?? false,
    merge_commit_sha: pull.commits?.[0] ?? null,
    head: { label: pull.head.ref, ref: pull.head.ref, sha: pull.head.sha },
  })
}

function user(login: string): JsonObject {
  return { id: login.endsWith('-actions') ? -2 : 5, login, login_name: '', full_name: '', email: '', username: login }
}

function ok(body: Json): Answer {
  return { status: 200, body }
}

function problem(status: number, message: string): Answer {
  return { status, body: { message, url: 'https://gitea.example/api/swagger' } }
}
