import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

interface Lock {
  readonly dependencies?: readonly { readonly name: string; readonly version: string; readonly repository?: string }[]
}

/** What a chart directory lacks of what its lock says. */
export interface MissingDependencies {
  readonly names: readonly string[]
  /** The chart repositories, over http or https, of all its dependencies. */
  readonly repositories: readonly string[]
}

/** Looks into a chart directory; null when there is no Chart.lock, or everything in it is in `charts/`. */
export function missingDependencies(chart: string): MissingDependencies | null {
  const path = join(chart, 'Chart.lock')
  if (!existsSync(path)) return null
  const { dependencies = [] } = (parse(readFileSync(path, 'utf8')) as Lock | null) ?? {}
  const missing = dependencies.filter(
    ({ name, version }) =>
      !existsSync(join(chart, 'charts', `${name}-${version}.tgz`)) && !existsSync(join(chart, 'charts', name)),
  )
  if (missing.length === 0) return null
  return {
    names: missing.map(({ name, version }) => `${name} ${version}`),
    repositories: dependencies.flatMap(({ repository = '' }) => (/^https?:/.test(repository) ? [repository] : [])),
  }
}
