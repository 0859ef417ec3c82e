import semver from 'semver'
import type { Problem } from '../platform/errors.ts'
import { oneLine } from '../platform/untrusted.ts'
import { download, shownUrl, type Downloads } from './download.ts'
import { archiveName, type HelmPlatform } from './platform.ts'
import { publishedHash } from './trust.ts'
import { hasRollbackRegression, isMajor } from './version.ts'

/** What is known of Helm's versions without asking; each without `v`. */
export interface LocalVersions {
  readonly installed: string | null
  readonly cached: readonly string[]
  readonly known: readonly string[]
}

/** Bytes: the answer is a version, and one that is not should be shown. */
const mostAnswer = 64 * 1024

/**
 * The version that a range means here: the installed one if it is in the range, else the newest of the tool cache, else the newest
 * known. One with a known fault only when there is no other. Null when none is in the range.
 */
export function resolveLocally(range: string, { installed, cached, known }: LocalVersions): string | null {
  const places = [installed ? [installed] : [], cached, known].map((versions) =>
    versions.filter((version) => semver.satisfies(version, range) && isMajor(semver.major(version))),
  )
  const newest = (versions: readonly string[]): string | null => versions.toSorted(semver.rcompare)[0] ?? null
  const sound = places.map((versions) => newest(versions.filter((version) => !hasRollbackRegression(version))))
  return [...sound, ...places.map(newest)].find((version) => version !== null) ?? null
}

/** Asks for the newest version of all; what comes back must be one. */
export async function latestVersion(downloads: Downloads): Promise<string | Problem> {
  return (await askVersion(downloads, 'helm-latest-version')) ?? notFound(downloads, 'The newest version of Helm')
}

/**
 * The newest published version in a range, of the newest major that has one: that which Helm calls the newest of the major if it is in
 * the range, else by asking for one version after the other, from the lowest of each alternative of the range.
 */
export async function publishedVersion(
  downloads: Downloads,
  range: string,
  platform: HelmPlatform,
): Promise<string | Problem> {
  for (const major of [4, 3]) {
    if (!semver.intersects(range, `${major}.x`)) continue
    const newest = await askVersion(downloads, `helm${major}-latest-version`)
    if (newest && typeof newest !== 'string') return newest
    if (newest && semver.satisfies(newest, range)) return newest
    const climbed: string[] = []
    for (const alternative of alternativesOf(range, major)) {
      const highest = await climb(downloads, alternative, platform)
      if (highest && typeof highest !== 'string') return highest
      if (highest) climbed.push(highest)
    }
    const [highest] = climbed.toSorted(semver.rcompare)
    if (highest) return highest
  }
  return notFound(downloads, `A version of Helm in "${range}"`)
}

/** What stands between the `||` of a range, each within one major; what allows nothing of it is left out. */
function alternativesOf(range: string, major: number): string[] {
  const within = `>=${major}.0.0-0 <${major + 1}.0.0-0`
  const all = new semver.Range(range).set.map((parts) => parts.map(({ value }) => value).join(' '))
  return all.filter((one) => semver.intersects(one, within)).map((one) => `${one} ${within}`)
}

async function askVersion(downloads: Downloads, name: string): Promise<string | Problem | null> {
  const answer = await download(downloads, name, mostAnswer)
  if (answer.kind === 'absent') return null
  if (answer.kind === 'failed') return failed(name, answer)
  const text = answer.content.toString('utf8').trim()
  const version = /^v\d+\.\d+\.\d+$/.test(text) ? semver.valid(text) : null
  if (version && isMajor(semver.major(version))) return version
  return {
    problem: `${answer.url} does not answer with a version of Helm 3 or 4 but "${oneLine(text, 120)}"`,
    remedy: 'Check `helm-download-url`, or give an exact `helm-version`',
  }
}

/** How many versions in a row may be missing: Helm has left out a number now and then. */
const mostGaps = 2
const mostMinors = 30
const mostPatches = 100

async function climb(downloads: Downloads, range: string, platform: HelmPlatform): Promise<string | Problem | null> {
  const lowest = semver.minVersion(range)
  if (!lowest) return null
  let found: string | null = null
  for (let minor = lowest.minor; minor < lowest.minor + mostMinors; minor++) {
    let isMinorThere = false
    for (
      let patch = minor === lowest.minor ? lowest.patch : 0, gaps = 0;
      gaps < mostGaps && patch < mostPatches;
      patch++
    ) {
      const version = `${lowest.major}.${minor}.${patch}`
      if (!semver.satisfies(version, range)) break
      const sum = await download(downloads, `${archiveName(version, platform)}.sha256sum`, mostAnswer)
      if (sum.kind === 'failed') return failed(`helm ${version}`, sum)
      if (sum.kind === 'absent') {
        gaps++
        continue
      }
      const hash = publishedHash(sum.content.toString('utf8'), archiveName(version, platform), sum.url)
      if ('problem' in hash) return hash
      found = version
      isMinorThere = true
      gaps = 0
    }
    if (!isMinorThere) break
  }
  return found
}

function failed(what: string, { tried }: { readonly tried: readonly string[] }): Problem {
  return {
    problem: `${what} cannot be had: ${tried.join('; ')}`,
    remedy: 'Check `helm-download-url`, the proxy and the network of the runner, or give an exact `helm-version`',
  }
}

function notFound({ bases }: Downloads, what: string): Problem {
  return {
    problem: `${what} cannot be found at ${bases.map(shownUrl).join(', ')}`,
    remedy: 'Check `helm-version` and `helm-download-url`, or give an exact version',
  }
}
