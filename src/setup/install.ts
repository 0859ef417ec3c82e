import { tmpdir } from 'node:os'
import { join } from 'node:path'
import semver from 'semver'
import { askHelmVersion, type HelmBinary } from '../helm/binary.ts'
import type { Clock } from '../platform/clock.ts'
import { describeError, type Problem } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'
import { placeInCache, sha256, type InstallRecord } from './cache.ts'
import { download, megabytes, type Downloads } from './download.ts'
import { archiveName, type HelmPlatform } from './platform.ts'
import { hashProblem, publishedHash, type TrustedHash } from './trust.ts'
import { takeProgram } from './unpack.ts'

/** What an install works with, beside its downloads. */
export interface InstallPorts {
  readonly env: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly log: Log
}

/** An archive is about 20 MB. Bytes. */
const mostArchive = 200 * 1024 * 1024
const mostSum = 64 * 1024

/**
 * Downloads an archive, verifies it, takes the program out and places it in the tool cache. Nothing is left of one that is refused.
 */
export async function install(
  version: string,
  inAdvance: TrustedHash | null,
  platform: HelmPlatform,
  { env, log, clock }: InstallPorts,
  downloads: Downloads,
): Promise<HelmBinary | Problem> {
  const name = archiveName(version, platform)
  const startedAt = clock.now()
  const archive = await download(downloads, name, mostArchive)
  if (archive.kind !== 'found')
    return {
      problem: `Helm ${version} cannot be downloaded: ${archive.tried.join('; ')}`,
      remedy:
        archive.kind === 'absent'
          ? 'Check that this version exists for this platform, and `helm-download-url`'
          : 'Check `helm-download-url`, the proxy and the network of the runner',
    }
  const trusted = inAdvance ?? (await hashBeside(archive, name, downloads))
  if ('problem' in trusted) return trusted
  const archiveSha256 = sha256(archive.content)
  const problem = hashProblem(trusted, archiveSha256, archive.url)
  if (problem) return problem
  const program = await takeProgram(archive.content, platform).catch((error: unknown) => describeError(error))
  if (typeof program === 'string')
    return { problem: `${archive.url} cannot be unpacked: ${program}`, remedy: 'Check `helm-download-url`' }

  const seconds = ((clock.now() - startedAt) / 1000).toFixed(1)
  log.line(`downloaded ${archive.url} (${megabytes(archive.content.length)} in ${seconds} s), SHA-256 ${archiveSha256}`)
  tellTrust(log, trusted)
  const origin = { version, platform: platform.name, archiveSha256 }
  const path = await place(env, log, program, platform.binary, origin, trusted)
  return typeof path === 'string' ? { path, version: `v${version}`, major: majorOf(version), origin: 'download' } : path
}

/** The hash that is published where the archive came from: one from any other place would not be about this archive. */
async function hashBeside(
  { base, url }: { readonly base: string; readonly url: string },
  name: string,
  downloads: Downloads,
): Promise<TrustedHash | Problem> {
  const sum = await download({ ...downloads, bases: [base] }, `${name}.sha256sum`, mostSum)
  if (sum.kind === 'found') return publishedHash(sum.content.toString('utf8'), name, sum.url)
  return {
    problem: `${url} is not used: no hash of it is known, and none is published beside it (${sum.tried.join('; ')})`,
    remedy: 'Give the hash of the archive in `helm-sha256`',
  }
}

function tellTrust(log: Log, { from }: TrustedHash): void {
  if (from === 'input') log.line('its hash is the one in `helm-sha256`')
  if (from === 'known') log.line('its hash is the one that this release of the action knows')
  if (from === 'published')
    log.line(
      'notice: this release of the action does not know its hash; the one published in the same place detects corruption but no forgery, `helm-sha256` would',
      'caution',
    )
}

/** Places the program in the tool cache, or where that cannot be written, in RUNNER_TEMP, which lives as long as the job. */
async function place(
  env: InstallPorts['env'],
  log: Log,
  program: Buffer,
  name: string,
  origin: Omit<InstallRecord, 'programSha256'>,
  { from }: TrustedHash,
): Promise<string | Problem> {
  let problem: Problem | null = null
  const check = async (path: string): Promise<void> => {
    // Who knows the hash knows the program, and it needs no asking.
    const said = from === 'published' ? await askHelmVersion(path, env) : `v${origin.version}`
    if (said === `v${origin.version}`) return
    problem = {
      problem: `The archive of Helm ${origin.version} holds a program that says it is ${said || 'no Helm'}`,
      remedy: 'Check `helm-download-url`',
    }
    throw new Error(problem.problem)
  }
  const spare = join(env['RUNNER_TEMP'] || tmpdir(), 'atomic-helm-tools')
  const root = env['RUNNER_TOOL_CACHE']
  if (root) {
    try {
      return await placeInCache(root, program, name, origin, check)
    } catch (error) {
      if (problem) return problem
      log.warning(`the tool cache cannot be used, so Helm is kept for this job only: ${describeError(error)}`)
    }
  }
  try {
    return await placeInCache(spare, program, name, origin, check)
  } catch (error) {
    if (problem) return problem
    throw error
  }
}

/** The major of a version without `v`. */
export function majorOf(version: string): 3 | 4 {
  return semver.major(version) === 3 ? 3 : 4
}
