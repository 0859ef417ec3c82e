// Archives of Helm as they are published, and such as nobody should ever publish.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { constants, createGzip, crc32, deflateRawSync, gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import type { Header } from 'tar-stream'

/** A file, unless its type says something else. */
export type Entry = { name: string; content?: Buffer | string; type?: Header['type']; linkname?: string }
export type ZipEntry = {
  name: string
  content: Buffer | string
  /** What kind of file it is on Unix, by the highest digits of its mode; not said when left out. */
  kind?: number
  /** What the archive says about its size, when that is a lie. */
  saidSize?: number
}

/** The names under which Helm publishes for this machine: `linux-amd64`. */
export const platformName = `linux-${process.arch === 'x64' ? 'amd64' : process.arch}`

/** The entries of an archive of Helm, around its program. */
export function helmEntries(program: Buffer, platform = platformName, name = 'helm'): Required<ZipEntry>[] {
  return [
    { name: `${platform}/${name}`, content: program },
    { name: `${platform}/LICENSE`, content: 'Apache License, Version 2.0\n' },
    { name: `${platform}/README.md`, content: '# Helm\n' },
  ].map((entry) => ({ ...entry, kind: 0o100000, saidSize: entry.content.length }))
}

/** An archive in memory, as small as it gets. */
export async function tarGz(entries: Entry[]): Promise<Buffer> {
  return gzipSync(await tar(entries))
}

/** The same, unpacked. */
export async function tar(entries: Entry[]): Promise<Buffer> {
  const made = pack()
  for (const { content = '', ...header } of entries) made.entry({ mode: 0o755, ...header }, Buffer.from(content))
  made.finalize()
  return buffer(made)
}

/** An archive with the Helm of a file in it; fast rather than small. */
export async function archiveOf(program: string): Promise<Buffer> {
  const made = pack()
  const packed = buffer(made.pipe(createGzip({ level: constants.Z_BEST_SPEED })))
  const { size } = await stat(program)
  await pipeline(
    createReadStream(program, { highWaterMark: 1024 * 1024 }),
    made.entry({ name: `${platformName}/helm`, mode: 0o755, size }),
  )
  for (const { name, content } of helmEntries(Buffer.alloc(0)).slice(1)) made.entry({ name }, content)
  made.finalize()
  return packed
}

/** A zip archive (APPNOTE 4.3); every entry is deflated. */
export function zip(entries: ZipEntry[]): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content, kind = 0, saidSize = content.length } of entries) {
    const packed = deflateRawSync(content)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(8, 4)
    fields.writeUInt32LE(crc32(content), 10)
    fields.writeUInt32LE(packed.length, 14)
    fields.writeUInt32LE(saidSize, 18)
    fields.writeUInt16LE(Buffer.byteLength(name), 22)
    const file = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed])
    const place = Buffer.alloc(14)
    place.writeUInt32LE((kind << 16) >>> 0, 6)
    place.writeUInt32LE(offset, 10)
    // Made on Unix, where the kind of a file is told.
    directory.push(Buffer.from('PK\x01\x02\x14\x03'), fields, place, Buffer.from(name))
    files.push(file)
    offset += file.length
  }
  const listed = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(entries.length, 4)
  end.writeUInt16LE(entries.length, 6)
  end.writeUInt32LE(listed.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...files, listed, Buffer.from('PK\x05\x06'), end])
}
