import type { GitHubCall } from './call.ts'

/** Who the token of a workflow writes as, where it cannot be asked: on GitHub, Gitea and Forgejo. */
const workflowLogins: readonly string[] = ['github-actions[bot]', 'gitea-actions', 'forgejo-actions']

interface Viewer {
  readonly data?: { readonly viewer?: { readonly login?: unknown } | null } | null
}

/**
 * Whom the token's comments are by; several where only the names of all servers' workflows are known. REST tells it to a person, and on
 * Gitea and Forgejo to a workflow; an app on GitHub learns it as the viewer of GraphQL. Asks once, and only when it is called.
 */
export function authorAsker(call: GitHubCall): () => Promise<readonly string[]> {
  let asked: Promise<readonly string[]> | undefined
  return () => (asked ??= askAuthor(call))
}

async function askAuthor(call: GitHubCall): Promise<readonly string[]> {
  const user = await call('GET /user', {})
  const own = user.kind === 'ok' ? (user.value as { readonly login?: unknown } | null)?.login : await viewerOf(call)
  return typeof own === 'string' && own !== '' ? [own] : workflowLogins
}

async function viewerOf(call: GitHubCall): Promise<unknown> {
  const viewer = await call('POST /graphql', { query: '{ viewer { login } }' })
  return viewer.kind === 'ok' ? (viewer.value as Viewer | null)?.data?.viewer?.login : undefined
}
