// The pull requests of the repository, and who may do what in it.
import { page, problem } from './pages.ts'
import type { Answer, Call } from './pages.ts'
import { permissionShape, pullShape } from './shapes.ts'

/** Pull requests by state, the newest first. */
export function listPulls(call: Call): Answer {
  const state = call.query['state'] ?? 'open'
  const pulls = call.world.pulls
    .filter((pull) => state === 'all' || (pull.state ?? 'open') === state)
    .toSorted((a, b) => b.number - a.number)
  return page(call, 'pulls', pulls, (pull) => pullShape(call.world, pull, 'pull-request-simple'))
}

/** What somebody may do; an app has no role, and is no user for the API. */
export function getPermission({ world, params }: Call): Answer {
  const login = params['username'] ?? ''
  if (login.endsWith('[bot]')) return problem(404, `${login} is not a user`, 'collaborators/collaborators')
  const role = world.roles[login] ?? (world.private ? 'none' : 'read')
  return { status: 200, body: permissionShape(login, role) }
}
