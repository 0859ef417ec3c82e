import { createHash } from 'node:crypto'

/** Hexadecimal digits that tell names apart which look the same once they are safe. */
const hashDigits = 8

/**
 * A text as a DNS label of at most `most` characters: lower case, everything else a dash, none at the ends. What was cut or changed ends
 * in a short hash of the text, so that two texts do not become one name.
 */
export function dnsLabel(text: string, most: number): string {
  const safe = trimmed(text.toLowerCase().replaceAll(/[^a-z0-9]+/g, (run) => (/^-+$/.test(run) ? run : '-')))
  if (safe !== '' && safe === text && safe.length <= most) return safe
  const start = trimmed(safe.slice(0, most - hashDigits - 1))
  return start === '' ? `x${shortHash(text)}` : `${start}-${shortHash(text)}`
}

/** A value of a label (at most 63 characters) that stands for a text: a name to recognise it by, and a hash of the text. */
export function labelValue(text: string, name: string): string {
  const start = trimmed(name.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 63 - hashDigits - 1))
  return start === '' ? shortHash(text) : `${trimmed(start)}-${shortHash(text)}`
}

function trimmed(text: string): string {
  return text.replaceAll(/^-+|-+$/g, '')
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, hashDigits)
}
