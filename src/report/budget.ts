/** A part of a comment or summary that is shown whole or not at all. */
export interface Section {
  /** 0 is always kept; of the others the lowest number is kept longest. */
  readonly priority: number
  /** Complete Markdown: no fence, table or HTML element is open at its end. */
  readonly text: string
}

/** The most that a place takes: UTF-16 code units and bytes of UTF-8. */
export interface Budget {
  readonly chars: number
  readonly bytes: number
}

const separator = '\n\n'

/**
 * Joins as many sections as the budget holds, in their order; the least important are left out first, and `note` then says so.
 * Sections of priority 0 are never left out: the caller keeps them small.
 */
export function fitSections(sections: readonly Section[], budget: Budget, note: string): string {
  const present = sections.filter((section) => section.text !== '')
  const whole = join(present)
  if (fits(sizeOf(whole), budget)) return whole

  const left = sizeOf(`${separator}${note}`)
  const kept = new Set<Section>()
  for (const section of present.toSorted((a, b) => a.priority - b.priority)) {
    const size = sizeOf(`${section.text}${separator}`)
    const next = { chars: left.chars + size.chars, bytes: left.bytes + size.bytes }
    if (section.priority > 0 && !fits(next, budget)) continue
    kept.add(section)
    Object.assign(left, next)
  }
  return join([...present.filter((section) => kept.has(section)), { priority: 0, text: note }])
}

function join(sections: readonly Section[]): string {
  return sections.map((section) => section.text).join(separator)
}

function sizeOf(text: string): Budget {
  return { chars: text.length, bytes: Buffer.byteLength(text) }
}

function fits(size: Budget, budget: Budget): boolean {
  return size.chars <= budget.chars && size.bytes <= budget.bytes
}
