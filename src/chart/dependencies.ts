import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

interface Dependency {
  readonly name: string
  readonly version: string
  readonly repository?: string
}

/** What a chart directory lacks of what its lock says. */
export interface MissingDependencies {
  readonly names: readonly string[]
  /** The repositories of all its dependencies, as the lock names them, but for folders and registries: a URL, or `@name`. */
  readonly repositories: readonly string[]
}

/**
 * Looks into a chart directory; null when there is no Chart.lock, or everything in it is in `charts/`. Throws when the lock cannot be
 * read.
 */
export function missingDependencies(chart: string): MissingDependencies | null {
  const path = join(chart, 'Chart.lock')
  if (!existsSync(path)) return null
  const dependencies = readLock(readFileSync(path, 'utf8'))
  const missing = dependencies.filter(
    ({ name, version }) =>
      !existsSync(join(chart, 'charts', `${name}-${version}.tgz`)) && !existsSync(join(chart, 'charts', name)),
  )
  if (missing.length === 0) return null
  return {
    names: missing.map(({ name, version }) => `${name} ${version}`),
    repositories: dependencies.flatMap(({ repository = '' }) =>
      /^(?:https?:|@|alias:)/.test(repository) ? [repository] : [],
    ),
  }
}

function readLock(text: string): readonly Dependency[] {
  const lock: unknown = parse(text) ?? {}
  const isMap = typeof lock === 'object' && !Array.isArray(lock)
  const found = isMap ? ((lock as { readonly dependencies?: unknown }).dependencies ?? []) : null
  const isList = (list: unknown): list is Dependency[] =>
    Array.isArray(list) &&
    list.every((one: Partial<Dependency> | null) => typeof one?.name === 'string' && typeof one.version === 'string')
  if (!isList(found)) throw new Error('its `dependencies` are not a list of names and versions')
  return found
}
