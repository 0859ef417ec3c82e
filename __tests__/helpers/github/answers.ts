// What the stand-in answers to each operation that the action uses.
import { text, object } from './description.ts'
import { attemptShape } from './runs.ts'
import { createDeployment, createStatus, listDeployments, listStatuses } from './deployments.ts'
import { page, problem } from './pages.ts'
import type { Answer, Call } from './pages.ts'
import { getPermission, listPulls } from './pulls.ts'
import { commentShape, privateUserShape, pullShape, repositoryShape } from './shapes.ts'
import { addComment, pullsOfCommit, second } from './world.ts'
import type { Comment, World } from './world.ts'

export type Permission = 'issues' | 'metadata' | 'deployments'
export type Served = { needs: Permission; write?: boolean; docs: string; answer: (call: Call) => Answer }

const limit = 65_536
const docs = {
  list: 'issues/comments#list-issue-comments',
  create: 'issues/comments#create-an-issue-comment',
  get: 'issues/comments#get-an-issue-comment',
  update: 'issues/comments#update-an-issue-comment',
  remove: 'issues/comments#delete-an-issue-comment',
  pull: 'pulls/pulls#get-a-pull-request',
  pulls: 'pulls/pulls#list-pull-requests',
  ofCommit: 'commits/commits#list-pull-requests-associated-with-a-commit',
  user: 'users/users#get-the-authenticated-user',
  viewer: 'graphql/reference/queries#user',
  repo: 'repos/repos#get-a-repository',
  attempt: 'actions/workflow-runs#get-a-workflow-run-attempt',
  deployments: 'deployments/deployments',
  statuses: 'deployments/statuses',
}

/** The operations that the stand-in serves, by the names that the description gives them. */
export const served: Record<string, Served> = {
  'GET /user': { needs: 'metadata', docs: docs.user, answer: getUser },
  'POST /graphql': { needs: 'metadata', docs: docs.viewer, answer: getViewer },
  'GET /repos/{owner}/{repo}': { needs: 'metadata', docs: docs.repo, answer: getRepo },
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}': {
    needs: 'metadata',
    docs: docs.attempt,
    answer: getAttempt,
  },
  'GET /repos/{owner}/{repo}/deployments': { needs: 'deployments', docs: docs.deployments, answer: listDeployments },
  'POST /repos/{owner}/{repo}/deployments': {
    needs: 'deployments',
    write: true,
    docs: docs.deployments,
    answer: createDeployment,
  },
  'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses': {
    needs: 'deployments',
    docs: docs.statuses,
    answer: listStatuses,
  },
  'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses': {
    needs: 'deployments',
    write: true,
    docs: docs.statuses,
    answer: createStatus,
  },
  'GET /repos/{owner}/{repo}/collaborators/{username}/permission': {
    needs: 'metadata',
    docs: 'collaborators/collaborators#get-repository-permissions-for-a-user',
    answer: getPermission,
  },
  'GET /repos/{owner}/{repo}/pulls/{pull_number}': { needs: 'issues', docs: docs.pull, answer: getPull },
  'GET /repos/{owner}/{repo}/pulls': { needs: 'issues', docs: docs.pulls, answer: listPulls },
  'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls': { needs: 'issues', docs: docs.ofCommit, answer: getOfCommit },
  'GET /repos/{owner}/{repo}/issues/{issue_number}/comments': {
    needs: 'issues',
    docs: docs.list,
    answer: listComments,
  },
  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': {
    needs: 'issues',
    write: true,
    docs: docs.create,
    answer: createComment,
  },
  'GET /repos/{owner}/{repo}/issues/comments/{comment_id}': { needs: 'issues', docs: docs.get, answer: getComment },
  'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}': {
    needs: 'issues',
    write: true,
    docs: docs.update,
    answer: updateComment,
  },
  'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}': {
    needs: 'issues',
    write: true,
    docs: docs.remove,
    answer: deleteComment,
  },
}

function getUser({ identity }: Call): Answer {
  if (identity.type === 'Bot') return problem(403, 'Resource not accessible by integration', docs.user)
  return { status: 200, body: privateUserShape(identity) }
}

/** Unlike REST, GraphQL tells an app too who it is. */
function getViewer({ identity }: Call): Answer {
  return { status: 200, body: { data: { viewer: { login: identity.login } } } }
}

function getRepo({ world }: Call): Answer {
  return { status: 200, body: repositoryShape(world) }
}

function getAttempt({ world, params }: Call): Answer {
  const body = attemptShape(world, params['run_id'] ?? '', params['attempt_number'] ?? '')
  return body === undefined ? problem(404, 'Not Found', docs.attempt) : { status: 200, body }
}

function getPull({ world, params }: Call): Answer {
  const pull = world.pulls.find(({ number }) => String(number) === params['pull_number'])
  if (pull === undefined) return problem(404, 'Not Found', docs.pull)
  return { status: 200, body: pullShape(world, pull, 'pull-request') }
}

function getOfCommit(call: Call): Answer {
  const sha = call.params['commit_sha'] ?? ''
  const pulls = pullsOfCommit(call.world, sha)
  if (pulls === undefined) return problem(422, `No commit found for SHA: ${sha}`, docs.ofCommit)
  return page(call, `commits/${sha}/pulls`, pulls, (pull) => pullShape(call.world, pull, 'pull-request-simple'))
}

function listComments(call: Call): Answer {
  const { world, params, query, api } = call
  const issue = Number(params['issue_number'])
  if (!isIssue(world, issue)) return problem(404, 'Not Found', docs.list)
  const since = query['since'] ?? ''
  const comments = world.comments.filter((comment) => comment.issue === issue && comment.updatedAt >= since)
  return page(call, `issues/${issue}/comments`, comments, (comment) => commentShape(world, comment, api))
}

function createComment({ world, identity, params, body, api }: Call): Answer {
  const issue = Number(params['issue_number'])
  if (!isIssue(world, issue)) return problem(404, 'Not Found', docs.create)
  const content = text(object(body)['body'])
  const refused = refuseBody(content, docs.create)
  if (refused !== undefined) return refused
  return { status: 201, body: commentShape(world, addComment(world, issue, identity.login, content), api) }
}

function getComment({ world, params, api }: Call): Answer {
  const comment = findComment(world, params)
  if (comment === undefined) return problem(404, 'Not Found', docs.get)
  return { status: 200, body: commentShape(world, comment, api) }
}

function updateComment({ world, params, body, api }: Call): Answer {
  const comment = findComment(world, params)
  if (comment === undefined) return problem(404, 'Not Found', docs.update)
  const content = text(object(body)['body'])
  const refused = refuseBody(content, docs.update)
  if (refused !== undefined) return refused
  Object.assign(comment, { body: content, updatedAt: second() })
  return { status: 200, body: commentShape(world, comment, api) }
}

function deleteComment({ world, params }: Call): Answer {
  const comment = findComment(world, params)
  if (comment === undefined) return problem(404, 'Not Found', docs.remove)
  world.comments.splice(world.comments.indexOf(comment), 1)
  return { status: 204 }
}

function findComment(world: World, params: Record<string, string>): Comment | undefined {
  return world.comments.find(({ id }) => String(id) === params['comment_id'])
}

function isIssue(world: World, issue: number): boolean {
  return world.pulls.some(({ number }) => number === issue)
}

/** GitHub counts characters, not bytes, and takes no blank comment. */
function refuseBody(body: string, page: string): Answer | undefined {
  const refuse = (message: string): Answer =>
    problem(422, 'Validation Failed', page, {
      errors: [{ resource: 'IssueComment', code: 'unprocessable', field: 'data', message }],
    })
  if (body.trim() === '') return refuse('Body cannot be blank')
  if (Array.from(body).length > limit) return refuse(`Body is too long (maximum is ${limit} characters)`)
  return undefined
}
