// How the world looks on the wire: only what carries meaning is spelled out, the rest is filled from the description.
import { minimal } from './check.ts'
import { object } from './description.ts'
import type { JsonObject } from './description.ts'
import { second } from './world.ts'
import type { Comment, Identity, Pull, Role, World } from './world.ts'

function shape(schema: string, known: JsonObject): JsonObject {
  return object(minimal({ $ref: `#/components/schemas/${schema}` }, known))
}

/** A user as GitHub embeds it everywhere. */
export function userShape(login: string, identity?: Identity): JsonObject {
  const type = identity?.type ?? (login.endsWith('[bot]') ? 'Bot' : 'User')
  const path = login.endsWith('[bot]') ? `apps/${login.slice(0, -5)}` : login
  return shape('simple-user', { login, id: idOf(login), type, html_url: `https://github.com/${path}` })
}

/** The authenticated user. */
export function privateUserShape(identity: Identity): JsonObject {
  return shape('private-user', {
    ...userShape(identity.login, identity),
    user_view_type: 'private',
    name: identity.login,
  })
}

/** A repository. */
export function repositoryShape(world: World): JsonObject {
  const full_name = `${world.owner}/${world.name}`
  return shape('full-repository', {
    id: world.id,
    name: world.name,
    full_name,
    private: world.private,
    visibility: world.private ? 'private' : 'public',
    default_branch: 'main',
    html_url: `https://github.com/${full_name}`,
    owner: userShape(world.owner),
  })
}

/** An issue comment; `api` is where the caller reached us. */
export function commentShape(world: World, comment: Comment, api: string): JsonObject {
  const repo = `${world.owner}/${world.name}`
  return shape('issue-comment', {
    id: comment.id,
    node_id: `IC_${comment.id}`,
    url: `${api}/repos/${repo}/issues/comments/${comment.id}`,
    html_url: `https://github.com/${repo}/pull/${comment.issue}#issuecomment-${comment.id}`,
    issue_url: `${api}/repos/${repo}/issues/${comment.issue}`,
    user: userShape(comment.login),
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: 'NONE',
  })
}

/** A pull request, in full or as lists show it. */
export function pullShape(world: World, pull: Pull, form: 'pull-request' | 'pull-request-simple'): JsonObject {
  const full_name = `${world.owner}/${world.name}`
  const base = pull.base ?? { ref: 'main', sha: '0'.repeat(40) }
  const side = (ref: string, sha: string, repo: string): JsonObject => {
    const [owner = ''] = repo.split('/')
    return { label: `${owner}:${ref}`, ref, sha, user: userShape(owner), repo: repositoryOf(world, repo) }
  }
  return shape(form, {
    id: 500_000 + pull.number,
    number: pull.number,
    state: pull.state ?? 'open',
    title: pull.title ?? `Pull request ${pull.number}`,
    html_url: `https://github.com/${full_name}/pull/${pull.number}`,
    user: userShape('octocat'),
    author_association: 'CONTRIBUTOR',
    head: side(pull.head.ref, pull.head.sha, pull.head.repo ?? full_name),
    base: side(base.ref, base.sha, full_name),
    updated_at: pull.updatedAt ?? second(),
    merged_at: pull.merged === true ? '2026-11-22T10:00:00Z' : null,
    ...(form === 'pull-request' ? { merged: pull.merged ?? false, mergeable_state: 'clean' } : {}),
  })
}

/** What somebody may do in the repository: the old word for it, and the name of the role. */
export function permissionShape(login: string, role: Role | 'none'): JsonObject {
  const older = { maintain: 'write', triage: 'read' } as const
  const permission = role === 'maintain' || role === 'triage' ? older[role] : role
  return shape('repository-collaborator-permission', { permission, role_name: role, user: userShape(login) })
}

function repositoryOf(world: World, repo: string): JsonObject {
  const [owner = '', name = ''] = repo.split('/')
  const full = repositoryShape({ ...world, owner, name })
  return { ...full, fork: owner !== world.owner }
}

function idOf(login: string): number {
  return Array.from(login).reduce((sum, char) => (sum * 31 + (char.codePointAt(0) ?? 0)) % 90_000_000, 7)
}
