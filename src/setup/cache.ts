import { createHash, randomUUID } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { findAllVersions } from '@actions/tool-cache'

/** What is written beside a program when it is placed, so that it can be checked when it is taken. */
export interface InstallRecord {
  readonly version: string
  readonly platform: string
  /** SHA-256 of the archive that it came from, and of the program, lower-case hex. */
  readonly archiveSha256: string
  readonly programSha256: string
}

/** A look into the cache; `tampered` when there is something that is not what was placed. */
export type Cached =
  | { readonly kind: 'hit'; readonly path: string }
  | { readonly kind: 'miss' }
  | { readonly kind: 'tampered'; readonly path: string }

const tool = 'helm'
const recordName = 'helm.json'

/** The versions in the runner's tool cache (RUNNER_TOOL_CACHE), also such as other actions have put there. */
export function cachedVersions(env: Readonly<Record<string, string | undefined>>): string[] {
  return env['RUNNER_TOOL_CACHE'] ? findAllVersions(tool) : []
}

/** Looks for a program that this action has placed, and makes sure that it is still the same; `archive` must be its archive's hash. */
export async function takeFromCache(
  root: string | undefined,
  wanted: {
    readonly version: string
    readonly platform: string
    readonly program: string
    readonly archive: string | null
  },
): Promise<Cached> {
  if (!root) return { kind: 'miss' }
  const folder = placeOf(root, wanted.version)
  const path = join(folder, wanted.program)
  const record = await readRecord(folder)
  if (!record || record.platform !== wanted.platform) return { kind: 'miss' }
  if (wanted.archive && record.archiveSha256 !== wanted.archive) return { kind: 'miss' }
  const found = sha256OfFile(path)
  if (!found) return { kind: 'miss' }
  return found === record.programSha256 ? { kind: 'hit', path } : { kind: 'tampered', path }
}

/**
 * Places a program in the standard layout of the tool cache, `helm/<version>/<arch>`, and gives its path. Every file comes by a
 * rename, so that another job sees a whole one or none, and two that place the same at once both succeed. What is there already is
 * neither changed in place nor given other permissions. `check` sees the program before it gets its name, and throws when it is not
 * right. Throws when the folder cannot be written; then nothing is left of it.
 */
export async function placeInCache(
  root: string,
  program: Buffer,
  name: string,
  origin: Omit<InstallRecord, 'programSha256'>,
  check: (path: string) => Promise<void>,
): Promise<string> {
  const folder = placeOf(root, origin.version)
  await mkdir(folder, { recursive: true })
  const path = join(folder, name)
  const placed = place(path, program, 0o755, check).catch(async (error: unknown) => {
    // Only an empty one goes: then nothing is left of what was refused.
    await rmdir(folder).catch(() => undefined)
    throw error
  })
  // While it is written.
  const record: InstallRecord = { ...origin, programSha256: sha256(program) }
  await placed
  await place(join(folder, recordName), `${JSON.stringify(record, null, 2)}\n`, 0o644)
  await place(`${folder}.complete`, '', 0o644)
  return path
}

/** SHA-256 in lower-case hex. */
export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

/** Piece by piece, and at once: half the work of reading it whole, and there is nothing to do meanwhile. Null when it is not there. */
function sha256OfFile(path: string): string | null {
  try {
    const file = openSync(path, 'r')
    try {
      const piece = Buffer.allocUnsafe(256 * 1024)
      const hash = createHash('sha256')
      for (let size = readSync(file, piece); size > 0; size = readSync(file, piece))
        hash.update(piece.subarray(0, size))
      return hash.digest('hex')
    } finally {
      closeSync(file)
    }
  } catch {
    return null
  }
}

async function place(
  path: string,
  content: Buffer | string,
  mode: number,
  check?: (path: string) => Promise<void>,
): Promise<void> {
  const staged = join(dirname(path), `${randomUUID()}-${basename(path)}`)
  try {
    await writeFile(staged, content, { mode, flag: 'wx' })
    await check?.(staged)
    await rename(staged, path).catch(async (error: unknown) => {
      // Windows does not replace a program that runs: then another job has placed it, and the same is as good.
      const there = await readFile(path).catch(() => null)
      if (!there?.equals(Buffer.from(content))) throw error
    })
  } finally {
    await rm(staged, { force: true })
  }
}

function placeOf(root: string, version: string): string {
  return join(root, tool, version, process.arch)
}

async function readRecord(folder: string): Promise<InstallRecord | null> {
  try {
    return JSON.parse(await readFile(join(folder, recordName), 'utf8')) as InstallRecord
  } catch {
    // Nothing there, or of another action: not ours to judge.
    return null
  }
}
