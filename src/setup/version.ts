import semver from 'semver'
import type { Problem } from '../platform/errors.ts'

/** Which Helm a workflow asks for. */
export type VersionWish =
  | { readonly kind: 'exact'; readonly version: string }
  | { readonly kind: 'range'; readonly range: string }
  | { readonly kind: 'latest' }
  | { readonly kind: 'installed' }

/** The Helm that this release of the action was tested with, and takes when no other is asked for. */
export const defaultVersion = '4.3.1'

const remedy =
  'Use an exact version such as 3.22.0, a range such as 4, 3.18.x, ^4.1 or ">=3.14 <4", `latest`, or `installed`'

/** Reads what `helm-version` or a version file says; `where` names the place in the problem. Versions are without `v`. */
export function parseVersionWish(text: string, where: string): VersionWish | Problem {
  const wanted = text.trim()
  if (wanted === 'latest' || wanted === 'installed') return { kind: wanted }
  const exact = semver.parse(wanted)
  if (exact && exact.build.length === 0)
    return isMajor(exact.major)
      ? { kind: 'exact', version: exact.version }
      : { problem: `${where}: Helm ${exact.version} is not Helm 3 or 4`, remedy: 'Use Helm 3.14 or later, or Helm 4' }
  const range = exact || wanted === '' ? null : semver.validRange(wanted)
  if (range === null) return { problem: `${where}: "${wanted}" is not a version of Helm`, remedy }
  if (!semver.intersects(range, '>=3.0.0-0 <5.0.0'))
    return { problem: `${where}: "${wanted}" allows neither Helm 3 nor Helm 4`, remedy }
  return { kind: 'range', range: wanted }
}

/** Whether the action knows how to work with this major. */
export function isMajor(major: number): major is 3 | 4 {
  return major === 3 || major === 4
}

/** Why one had better not deploy with this version; null for one that is supported. */
export function versionWarning(tag: string): string | null {
  const version = tag.replace(/^v/, '')
  // A Helm that was built without its version says something shorter.
  if (!semver.valid(version)) return null
  if (semver.lt(version, '3.14.0-0'))
    return `Helm ${version} is not supported: the action is tested with Helm 3.14 and later, and older ones lack options that it uses`
  if (hasRollbackRegression(version))
    return `Helm ${version} is not supported: its rollback has a regression that Helm 4.2 mended (helm/helm#32244)`
  return null
}

/** Helm 4.1 has a rollback that cannot be relied on. */
export function hasRollbackRegression(version: string): boolean {
  return semver.satisfies(version, '4.1.x', { includePrerelease: true })
}

/** Takes the version out of a file: `.tool-versions` by its line for `helm`, any other file by its only word. */
export function versionInFile(content: string, path: string): VersionWish | Problem {
  const where = `\`helm-version-file\` ${path}`
  const lines = content
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*/, '').trim())
    .filter(Boolean)
  if (/(^|[/\\])\.tool-versions$/.test(path)) {
    const words = lines.map((line) => line.split(/\s+/)).find(([tool]) => tool === 'helm')
    const version = words?.[1]
    if (!version) return { problem: `${where} has no line for helm`, remedy: 'Add one, such as `helm 3.22.0`' }
    return parseVersionWish(version === 'system' ? 'installed' : version.replace(/^latest:/, ''), where)
  }
  const [only = ''] = lines
  if (lines.length !== 1)
    return { problem: `${where} holds ${lines.length} lines`, remedy: 'Let it hold a version and nothing else' }
  return parseVersionWish(only, where)
}
