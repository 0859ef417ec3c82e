import assert from 'node:assert/strict'
import { test } from 'node:test'
import { archiveName, helmPlatform, programProblem } from '../../../src/setup/platform.ts'

const archives: Record<string, string> = {
  'linux x64': 'helm-v4.3.1-linux-amd64.tar.gz helm',
  'linux ia32': 'helm-v4.3.1-linux-386.tar.gz helm',
  'linux arm': 'helm-v4.3.1-linux-arm.tar.gz helm',
  'linux arm64': 'helm-v4.3.1-linux-arm64.tar.gz helm',
  'linux loong64': 'helm-v4.3.1-linux-loong64.tar.gz helm',
  'linux ppc64': 'helm-v4.3.1-linux-ppc64le.tar.gz helm',
  'linux riscv64': 'helm-v4.3.1-linux-riscv64.tar.gz helm',
  'linux s390x': 'helm-v4.3.1-linux-s390x.tar.gz helm',
  'darwin x64': 'helm-v4.3.1-darwin-amd64.tar.gz helm',
  'darwin arm64': 'helm-v4.3.1-darwin-arm64.tar.gz helm',
  'win32 x64': 'helm-v4.3.1-windows-amd64.zip helm.exe',
  'win32 arm64': 'helm-v4.3.1-windows-arm64.zip helm.exe',
  'win32 ia32': 'Helm is not published for windows-386',
  'linux mips': 'Helm is not published for linux-mips',
  'freebsd x64': 'Helm is not published for freebsd-amd64',
  'sunos x64': 'Helm is not published for sunos-amd64',
}

for (const [node, expected] of Object.entries(archives))
  test(`Node on ${node}: ${expected}`, () => {
    const [system = '', arch = ''] = node.split(' ')
    const platform = helmPlatform(system, arch)
    assert.equal(
      'problem' in platform ? platform.problem : `${archiveName('4.3.1', platform)} ${platform.binary}`,
      expected,
    )
  })

/** The head of a program: enough of ELF, Mach-O and PE to tell the machine. */
function elf(machine: number, isLittle = true): Buffer {
  const head = Buffer.alloc(64)
  head.write('\x7fELF', 'latin1')
  head[5] = isLittle ? 1 : 2
  if (isLittle) head.writeUInt16LE(machine, 18)
  else head.writeUInt16BE(machine, 18)
  return head
}

function machO(machine: number): Buffer {
  const head = Buffer.alloc(64)
  head.writeUInt32LE(0xfeedfacf)
  head.writeUInt32LE(machine, 4)
  return head
}

function pe(machine: number, start = 64): Buffer {
  const head = Buffer.alloc(128)
  head.write('MZ', 'latin1')
  head.writeUInt32LE(start, 0x3c)
  if (start + 6 <= head.length) {
    head.write('PE\0\0', start, 'latin1')
    head.writeUInt16LE(machine, start + 4)
  }
  return head
}

const programs: [string, string, Buffer, RegExp | null][] = [
  ['linux', 'x64', elf(62), null],
  ['linux', 'ia32', elf(3), null],
  ['linux', 'arm', elf(40), null],
  ['linux', 'arm64', elf(183), null],
  ['linux', 'loong64', elf(258), null],
  ['linux', 'ppc64', elf(21), null],
  ['linux', 'riscv64', elf(243), null],
  ['linux', 's390x', elf(22, false), null],
  ['darwin', 'x64', machO(0x1000007), null],
  ['darwin', 'arm64', machO(0x100000c), null],
  ['win32', 'x64', pe(0x8664), null],
  ['win32', 'arm64', pe(0xaa64), null],
  ['linux', 'x64', elf(183), /for linux-arm64, not for linux-amd64/],
  ['linux', 'arm64', elf(62), /for linux-amd64, not for linux-arm64/],
  ['linux', 'x64', machO(0x100000c), /for darwin-arm64/],
  ['darwin', 'arm64', pe(0x8664), /for windows-amd64/],
  ['linux', 'x64', elf(8), /for another machine \(ELF 8\)/],
  ['linux', 'x64', Buffer.from('#!/bin/sh\necho v4.3.1\n'.padEnd(100)), /not a program/],
  ['linux', 'x64', Buffer.alloc(0), /not a program/],
  ['win32', 'x64', pe(0x8664, 4_000_000_000), /not a program/],
  ['linux', 'x64', Buffer.from('<html>404 Not Found</html>'.padEnd(100)), /not a program/],
]

for (const [index, [system, arch, head, expected]] of programs.entries())
  test(`program ${index + 1} for ${system} ${arch}: ${expected ? String(expected) : 'right'}`, () => {
    const platform = helmPlatform(system, arch)
    assert.ok(!('problem' in platform))
    const problem = programProblem(head, platform)
    if (expected) assert.match(problem ?? '', expected)
    else assert.equal(problem, null)
  })
