// A small GitHub for tests: stateful, on a port of its own, and strict about the API's description in both directions.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { served } from './answers.ts'
import type { Served } from './answers.ts'
import { checkAnswer, checkRequest, findOperation } from './check.ts'
import type { Json } from './description.ts'
import { createFaults, play } from './faults.ts'
import type { Fault } from './faults.ts'
import { answerAsGitea } from './gitea.ts'
import { problem } from './pages.ts'
import type { Answer } from './pages.ts'
import { createWorld, setPull } from './world.ts'
import type { Comment, Deployment, Identity, Pull, World, WorldOptions } from './world.ts'

export type Seen = {
  method: string
  path: string
  query: Record<string, string>
  body: Json | undefined
  login: string | undefined
  /** What was answered; 0 when the connection was cut or left waiting. */
  status: number
  at: number
}
export type Violation = { side: 'request' | 'answer'; method: string; path: string; problems: string[] }
export type GitHub = {
  url: string
  comments: (issue?: number) => Comment[]
  /** The oldest first, with their statuses, the oldest first. */
  deployments: () => Deployment[]
  /** Changes a pull request, or adds it: somebody has pushed, closed or reopened. */
  setPull: (pull: Pick<Pull, 'number'> & Partial<Pull>) => void
  requests: () => Seen[]
  violations: () => Violation[]
  /** Queues a fault for the next matching requests. */
  fail: (fault: Fault) => void
  /** Stops; throws when an answer of ours broke the description, since then the tests prove nothing. */
  close: () => Promise<void>
}

/** Where the API is: GitHub's at the root; that of GitHub Enterprise Server, or of Gitea and Forgejo, below a path. */
export type ApiBase = '' | '/api/v3' | '/api/v1'

/** Starts the stand-in on a free port of the loopback interface. */
export async function startGitHub(options: WorldOptions & { port?: number }): Promise<GitHub> {
  const base = options.base ?? ''
  const world = createWorld(options)
  const faults = createFaults()
  const requests: Seen[] = []
  const violations: Violation[] = []
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      violations.push({
        side: 'answer',
        method: request.method ?? '',
        path: request.url ?? '',
        problems: [String(error)],
      })
      if (!response.headersSent) send(response, { status: 500, body: { message: String(error) } })
    })
  })

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET'
    const target = new URL(request.url ?? '/', 'http://stand-in')
    // GitHub's own Link headers name repositories by id; the description knows them by name only.
    const path = belowBase(target.pathname, base).replace(
      `/repositories/${world.id}/`,
      `/repos/${world.owner}/${world.name}/`,
    )
    if (path === '/_state') return send(response, { status: 200, body: state() })
    const raw = await readBody(request)
    const query = Object.fromEntries(target.searchParams)
    const identity = identify(world, request.headers.authorization)
    const seen: Seen = { method, path, query, body: undefined, login: identity?.login, status: 0, at: Date.now() }
    requests.push(seen)
    const reject = (problems: string[]): void => {
      violations.push({ side: 'request', method, path, problems })
      seen.status = 500
      send(response, { status: 500, body: { message: `Not GitHub's API: ${problems.join('; ')}` } })
    }
    const parsed = parse(raw)
    if (parsed.failed) return reject([`body: not JSON: ${raw.slice(0, 200)}`])
    seen.body = parsed.value
    if (base === '/api/v1') {
      const asked = { method, path, query, body: seen.body, api: url() }
      const answer = answerAsGitea(world, identity, asked)
      seen.status = answer.status
      return send(response, answer)
    }
    const found = findOperation(method, path)
    if (found === undefined) return reject([`${method} ${path} is not in the description`])
    const problems = checkRequest(found.operation, { path: found.params, query, body: seen.body })
    if (request.headers['user-agent'] === undefined) problems.push('header user-agent: missing')
    if (problems.length > 0) return reject(problems)
    const service = served[found.operation.name]
    if (service === undefined) return reject([`${found.operation.name} is not served by this stand-in`])

    const truth = (): Answer =>
      refusal(world, identity, request.headers.authorization, found.params, service) ??
      service.answer({
        world,
        identity: identity as Identity,
        params: found.params,
        query,
        body: seen.body,
        api: url(),
      })
    let answer: Answer | undefined
    const fault = faults.take(method, path)
    if (fault !== undefined) {
      if (fault.afterEffect === true) answer = truth()
      const played = await play(fault, response)
      if (played === 'gone') return
      if (played !== 'pass') answer = played
    }
    answer ??= truth()
    const wrong = checkAnswer(found.operation, answer.status, answer.body)
    if (wrong.length > 0) throw new Error(`our answer to ${found.operation.name}: ${wrong.join('; ')}`)
    seen.status = answer.status
    send(response, answer)
  }

  const state = (): Json =>
    JSON.parse(
      JSON.stringify({
        repo: options.repo,
        pulls: world.pulls,
        comments: world.comments,
        deployments: world.deployments,
        requests,
        violations,
      }),
    ) as Json
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  return {
    url: url(),
    comments: (issue) => structuredClone(world.comments.filter((c) => issue === undefined || c.issue === issue)),
    deployments: () => structuredClone(world.deployments),
    setPull: (change) => setPull(world, change),
    requests: () => structuredClone(requests),
    violations: () => structuredClone(violations),
    fail: (fault) => faults.add(fault),
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      const ours = violations.filter(({ side }) => side === 'answer')
      if (ours.length > 0) throw new Error(`the stand-in broke the description: ${JSON.stringify(ours, null, 2)}`)
    },
  }
}

/** GraphQL is beside the REST API of GitHub Enterprise Server; what is asked elsewhere keeps its path, which nobody serves. */
function belowBase(path: string, base: ApiBase): string {
  if (base === '/api/v3' && path === '/api/graphql') return '/graphql'
  if (base === '') return path
  return path.startsWith(`${base}/`) ? path.slice(base.length) : `/not-below${path}`
}

function identify(world: World, authorization: string | undefined): Identity | undefined {
  return world.tokens[/^(?:token|bearer) (.+)$/i.exec(authorization ?? '')?.[1] ?? '']
}

function refusal(
  world: World,
  identity: Identity | undefined,
  authorization: string | undefined,
  params: Record<string, string>,
  { needs, write, docs }: Served,
): Answer | undefined {
  if (identity === undefined) {
    return problem(401, authorization === undefined ? 'Requires authentication' : 'Bad credentials', '')
  }
  const { owner = world.owner, repo = world.name } = params
  if (owner.toLowerCase() !== world.owner.toLowerCase() || repo.toLowerCase() !== world.name.toLowerCase()) {
    return problem(404, 'Not Found', docs)
  }
  const rights = needs === 'deployments' ? (identity.deployments ?? identity.rights) : identity.rights
  if (needs === 'metadata' || rights === 'write') return undefined
  if (rights === 'read' && write !== true) return undefined
  const right = write === true ? 'write' : 'read'
  const who = identity.type === 'Bot' ? 'integration' : 'personal access token'
  return {
    ...problem(403, `Resource not accessible by ${who}`, docs),
    headers: { 'x-accepted-github-permissions': accepted(needs, right) },
  }
}

function accepted(needs: Served['needs'], right: string): string {
  return needs === 'deployments' ? `deployments=${right}` : `issues=${right}; pull_requests=${right}`
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function parse(raw: string): { failed: boolean; value?: Json } {
  if (raw === '') return { failed: false }
  try {
    return { failed: false, value: JSON.parse(raw) as Json }
  } catch {
    return { failed: true }
  }
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  const all = {
    'content-type': 'application/json; charset=utf-8',
    'x-github-request-id': randomBytes(8).toString('hex').toUpperCase(),
    'x-ratelimit-limit': '1000',
    'x-ratelimit-remaining': '900',
    'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 3600),
    'x-ratelimit-resource': 'core',
    ...headers,
  }
  response.statusCode = status
  for (const [name, value] of Object.entries(all)) if (value !== undefined) response.setHeader(name, value)
  response.end(body === undefined ? undefined : JSON.stringify(body))
}
