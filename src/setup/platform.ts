import type { Problem } from '../platform/errors.ts'

/** One of the platforms that Helm is published for. */
export interface HelmPlatform {
  /** As in the names of archives: `linux-amd64`. */
  readonly name: string
  readonly archive: 'tar.gz' | 'zip'
  /** Name of the program. */
  readonly binary: string
}

type Header = { readonly format: string; readonly machine: number }

/** What Helm publishes, with what the header of each program says (ELF e_machine, Mach-O cputype, PE Machine). */
const headers: Readonly<Record<string, Header>> = {
  'linux-amd64': { format: 'ELF', machine: 62 },
  'linux-386': { format: 'ELF', machine: 3 },
  'linux-arm': { format: 'ELF', machine: 40 },
  'linux-arm64': { format: 'ELF', machine: 183 },
  'linux-loong64': { format: 'ELF', machine: 258 },
  'linux-ppc64le': { format: 'ELF', machine: 21 },
  'linux-riscv64': { format: 'ELF', machine: 243 },
  'linux-s390x': { format: 'ELF', machine: 22 },
  'darwin-amd64': { format: 'Mach-O', machine: 0x1000007 },
  'darwin-arm64': { format: 'Mach-O', machine: 0x100000c },
  'windows-amd64': { format: 'PE', machine: 0x8664 },
  'windows-arm64': { format: 'PE', machine: 0xaa64 },
}

const systems: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' }
const machines: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' }

/** The platform of a Node (`process.platform`, `process.arch`); a problem when Helm is not published for it. */
export function helmPlatform(system: string, arch: string): HelmPlatform | Problem {
  const name = `${systems[system] ?? system}-${machines[arch] ?? arch}`
  if (!headers[name])
    return {
      problem: `Helm is not published for ${name}`,
      remedy: 'Put a Helm on PATH in an earlier step and set `helm-version: installed`',
    }
  const isWindows = system === 'win32'
  return { name, archive: isWindows ? 'zip' : 'tar.gz', binary: isWindows ? 'helm.exe' : 'helm' }
}

/** The name under which Helm publishes an archive. */
export function archiveName(version: string, { name, archive }: HelmPlatform): string {
  return `helm-v${version}-${name}.${archive}`
}

/** What is wrong with a program that should run on this platform, by its header; null when nothing is. */
export function programProblem(program: Buffer, platform: HelmPlatform): string | null {
  const wanted = headers[platform.name]
  const found = readHeader(program)
  if (!found) return 'it is not a program'
  if (found.format === wanted?.format && found.machine === wanted.machine) return null
  const other = Object.entries(headers).find(
    ([, { format, machine }]) => format === found.format && machine === found.machine,
  )
  return `it is for ${other?.[0] ?? `another machine (${found.format} ${found.machine})`}, not for ${platform.name}`
}

function readHeader(program: Buffer): Header | null {
  if (program.length < 64) return null
  if (program.readUInt32BE(0) === 0x7f454c46) {
    const isLittle = program[5] === 1
    return { format: 'ELF', machine: isLittle ? program.readUInt16LE(18) : program.readUInt16BE(18) }
  }
  if (program.readUInt32LE(0) === 0xfeedfacf) return { format: 'Mach-O', machine: program.readUInt32LE(4) }
  if (program.toString('latin1', 0, 2) !== 'MZ') return null
  const start = program.readUInt32LE(0x3c)
  if (start + 6 > program.length || program.toString('latin1', start, start + 4) !== 'PE\0\0') return null
  return { format: 'PE', machine: program.readUInt16LE(start + 4) }
}
