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

interface Repository {
  readonly name: string
  readonly url: string
}

/**
 * Opens the way to registry and repository: copies of the configuration that the user's Helm has, and in them the login that the
 * inputs give, by standard input. Null when neither a login nor `dependencies`, the repositories of a chart's dependencies as its lock
 * names them, ask for it.
 */
export async function openAccess(
  session: Session,
  chart: ChartSource,
  dependencies: readonly string[],
): Promise<ChartAccess | null | { readonly error: string }> {
  const { inputs, folder } = session
  if (!inputs.repoUsername && dependencies.length === 0) return null
  const asked = await runHelm(session, 'env', ['env'], { limitMs: fetchLimitMs })
  if (asked.error) return { error: asked.error }
  const own = join(folder, 'helm')
  mkdirSync(own, { mode: 0o700 })
  const env = {
    HELM_REGISTRY_CONFIG: join(own, 'registry.json'),
    HELM_REPOSITORY_CONFIG: join(own, 'repositories.yaml'),
    HELM_REPOSITORY_CACHE: join(own, 'cache'),
  }
  const theirs = (name: keyof typeof env): string =>
    readText(new RegExp(`^${name}="(.*)"$`, 'm').exec(asked.stdout)?.[1])
  const registry = registryOf(chart, inputs.repo)
  const ours = inputs.repoUsername ? registry : ''
  const config = withoutKeychain(theirs('HELM_REGISTRY_CONFIG'), ours.startsWith('oci://') ? new URL(ours).host : '')
  writeFileSync(env.HELM_REGISTRY_CONFIG, config, { mode: 0o600 })
  const repositories = repositoriesFor(dependencies, theirs('HELM_REPOSITORY_CONFIG'), ours)
  writeFileSync(env.HELM_REPOSITORY_CONFIG, stringify({ apiVersion: '', repositories }), { mode: 0o600 })
  return ours ? login(session, registry, env) : { env, repository: null }
}

async function login(
  session: Session,
  registry: string,
  env: ChartAccess['env'],
): Promise<ChartAccess | { readonly error: string }> {
  const { repoUsername, repoPassword, helmArgs } = session.inputs
  const options = { env, input: repoPassword, limitMs: fetchLimitMs }
  const { host } = new URL(registry)
  const [start, repository] = registry.startsWith('oci://')
    ? [['registry', 'login', host, ...argumentsFor('login', helmArgs)], null]
    : [['repo', 'add', repositoryName, registry, ...argumentsFor('repository', helmArgs)], repositoryName]
  session.log.line(repository ? `repository ${registry}` : `registry ${host}`)
  // Written first: a login that is cut off has to be taken back as well.
  if (!repository)
    writeLogin(session.folder, { helm: session.helm.path, host, config: env['HELM_REGISTRY_CONFIG'] ?? '' })
  const { error } = await runHelm(
    session,
    'login',
    [...start, `--username=${repoUsername}`, '--password-stdin'],
    options,
  )
  return error ? { error } : { env, repository }
}

/** Where a login is for: a registry as `oci://…`, or a chart repository. */
export function registryOf({ kind, reference }: ChartSource, repo: string): string {
  return kind === 'oci' ? reference : repo
}

interface RegistryConfig {
  readonly credsStore?: string
  readonly credHelpers?: Readonly<Record<string, string>>
  readonly auths?: object
}

/**
 * The user's registry logins without the keychains that would take our login and lose theirs for the same host: the one for all, and
 * the one of our host, empty when we do not log in. The entry without a login keeps Helm from looking for a keychain by itself (ORAS,
 * `DetectDefaultNativeStore`).
 */
function withoutKeychain(text: string, host: string): string {
  const { credsStore, credHelpers, ...config } = text ? (JSON.parse(text) as RegistryConfig) : {}
  const others = Object.entries(credHelpers ?? {}).filter(([name]) => name !== host)
  return JSON.stringify({
    ...config,
    ...(host || !credsStore ? {} : { credsStore }),
    ...(others.length > 0 ? { credHelpers: Object.fromEntries(others) } : {}),
    auths: { ...(host ? { 'atomic-helm.invalid': {} } : {}), ...config.auths },
  })
}

function readText(path: string | undefined): string {
  return path && existsSync(path) ? readFileSync(path, 'utf8') : ''
}

/**
 * The repositories that the dependencies of a chart are in, for Helm fetches only from such as it has been told of. Those of the user
 * keep their credentials; what no dependency needs is left out, for Helm asks all of them, and fails when one is down. `ours` is left
 * out too: it is added with the login.
 */
function repositoriesFor(dependencies: readonly string[], theirs: string, ours: string): Repository[] {
  const plain = (url: string): string => url.replace(/\/+$/, '')
  const aliases = dependencies.flatMap((one) => /^(?:@|alias:)(.+)/.exec(one)?.[1] ?? [])
  const urls = [...new Set(dependencies.filter((one) => /^https?:/.test(one)).map(plain))]
  const file = parse(theirs) as { readonly repositories?: readonly Repository[] } | null
  const known = (file?.repositories ?? []).filter(
    ({ name, url }) => plain(url) !== plain(ours) && (aliases.includes(name) || urls.includes(plain(url))),
  )
  const missing = urls.filter((url) => url !== plain(ours) && !known.some((one) => plain(one.url) === url))
  return [...known, ...missing.map((url, index) => ({ name: `atomic-helm-dependency-${index + 1}`, url }))]
}
