// Archives that must not be taken, and what is said about each.
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { elf, elfMachines, pe, programSaying } from './program.ts'
import { helmEntries, tar, tarGz, zip } from './archives.ts'
import type { Entry, ZipEntry } from './archives.ts'

export type Hostile = { name: string; make: () => Promise<Buffer>; says: RegExp }
type Row<More> = [name: string, entries: More[], says: RegExp]

const program = programSaying('v3.99.0')
const megabyte = 1024 * 1024
const kinds = { symbolicLink: 0o120000, device: 0o020000 } as const

/** Hostile tar archives for a platform, which is one for Linux. */
export function hostileTars(platform: string): Hostile[] {
  const name = `${platform}/helm`
  const other = platform === 'linux-s390x' ? 'linux-amd64' : 'linux-s390x'
  const good = helmEntries(program, platform).map(({ name, content }) => ({ name, content }))
  const others = good.slice(1)
  const rows: Row<Entry>[] = [
    [
      'a path out of it',
      [...good, { name: '../../evil', content: 'x' }],
      /the path "\.\.\/\.\.\/evil", which leads out/,
    ],
    ['a path out of it further in', [{ name: `${platform}/../../helm`, content: program }], /which leads out of it/],
    [
      'an absolute path',
      [...good, { name: '/etc/cron.d/evil', content: 'x' }],
      /"\/etc\/cron\.d\/evil", which leads out/,
    ],
    ['a path of Windows', [...good, { name: 'C:\\evil.exe', content: 'x' }], /"C:\\\\evil\.exe", which leads out/],
    ['a path with backslashes', [...good, { name: '..\\evil.exe', content: 'x' }], /which leads out of it/],
    [
      'a symbolic link as its program',
      [{ name, type: 'symlink', linkname: '/bin/sh' }, ...others],
      /neither a file nor/,
    ],
    ['a hard link as its program', [{ name, type: 'link', linkname: '/bin/sh' }, ...others], /neither a file nor/],
    [
      'a link beside its program',
      [...good, { name: `${platform}/x`, type: 'symlink', linkname: '../..' }],
      /neither a file/,
    ],
    ['a device', [...good, { name: `${platform}/null`, type: 'character-device' }], /neither a file nor a folder/],
    ['a pipe', [...good, { name: `${platform}/pipe`, type: 'fifo' }], /neither a file nor a folder/],
    ['a folder as its program', [{ name, type: 'directory' }, ...others], /it holds no linux-\w+\/helm/],
    ['two programs', [...good, ...good], /more than once/],
    ['two programs by other names', [...good, { name: `./${name}`, content: program }], /more than once/],
    ['no program', others, /it holds no linux-\w+\/helm/],
    ['the program in no folder', [{ name: 'helm', content: program }], /it holds no linux-\w+\/helm/],
    ['the folder of another platform', [{ name: `${other}/helm`, content: program }], /it is for linux-\w+, not for/],
    ['both folders', [...good, { name: `${other}/helm`, content: program }], /it is for linux-\w+, not for linux-/],
    [
      'a program of another machine',
      [{ name, content: elf(elfMachines.s390x) }],
      /it is for another machine|linux-s390x/,
    ],
    ['a program of Windows', [{ name, content: pe() }], /it is for windows-amd64, not for linux-/],
    ['a script as its program', [{ name, content: '#!/bin/sh\necho v3.99.0\n'.padEnd(100) }], /it is not a program/],
    ['an empty program', [{ name, content: '' }], /it is not a program/],
    ['nothing', [], /it holds no linux-/],
  ]
  const whole = (): Promise<Buffer> => tarGz(good)
  return [
    ...rows.map(([name, entries, says]) => ({ name, make: () => tarGz(entries), says })),
    { name: 'a bomb by its ratio', make: async () => bomb(await tar(good), 8, 0), says: /unpacks to more than \d MB/ },
    {
      name: 'a bomb by its size',
      make: async () => bomb(await tar(good), 301, 4),
      says: /unpacks to more than 300 MB/,
    },
    { name: 'half an archive', make: async () => firstHalf(await whole()), says: /not a whole gzip archive/ },
    {
      name: 'half a program',
      make: async () => gzipSync((await tar(good)).subarray(0, 600)),
      says: /Unexpected end of data/,
    },
    {
      name: 'an archive without its end',
      make: async () => (await whole()).subarray(0, -1),
      says: /not a whole gzip archive/,
    },
    { name: 'a bit that fell', make: async () => flipped(await whole()), says: /not a whole gzip archive/ },
    { name: 'an empty file', make: async () => Buffer.alloc(0), says: /not a whole gzip archive/ },
    { name: 'a page', make: async () => Buffer.from('<html>Not found</html>'), says: /not a whole gzip archive/ },
    { name: 'noise', make: async () => randomBytes(4096), says: /not a whole gzip archive/ },
    { name: 'noise that is packed', make: async () => gzipSync(randomBytes(4096)), says: /\w/ },
    { name: 'a zip archive', make: async () => zip(helmEntries(program, platform)), says: /not a whole gzip archive/ },
  ]
}

/** Hostile zip archives for Windows on amd64. */
export function hostileZips(): Hostile[] {
  const platform = 'windows-amd64'
  const good: ZipEntry[] = helmEntries(pe(), platform, 'helm.exe')
  const [, ...others] = good
  const exe = { name: `${platform}/helm.exe`, content: pe() }
  const rows: Row<ZipEntry>[] = [
    ['a path out of it', [...good, { name: '../../evil.exe', content: 'x' }], /leads out|invalid relative path/],
    ['an absolute path', [...good, { name: '/evil.exe', content: 'x' }], /leads out|absolute path/],
    ['a drive', [...good, { name: 'C:/evil.exe', content: 'x' }], /leads out|absolute path/],
    ['backslashes', [...good, { name: '..\\evil.exe', content: 'x' }], /leads out|invalid/],
    ['a symbolic link', [{ ...exe, content: '/bin/sh', kind: kinds.symbolicLink }, ...others], /neither a file nor/],
    ['a device', [...good, { name: `${platform}/nul`, content: '', kind: kinds.device }], /neither a file nor/],
    ['two programs', [...good, exe], /more than once/],
    ['no program', others, /it holds no windows-amd64\/helm\.exe/],
    [
      'another platform',
      [{ ...exe, name: 'windows-arm64/helm.exe' }],
      /it is for windows-arm64, not for windows-amd64/,
    ],
    ['a program of Linux', [{ ...exe, content: elf(elfMachines.amd64) }], /it is for linux-amd64, not for/],
    ['a bomb that says so', [{ ...exe, content: Buffer.alloc(8 * megabyte) }], /unpacks to more than/],
    ['a bomb that lies', [{ ...exe, content: Buffer.alloc(8 * megabyte), saidSize: 128 }], /too many bytes/],
    ['less than it says', [{ ...exe, saidSize: 4096 }, ...others], /not enough bytes/],
  ]
  return [
    ...rows.map(([name, entries, says]) => ({ name, make: async () => zip(entries), says })),
    { name: 'half an archive', make: async () => firstHalf(zip(good)), says: /not a whole zip archive/ },
    {
      name: 'an archive without its end',
      make: async () => zip(good).subarray(0, -1),
      says: /not a whole zip archive/,
    },
    { name: 'an empty file', make: async () => Buffer.alloc(0), says: /not a whole zip archive/ },
    { name: 'noise', make: async () => randomBytes(4096), says: /not a whole zip archive/ },
    { name: 'a tar archive', make: async () => tarGz(good), says: /not a whole zip archive/ },
  ]
}

/** An archive with zeros after its entries, a megabyte for a kilobyte, and noise, which keeps the ratio low. */
function bomb(archive: Buffer, zeros: number, noise: number): Buffer {
  const packed = gzipSync(Buffer.alloc(megabyte))
  const parts = Array.from({ length: zeros }, () => packed)
  return Buffer.concat([gzipSync(archive), gzipSync(randomBytes(noise * megabyte), { level: 0 }), ...parts])
}

function firstHalf(archive: Buffer): Buffer {
  return archive.subarray(0, archive.length / 2)
}

function flipped(archive: Buffer): Buffer {
  const copy = Buffer.from(archive)
  const middle = copy.length >> 1
  copy[middle] = (copy[middle] ?? 0) ^ 1
  return copy
}
