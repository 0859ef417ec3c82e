/** What the log has told of each object, and what it has held back; `tell` gives the text to write, or null. */
export interface Told {
  /** The text for what is true of `key` now; a state that is an end is not held back for being one of many. */
  readonly tell: (key: string, text: string, now: number, isEnd?: boolean) => string | null
  /** The same for one of many things that say the same: of all with this `kind` one is told in 15 s. */
  readonly tellOne: (kind: string, key: string, text: string, now: number) => string | null
}

/** What flips between two states, or counts up, is no news each time. */
const windowMs = 15_000
const mostInWindow = 5

interface Entry {
  /** What was last seen, told or not. */
  seen: string
  /** What the reader of the log takes for true. */
  told: string
  /** Told within the last 15 s. */
  recent: { readonly text: string; readonly at: number }[]
  held: number
}

/**
 * Remembers what was told: a text is told when it changes, but the same text of one object at most once in 15 s, and no more than
 * five texts of it in 15 s. What is held back is told later if it is still true, with how often it has changed.
 */
export function createTold(): Told {
  const entries = new Map<string, Entry>()
  const kinds = new Map<string, { readonly key: string; readonly at: number }>()

  function tell(key: string, text: string, now: number, isEnd = false): string | null {
    const entry = entries.get(key) ?? { seen: '', told: '', recent: [], held: 0 }
    entries.set(key, entry)
    const isChange = entry.seen !== text
    entry.seen = text
    if (entry.told === text) {
      if (isChange && entry.held > 0) entry.held += 1
      return null
    }
    entry.recent = entry.recent.filter(({ at }) => now - at < windowMs)
    if ((!isEnd && entry.recent.length >= mostInWindow) || entry.recent.some((one) => one.text === text)) {
      if (isChange) entry.held += 1
      return null
    }
    const changes = entry.held > 1 ? ` (changed ${String(entry.held)} times since)` : ''
    entry.recent.push({ text, at: now })
    entry.told = text
    entry.held = 0
    return `${text}${changes}`
  }

  return {
    tell,
    tellOne: (kind, key, text, now) => {
      const last = kinds.get(kind)
      if (last && last.key !== key && now - last.at < windowMs) {
        entries.set(key, { seen: text, told: text, recent: entries.get(key)?.recent ?? [], held: 0 })
        return null
      }
      const line = tell(key, text, now)
      if (line !== null) kinds.set(kind, { key, at: now })
      return line
    },
  }
}
