import semver from 'semver'

/** The platforms that Helm is published for. */
export const platforms = [
  'darwin-amd64',
  'darwin-arm64',
  'linux-386',
  'linux-amd64',
  'linux-arm',
  'linux-arm64',
  'linux-loong64',
  'linux-ppc64le',
  'linux-riscv64',
  'linux-s390x',
  'windows-amd64',
  'windows-arm64',
]

/** One archive that Helm publishes: a version without `v`, and one of the platforms. */
export interface Archive {
  readonly version: string
  readonly platform: string
}

/** What one source says about one archive. */
export interface Claim extends Archive {
  readonly source: string
  readonly sha256: string
}

/** A hash of an archive, and the sources that say so. */
export interface Agreed extends Archive {
  readonly sha256: string
  readonly sources: readonly string[]
}

/**
 * Whose word a source is: `helm` when it only repeats what Helm publishes, its own name when it has hashed the archives itself, or
 * checks those that it downloads against what it has recorded: then the archives that it got were these.
 */
export type OriginOf = (source: string) => string

/** What the claims of all sources come to, each list in the order of versions and platforms. */
export interface Agreement {
  /** Sources of two or more origins say the same, and none says anything else. */
  readonly accepted: readonly Agreed[]
  /** What sources contradict each other about, a line for each side of it. */
  readonly disputed: readonly Agreed[]
  /** All that say so have it from the same origin. */
  readonly lonely: readonly Agreed[]
}

/** From how many places, independent of each other, a hash comes. */
export function originsOf({ sources }: Pick<Agreed, 'sources'>, originOf: OriginOf): number {
  return new Set(sources.map(originOf)).size
}

/** Merges claims. One hash for two archives is a contradiction too: at least one source mixed them up. */
export function agree(claims: readonly Claim[], originOf: OriginOf): Agreement {
  const all = [...Map.groupBy(claims, (claim) => `${archiveName(claim)} ${claim.sha256}`).values()]
    .flatMap(([first, ...others]) => (first ? [{ first, others }] : []))
    .map(({ first: { version, platform, sha256, source }, others }) => {
      const sources = [...new Set([source, ...others.map((other) => other.source)])].sort((a, b) =>
        a.localeCompare(b, 'en'),
      )
      return { version, platform, sha256, sources }
    })
    .sort(byArchive)
  const sidesOf = Map.groupBy(all, archiveName)
  const archivesOf = Map.groupBy(all, ({ sha256 }) => sha256)
  const isDisputed = (one: Agreed): boolean =>
    sidesOf.get(archiveName(one))?.length !== 1 || archivesOf.get(one.sha256)?.length !== 1
  const clear = all.filter((one) => !isDisputed(one))
  return {
    accepted: clear.filter((one) => originsOf(one, originOf) > 1),
    disputed: all.filter(isDisputed),
    lonely: clear.filter((one) => originsOf(one, originOf) === 1),
  }
}

/** The name under which Helm publishes an archive. */
export function archiveName({ version, platform }: Archive): string {
  return `helm-v${version}-${platform}.${platform.startsWith('windows-') ? 'zip' : 'tar.gz'}`
}

/** The archive of that name; null when it is not one that the table is about: another kind of file, a pre-release, or too old. */
export function parseArchiveName(name: string): Archive | null {
  const [, version, platform] = /^helm-v(\d+\.\d+\.\d+)-([a-z0-9]+-[a-z0-9]+)\.[a-z.]+$/.exec(name) ?? []
  if (!version || !platform || !platforms.includes(platform)) return null
  const archive = { version, platform }
  return archiveName(archive) === name && semver.valid(version) && semver.gte(version, '3.14.0') ? archive : null
}

/** The order of the record: by version, then by platform. */
export function byArchive(one: Archive, other: Archive): number {
  return (
    semver.compare(one.version, other.version) || platforms.indexOf(one.platform) - platforms.indexOf(other.platform)
  )
}
