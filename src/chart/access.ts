import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { runHelm, type Session } from '../deploy/session.ts'
import { argumentsFor } from '../helm/extra-args.ts'
import type { ChartSource } from '../inputs/files.ts'
import { writeLogin } from './logins.ts'

/** Helm's view of registries and repositories for this run: configuration files of our own, so that nothing is left in the user's. */
export interface ChartAccess {
  /** What Helm is given in its environment for everything that fetches. */
  readonly env: Readonly<Record<string, string>>
  /** The name under which `repo` was added; null when it was not. */
  readonly repository: string | null
}

/** No time is left for a deploy when a registry hangs. */
export const fetchLimitMs = 120_000

const repositoryName = 'atomic-helm'

interface RepositoryFile {
  readonly repositories?: readonly { readonly name: string; readonly url: string }[]
}

/**
 * Opens the way to registry and repository: copies of the configuration that the user's Helm has, and in them the login that the
 * inputs give, by standard input. Null when neither a login nor `urls`, the repositories of a chart's dependencies, ask for it.
 */
export async function openAccess(
  session: Session,
  chart: ChartSource,
  urls: readonly string[],
): Promise<ChartAccess | null | { readonly error: string }> {
  const { inputs, folder } = session
  if (!inputs.repoUsername && urls.length === 0) return null
  const asked = await runHelm(session, 'env', ['env'], { limitMs: fetchLimitMs })
  if (asked.error) return { error: asked.error }
  const own = join(folder, 'helm')
  mkdirSync(own, { mode: 0o700 })
  const env = {
    HELM_REGISTRY_CONFIG: join(own, 'registry.json'),
    HELM_REPOSITORY_CONFIG: join(own, 'repositories.yaml'),
    HELM_REPOSITORY_CACHE: join(own, 'cache'),
  }
  const theirs = (name: keyof typeof env): string => readText(new RegExp(`^${name}="(.*)"$`, 'm').exec(asked.stdout)?.[1])
  writeFileSync(env.HELM_REGISTRY_CONFIG, withoutKeychain(theirs('HELM_REGISTRY_CONFIG')), { mode: 0o600 })
  writeFileSync(env.HELM_REPOSITORY_CONFIG, theirs('HELM_REPOSITORY_CONFIG'), { mode: 0o600 })
  const access = { env, repository: null }
  const named = inputs.repoUsername ? await login(session, chart, access) : access
  if ('error' in named) return named
  addRepositories(env.HELM_REPOSITORY_CONFIG, urls)
  return named
}

async function login(
  session: Session,
  chart: ChartSource,
  { env }: ChartAccess,
): Promise<ChartAccess | { readonly error: string }> {
  const { repo, repoUsername, repoPassword, helmArgs } = session.inputs
  const options = { env, input: repoPassword, limitMs: fetchLimitMs }
  const registry = chart.kind === 'oci' ? chart.reference : repo
  const [start, repository] = registry.startsWith('oci://')
    ? [['registry', 'login', new URL(registry).host, ...argumentsFor('login', helmArgs)], null]
    : [['repo', 'add', repositoryName, repo, ...argumentsFor('repository', helmArgs)], repositoryName]
  session.log.line(repository ? `repository ${repo}` : `registry ${new URL(registry).host}`)
  // Written first: a login that is cut off has to be taken back as well.
  if (!repository)
    writeLogin(session.folder, {
      helm: session.helm.path,
      host: new URL(registry).host,
      config: env['HELM_REGISTRY_CONFIG'] ?? '',
    })
  const { error } = await runHelm(
    session,
    'login',
    [...start, `--username=${repoUsername}`, '--password-stdin'],
    options,
  )
  return error ? { error } : { env, repository }
}

/**
 * The user's registry logins without their keychain, which would take our login and lose theirs for the same host. The entry without
 * a login keeps Helm from looking for a keychain by itself (ORAS, `DetectDefaultNativeStore`).
 */
function withoutKeychain(text: string): string {
  const { credsStore: _, ...config } = text ? (JSON.parse(text) as { credsStore?: string; auths?: object }) : {}
  return JSON.stringify({ ...config, auths: { 'atomic-helm.invalid': {}, ...config.auths } })
}

function readText(path: string | undefined): string {
  return path && existsSync(path) ? readFileSync(path, 'utf8') : ''
}

/** Helm fetches dependencies only from repositories that it has been told of; what is there keeps its credentials. */
function addRepositories(path: string, urls: readonly string[]): void {
  const file = (parse(readText(path)) as RepositoryFile | null) ?? {}
  const known = file.repositories ?? []
  const plain = (url: string): string => url.replace(/\/+$/, '')
  const missing = [...new Set(urls.map(plain))].filter((url) => !known.some((one) => plain(one.url) === url))
  if (missing.length === 0) return
  const added = missing.map((url, index) => ({ name: `atomic-helm-dependency-${index + 1}`, url }))
  writeFileSync(path, stringify({ ...file, apiVersion: '', repositories: [...known, ...added] }), { mode: 0o600 })
}
