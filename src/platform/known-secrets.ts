/** Finds known texts in others, however many and however long. */
export interface KnownSecrets {
  /** Adds one form of a secret; `of` is the secret itself. */
  readonly add: (form: string, of: string) => void
  /** From now on this word is no secret, and neither is any form of it. */
  readonly allow: (word: string) => void
  /** The text with every form replaced; also where a line break, and what is indented after it, cuts one in two. */
  readonly hide: (text: string, mask: string) => string
}

/** All forms that begin alike. */
interface Alike {
  /** The longest first. */
  readonly lengths: number[]
  /** The secret of each form. */
  readonly secrets: Map<string, string>
}

/** Shorter forms occur in other texts by chance. */
export const shortest = 6
const lineBreak = /\r?\n[ \t]*/g
/** A bit for each value that `hashAt` has. */
const hashes = 1 << 20

/**
 * Forms are found by how they begin: a text is gone through once, and only where four characters look like the beginning of a form are
 * forms compared. So the time depends on the text's length, hardly on how many secrets there are.
 */
export function createKnownSecrets(): KnownSecrets {
  const beginnings = new Map<string, Alike>()
  const allowed = new Set<string>()
  const isBeginning = new Uint8Array(hashes)

  const add = (form: string, of: string): void => {
    const text = form.replaceAll(lineBreak, '')
    if (text.length < shortest) return
    const beginning = text.slice(0, shortest)
    const { lengths, secrets } = beginnings.get(beginning) ?? { lengths: [], secrets: new Map<string, string>() }
    if (secrets.has(text)) return
    secrets.set(text, of)
    if (!lengths.includes(text.length)) lengths.push(text.length)
    lengths.sort((a, b) => b - a)
    beginnings.set(beginning, { lengths, secrets })
    isBeginning[hashAt(text, 0)] = 1
  }

  const isHidden = (text: string, of: string | undefined): boolean =>
    of !== undefined && !allowed.has(of) && !allowed.has(text)

  const lengthAt = (text: string, at: number): number => {
    if (isBeginning[hashAt(text, at)] === 0) return 0
    const alike = beginnings.get(text.slice(at, at + shortest))
    return (
      alike?.lengths.find((length) => {
        const part = text.slice(at, at + length)
        return isHidden(part, alike.secrets.get(part))
      }) ?? 0
    )
  }

  const hide = (text: string, mask: string): string => {
    if (beginnings.size === 0) return text
    const { flat, toText } = withoutBreaks(text)
    const parts: string[] = []
    let done = 0
    for (let at = 0; at + shortest <= flat.length; at += 1) {
      const length = lengthAt(flat, at)
      if (length === 0) continue
      parts.push(text.slice(done, toText(at)), mask)
      at += length - 1
      done = toText(at) + 1
    }
    return parts.length === 0 ? text : parts.join('') + text.slice(done)
  }
  return { add, allow: (word) => allowed.add(word), hide }
}

function hashAt(text: string, at: number): number {
  const first = text.charCodeAt(at) * 31 + text.charCodeAt(at + 1)
  return ((first * 31 + text.charCodeAt(at + 2)) * 31 + text.charCodeAt(at + 3)) & (hashes - 1)
}

/** A text as one line, and where in the text a place of that line is; the places have to be asked for in order. */
function withoutBreaks(text: string): { readonly flat: string; readonly toText: (at: number) => number } {
  if (!text.includes('\n')) return { flat: text, toText: (at) => at }
  /** Where in the line a part begins, and how much was left out before it. */
  const parts: { readonly from: number; readonly left: number }[] = []
  let left = 0
  const flat = text.replaceAll(lineBreak, (found, at: number) => {
    parts.push({ from: at - left, left: left + found.length })
    left += found.length
    return ''
  })
  let next = 0
  let shift = 0
  return {
    flat,
    toText: (at) => {
      for (let part = parts[next]; part !== undefined && part.from <= at; part = parts[next]) {
        shift = part.left
        next += 1
      }
      return at + shift
    },
  }
}
