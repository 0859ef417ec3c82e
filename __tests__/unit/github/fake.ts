import { type Answer, type GitHubCall, type GitHubProblem, problemOf } from '../../../src/github/call.ts'

interface FakeComment {
  readonly id: number
  body: string
  readonly user: { readonly login: string }
}

/** A conversation in memory, as the issue comments API shows it. */
export function fakeGitHub(comments: FakeComment[] = [], user: string | null = null, app = 'github-actions[bot]') {
  const calls: string[] = []
  const failures: { route: string; problem: GitHubProblem; afterEffect: boolean }[] = []
  let nextId = 1000

  const call: GitHubCall = async (route, parameters) => {
    calls.push(route)
    const index = failures.findIndex((failure) => route.startsWith(failure.route))
    const failure = index < 0 ? undefined : failures.splice(index, 1)[0]
    if (failure !== undefined && !failure.afterEffect) return failure.problem
    const answer = perform(route, parameters)
    return Promise.resolve(failure === undefined ? answer : failure.problem)
  }

  function perform(route: string, parameters: Readonly<Record<string, unknown>>): Answer<unknown> {
    if (route === 'GET /user')
      return user === null ? problemOf(403, 'Resource not accessible by integration') : ok({ login: user })
    if (route === 'POST /graphql') return ok({ data: { viewer: { login: user ?? app } } })
    if (route.startsWith('GET ') && parameters['comment_id'] !== undefined) {
      const one = comments.find(({ id }) => id === parameters['comment_id'])
      return one === undefined ? problemOf(404, 'Not Found') : ok(show(one))
    }
    if (route.startsWith('GET ')) return ok(page(comments, Number(parameters['page'])).map(show))
    if (route.startsWith('POST ')) {
      const comment = {
        id: nextId++,
        body: String(parameters['body']),
        user: { login: user ?? app },
      }
      comments.push(comment)
      return ok(show(comment))
    }
    const comment = comments.find(({ id }) => id === parameters['comment_id'])
    if (comment === undefined) return problemOf(404, 'Not Found')
    if (route.startsWith('DELETE ')) {
      comments.splice(comments.indexOf(comment), 1)
      return ok(undefined)
    }
    comment.body = String(parameters['body'])
    return ok(show(comment))
  }

  return {
    call,
    calls,
    comments,
    /** The next call of this route fails, before or after it did its work. */
    fail: (route: string, problem: GitHubProblem, afterEffect = false) =>
      failures.push({ route, problem, afterEffect }),
  }
}

export function by(login: string, body: string, id: number): FakeComment {
  return { id, body, user: { login } }
}

function ok(value: unknown): Answer<unknown> {
  return { kind: 'ok', value }
}

function page<T>(items: readonly T[], number: number): T[] {
  return items.slice((number - 1) * 100, number * 100)
}

function show(comment: FakeComment): unknown {
  return { ...comment, html_url: `https://github.example/c/${String(comment.id)}` }
}
