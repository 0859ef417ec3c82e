// The pull requests of the repository, and who may do what in it.
import { page, problem } from './pages.ts'
import type { Answer, Call } from './pages.ts'
import { permissionShape, pullShape } from './shapes.ts'

/** Pull requests by state and by head as `owner:branch`, the newest first. */
export function listPulls(call: Call): Answer {
  const { world } = call
  const { state = 'open', head = '' } = call.query
  const pulls = world.pulls
    .filter((pull) => state === 'all' || (pull.state ?? 'open') === state)
    .filter(({ head: { repo, ref } }) => {
      const [owner = ''] = (repo ?? world.owner).split('/')
      return head === '' || head === `${owner}:${ref}`
    })
    .toSorted((a, b) => b.number - a.number)
  return page(call, 'pulls', pulls, (pull) => pullShape(world, pull, 'pull-request-simple'))
}

/** What somebody may do; an app has no role, and is no user for the API. */
export function getPermission({ world, params }: Call): Answer {
  const login = params['username'] ?? ''
  if (login.endsWith('[bot]')) return problem(404, `${login} is not a user`, 'collaborators/collaborators')
  const role = world.roles[login] ?? (world.private ? 'none' : 'read')
  return { status: 200, body: permissionShape(login, role) }
}
