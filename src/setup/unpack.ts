import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { fromBufferPromise } from 'yauzl'
import { programProblem, type HelmPlatform } from './platform.ts'

/** An archive of Helm is about 20 MB and unpacks to three times that. Bytes. */
const mostUnpacked = 300 * 1024 * 1024
const mostRatio = 100

/**
 * Takes the one program that is expected out of an archive, in memory: nothing else of it is kept, and nothing is written. Throws
 * when the archive is broken, holds what no archive of Helm holds (links, paths that lead out, a bomb), or is for another platform.
 */
export async function takeProgram(archive: Buffer, platform: HelmPlatform): Promise<Buffer> {
  const most = Math.min(mostUnpacked, archive.length * mostRatio)
  const programs =
    platform.archive === 'zip' ? await readZip(archive, platform, most) : await readTar(archive, platform, most)
  const [program, ...others] = programs
  if (!program) throw new Error(`it holds no ${platform.name}/${platform.binary}`)
  if (others.length > 0) throw new Error(`it holds ${platform.name}/${platform.binary} more than once`)
  const problem = programProblem(program, platform)
  if (problem) throw new Error(`its ${platform.binary} is not right: ${problem}`)
  return program
}

async function readTar(archive: Buffer, platform: HelmPlatform, most: number): Promise<Buffer[]> {
  const reader = extract()
  reader.end(await inflate(archive, most))
  const programs: Buffer[] = []
  for await (const entry of reader) {
    const { name, type } = entry.header
    check({ name, isPlain: type === 'file' || type === 'directory' }, platform)
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(chunk as Buffer)
    if (type === 'file' && isProgram(name, platform)) programs.push(joined(chunks))
  }
  return programs
}

async function inflate(archive: Buffer, most: number): Promise<Buffer> {
  try {
    // Into one piece of the size that the archive itself tells (RFC 1952, ISIZE): in pieces of 16 KiB it takes three times as long.
    const told = archive.length < 4 ? 0 : archive.readUInt32LE(archive.length - 4)
    const chunkSize = Math.min(Math.max(told + 1, 64 * 1024), most)
    return await promisify(gunzip)(archive, { maxOutputLength: most, chunkSize })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(most)
    throw new Error('it is not a whole gzip archive', { cause: error })
  }
}

async function readZip(archive: Buffer, platform: HelmPlatform, most: number): Promise<Buffer[]> {
  const zip = await fromBufferPromise(archive).catch((error: unknown) => {
    throw new Error('it is not a whole zip archive', { cause: error })
  })
  const programs: Buffer[] = []
  let size = 0
  for await (const entry of zip.eachEntry()) {
    size += entry.uncompressedSize
    if (size > most) throw tooLarge(most)
    // The upper half is the mode on Unix, whose highest digits say what kind of file it is (APPNOTE 4.4.15).
    const kind = (entry.externalFileAttributes >>> 16) & 0o170000
    check({ name: entry.fileName, isPlain: [0, 0o100000, 0o040000].includes(kind) }, platform)
    if (!isProgram(entry.fileName, platform)) continue
    // A stream that gives more than the entry says is ended by the reader.
    const stream = await zip.openReadStreamPromise(entry)
    programs.push(joined((await stream.toArray()) as Buffer[]))
  }
  return programs
}

/** Throws for what no archive of Helm holds: the rest of it is then not to be believed either. */
function check({ name, isPlain }: { readonly name: string; readonly isPlain: boolean }, platform: HelmPlatform): void {
  const shown = JSON.stringify(name.slice(0, 100))
  if (/^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)/.test(name))
    throw new Error(`it holds the path ${shown}, which leads out of it`)
  if (!isPlain) throw new Error(`it holds ${shown}, which is neither a file nor a folder`)
  const other = /^(?:\.\/)?([a-z0-9]+-[a-z0-9]+)\/helm(?:\.exe)?$/.exec(name)?.[1]
  if (other && other !== platform.name) throw new Error(`it is for ${other}, not for ${platform.name}`)
}

/** One piece is taken as it is: a copy of 60 MB is felt. */
function joined(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks
  return only && chunks.length === 1 ? only : Buffer.concat(chunks)
}

function isProgram(name: string, { name: folder, binary }: HelmPlatform): boolean {
  return name.replace(/^\.\//, '') === `${folder}/${binary}`
}

function tooLarge(most: number): Error {
  return new Error(`it unpacks to more than ${Math.round(most / 1024 / 1024)} MB, which no archive of Helm does`)
}
