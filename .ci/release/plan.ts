// What a release is and when it may be made, as functions over plain data; `.ci/release.ts` asks git and GitHub.

/** Everything that decides about a release. */
export interface ReleaseFacts {
  /** The version that is asked for, without `v`. */
  readonly version: string
  /** What the sources say that they are, by file. */
  readonly toldVersions: Readonly<Record<string, string>>
  readonly changelog: string
  readonly commit: string
  readonly isOnMain: boolean
  /** Whether the CI of that very commit on main has passed. */
  readonly isCiGreen: boolean
  /** What differs from the commit now that dist/ has been built anew. */
  readonly changedFiles: readonly string[]
  /** The tags that the remote has, with the commits they name. */
  readonly tags: ReadonlyMap<string, string>
}

/** What a release does. */
export interface ReleasePlan {
  readonly tag: string
  /** The tag that users follow, such as `v1`; null when a newer release of that major has it. */
  readonly movingTag: string | null
  /** The version's part of the changelog. */
  readonly notes: string
}

type Version = readonly [major: number, minor: number, patch: number]

/** Everything that speaks against the release, each with what to do; empty when nothing does. */
export function releaseProblems(facts: ReleaseFacts): string[] {
  const { version, toldVersions, changelog, commit, isOnMain, isCiGreen, changedFiles, tags } = facts
  if (!parseVersion(version)) return [`"${version}" is no version: give three numbers, such as 1.2.3, without v`]
  const tagged = tags.get(`v${version}`)
  return [
    ...Object.entries(toldVersions)
      .filter(([, told]) => told !== version)
      .map(([file, told]) => `${file} says ${told}, not ${version}: run \`node .ci/release.ts prepare ${version}\``),
    ...(changelogSection(changelog, version) === ''
      ? [`CHANGELOG.md tells nothing of ${version}: run \`node .ci/release.ts prepare ${version}\``]
      : []),
    ...(isOnMain ? [] : [`${commit} is not on main: merge it first`]),
    ...(isCiGreen ? [] : [`CI has not passed for ${commit} on main: wait for it, or mend it`]),
    ...(changedFiles.length > 0
      ? [`the build makes something else than is committed: ${changedFiles.join(', ')}: run \`npm run build\``]
      : []),
    ...(tagged === undefined || tagged === commit
      ? []
      : [`v${version} exists already, for ${tagged}: a released version never changes, take the next`]),
  ]
}

/** What a release without problems does. */
export function planRelease({ version, changelog, tags }: ReleaseFacts): ReleasePlan {
  return {
    tag: `v${version}`,
    movingTag: isNewestOfMajor(version, [...tags.keys()]) ? `v${parseVersion(version)?.[0]}` : null,
    notes: changelogSection(changelog, version),
  }
}

/** The text below a version's heading; empty when it has none, or nothing below it. */
export function changelogSection(changelog: string, version: string): string {
  const [, ...parts] = changelog.split(/^## /m)
  const part = parts.find((text) => text.startsWith(`[${version}]`)) ?? ''
  return part.split('\n').slice(1).join('\n').trim()
}

/** The changelog with what is unreleased under the heading of a version; throws when nothing is. `date` is 2026-12-31. */
export function withRelease(changelog: string, version: string, date: string): string {
  if (changelogSection(changelog, 'Unreleased') === '') throw new Error('CHANGELOG.md has nothing under "Unreleased"')
  return changelog.replace('## [Unreleased]\n', `## [Unreleased]\n\n## [${version}] - ${date}\n`)
}

/** Whether no tag names a newer version of the same major. */
export function isNewestOfMajor(version: string, tags: readonly string[]): boolean {
  const own = parseVersion(version)
  if (!own) return false
  return tags.every((tag) => {
    const other = parseVersion(tag.replace(/^v/, ''))
    return !other || other[0] !== own[0] || !isNewer(other, own)
  })
}

function isNewer(other: Version, own: Version): boolean {
  return other[1] === own[1] ? other[2] > own[2] : other[1] > own[1]
}

/** Three numbers and nothing else: there are no pre-releases, so that `v1` is all that anybody has to follow. */
function parseVersion(version: string): Version | null {
  const [, major, minor, patch] = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.exec(version) ?? []
  return patch === undefined ? null : [Number(major), Number(minor), Number(patch)]
}
