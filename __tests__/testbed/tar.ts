/** A file or, with a name that ends in a slash, a directory of an archive. */
export interface TarEntry {
  name: string
  mode: number
  content?: Buffer | string
}

const block = 512

/** A tar archive (ustar). The same entries always give the same bytes: no times, no owners but root. */
export function tar(entries: TarEntry[]): Buffer {
  const parts = entries.flatMap(({ name, mode, content = '' }) => {
    const body = Buffer.from(content)
    return [header(name, mode, body.length), body, Buffer.alloc(padding(body.length))]
  })
  return Buffer.concat([...parts, Buffer.alloc(2 * block)])
}

function header(name: string, mode: number, size: number): Buffer {
  if (Buffer.byteLength(name) > 100) throw new Error(`${name} is too long a name for a simple archive`)
  const bytes = Buffer.alloc(block)
  const octal = (value: number, offset: number, width: number) =>
    bytes.write(`${value.toString(8).padStart(width - 1, '0')}\0`, offset)
  bytes.write(name, 0)
  octal(mode, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(0, 136, 12)
  bytes.write(name.endsWith('/') ? '5' : '0', 156)
  bytes.write('ustar\u000000', 257)
  // The checksum is taken with spaces in its own place.
  bytes.write('        ', 148)
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return bytes
}

function padding(size: number): number {
  return (block - (size % block)) % block
}
