// Programs of a few hundred bytes, for tests that are about what surrounds a Helm; none of them is run as one.

/** What the header of a program for Linux says about the machine (ELF e_machine). */
export const elfMachines = { amd64: 62, arm64: 183, s390x: 22 } as const

const headSize = 64 + 56

/** A program for this machine that prints a text, whatever it is asked, and ends well. */
export function programSaying(text: string): Buffer {
  const isArm = process.arch === 'arm64'
  const code = isArm ? codeForArm64(text.length) : codeForAmd64(text.length)
  return Buffer.concat([
    elf(elfMachines[isArm ? 'arm64' : 'amd64'], code.length + text.length),
    code,
    Buffer.from(text),
  ])
}

/** The head of a 64-bit program for Linux, whose one segment holds `size` bytes after it. */
export function elf(machine: number, size = 0): Buffer {
  const head = Buffer.alloc(headSize)
  const base = 0x400000n
  const total = BigInt(headSize + size)
  head.write('\x7fELF\x02\x01\x01', 'latin1')
  head.writeUInt16LE(2, 16)
  head.writeUInt16LE(machine, 18)
  head.writeUInt32LE(1, 20)
  head.writeBigUInt64LE(base + BigInt(headSize), 24)
  head.writeBigUInt64LE(64n, 32)
  head.writeUInt16LE(64, 52)
  head.writeUInt16LE(56, 54)
  head.writeUInt16LE(1, 56)
  // One segment, all of the file, to be read and run (elf(5), Elf64_Phdr).
  head.writeUInt32LE(1, 64)
  head.writeUInt32LE(5, 68)
  head.writeBigUInt64LE(base, 80)
  head.writeBigUInt64LE(base, 88)
  head.writeBigUInt64LE(total, 96)
  head.writeBigUInt64LE(total, 104)
  head.writeBigUInt64LE(0x1000n, 112)
  return head
}

/** The head of a program for Windows on amd64. */
export function pe(): Buffer {
  const head = Buffer.alloc(128)
  head.write('MZ', 'latin1')
  head.writeUInt32LE(64, 0x3c)
  head.write('PE\0\0', 64, 'latin1')
  head.writeUInt16LE(0x8664, 68)
  return head
}

/** write(1, text, length); exit(0). The text follows the code. */
function codeForAmd64(length: number): Buffer {
  const code = Buffer.from('b801000000bf01000000488d3500000000ba000000000f05b83c00000031ff0f05', 'hex')
  code.writeInt32LE(code.length - 17, 13)
  code.writeInt32LE(length, 18)
  return code
}

function codeForArm64(length: number): Buffer {
  const words = [
    0xd2800808,
    0xd2800020,
    0x100000c1,
    0xd2800002 | (length << 5),
    0xd4000001,
    0xd2800ba8,
    0xd2800000,
    0xd4000001,
  ]
  const code = Buffer.alloc(words.length * 4)
  words.forEach((word, index) => code.writeInt32LE(word | 0, index * 4))
  return code
}
