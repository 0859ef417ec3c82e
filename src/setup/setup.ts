import semver from 'semver'
import { findHelm, type HelmBinary } from '../helm/binary.ts'
import { describeError, type Problem } from '../platform/errors.ts'
import type { HttpGet } from '../platform/http.ts'
import type { System } from '../platform/system.ts'
import { cachedVersions, takeFromCache } from './cache.ts'
import { megabytes, shownUrl, type Downloads } from './download.ts'
import { install, majorOf, type InstallPorts } from './install.ts'
import { knownHashes } from './known-hashes.ts'
import { latestVersion, publishedVersion, resolveLocally } from './lookup.ts'
import { helmPlatform, type HelmPlatform } from './platform.ts'
import { hashInAdvance } from './trust.ts'
import { versionWarning, type VersionWish } from './version.ts'

/** Which Helm is wanted, and from where. */
export interface SetupRequest {
  readonly wish: VersionWish
  /** SHA-256 of the archive, lower-case hex; empty when the user gives none. */
  readonly sha256: string
  /** Base URLs in order of preference. */
  readonly bases: readonly string[]
}

/** The outside of the installer. */
export interface SetupPorts extends InstallPorts {
  readonly get: HttpGet
  readonly system: System
}

/** A Helm that is there, and what is to be said about it. */
export interface HelmSetup {
  readonly helm: HelmBinary
  readonly warnings: readonly string[]
}

/** For all look-ups and downloads together. */
const budgetMs = 120_000

/** Settles which version is meant, and finds, takes from the cache, or downloads and verifies it; a problem when that cannot be. */
export async function setupHelm(request: SetupRequest, ports: SetupPorts): Promise<HelmSetup | Problem> {
  const downloads = openDownloads(request.bases, ports)
  // Asked at most once: it costs a process.
  let asked: Promise<HelmBinary | Problem> | null = null
  const installed = async (): Promise<HelmBinary | Problem> => (asked ??= findHelm(ports.env, ports.system))
  try {
    const helm = await obtain(request, ports, downloads, installed)
    if ('problem' in helm) return helm
    if (helm.origin === 'installed') ports.log.line(`Helm ${helm.version.replace(/^v/, '')} is on PATH: ${helm.path}`)
    const warning = versionWarning(helm.version)
    if (warning) ports.log.warning(warning)
    return { helm, warnings: warning ? [warning] : [] }
  } catch (error) {
    return {
      problem: `Helm cannot be set up: ${describeError(error)}`,
      remedy: 'Check the space and permissions of the tool cache and of RUNNER_TEMP',
    }
  }
}

type Installed = () => Promise<HelmBinary | Problem>

async function obtain(
  request: SetupRequest,
  ports: SetupPorts,
  downloads: Downloads,
  installed: Installed,
): Promise<HelmBinary | Problem> {
  const { env, log, system } = ports
  if (request.wish.kind === 'installed') return installed()
  const platform = helmPlatform(system.name, system.arch)
  if ('problem' in platform) return platform
  const version = await resolveWish(request.wish, platform, env, downloads, installed)
  if (typeof version !== 'string') return version

  const trusted = hashInAdvance(request.sha256, version, platform.name, knownHashes)
  const cached = await takeFromCache(env['RUNNER_TOOL_CACHE'], {
    version,
    platform: platform.name,
    program: platform.binary,
    archive: trusted?.sha256 ?? null,
  })
  if (cached.kind === 'hit') {
    log.line(`Helm ${version} from the tool cache, its hash as recorded: ${cached.path}`)
    return { path: cached.path, version: `v${version}`, major: majorOf(version), origin: 'cache' }
  }
  if (cached.kind === 'tampered')
    log.warning(`${cached.path} is not what was placed there: it is not used, and replaced`)
  if (!request.sha256) {
    const there = await installed()
    if ('path' in there && semver.valid(there.version) === version) return there
  }
  return install(version, trusted, platform, ports, downloads)
}

async function resolveWish(
  wish: Exclude<VersionWish, { kind: 'installed' }>,
  platform: HelmPlatform,
  env: SetupPorts['env'],
  downloads: Downloads,
  installed: Installed,
): Promise<string | Problem> {
  switch (wish.kind) {
    case 'exact':
      return wish.version
    case 'latest':
      return latestVersion(downloads)
    case 'range': {
      const there = await installed()
      const local = {
        installed: 'path' in there ? semver.valid(there.version) : null,
        cached: cachedVersions(env),
        known: Object.keys(knownHashes).filter((version) => knownHashes[version]?.[platform.name]),
      }
      return resolveLocally(wish.range, local) ?? publishedVersion(downloads, wish.range, platform)
    }
  }
}

function openDownloads(bases: readonly string[], { get, clock, log }: SetupPorts): Downloads {
  let toldAt = 0
  return {
    get,
    clock,
    bases,
    endsAtMs: clock.now() + budgetMs,
    random: Math.random,
    onProgress: (url, received, total) => {
      if (!/\.(tar\.gz|zip)$/.test(url)) return
      const isFirst = toldAt === 0
      if (!isFirst && clock.now() - toldAt < 5000) return
      toldAt = clock.now()
      const size = total === null ? '' : ` of ${megabytes(total)}`
      log.line(
        isFirst
          ? `downloading ${shownUrl(url)}${total === null ? '' : `, ${megabytes(total)}`}`
          : `${megabytes(received)}${size}`,
      )
    },
    onRetry: (reason, waitMs) => log.line(`trying again in ${(waitMs / 1000).toFixed(1)} s: ${reason}`, 'caution'),
  }
}
