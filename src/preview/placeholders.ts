import { dnsLabel } from './naming.ts'
import type { Preview } from './preview.ts'

/** The words that stand between `{{` and `}}`. */
export const placeholders = ['pr', 'branch', 'sha', 'repo', 'release', 'namespace'] as const

export type Placeholder = (typeof placeholders)[number]

/** What placeholders stand for; those that are missing are not known yet, or never will be. */
export type Placed = Readonly<Partial<Record<Placeholder, string>>>

/** The length of a DNS label. */
const mostLabel = 63

const anyPlaceholder = /\{\{([^{}]*)\}\}/g

/** What the facts of a preview stand for in names, values and URLs: never anything but letters, digits and dashes. */
export function placedBy({ pull, branch, sha, repository }: Preview): Placed {
  return {
    pr: String(pull),
    ...(branch === null ? {} : { branch: dnsLabel(branch, mostLabel) }),
    ...(sha === null ? {} : { sha }),
    // GitHub does not tell names of repositories by their case.
    repo: dnsLabel(repository.name.toLowerCase(), mostLabel),
  }
}

/** The words between `{{` and `}}` in a text, as written but for white space around them. */
export function wordsIn(text: string): string[] {
  return [...text.matchAll(anyPlaceholder)].map(([, word = '']) => word.trim())
}

/** Puts in what is known, and leaves every other `{{ … }}` as it is. */
export function fill(text: string, placed: Placed): string {
  return text.replaceAll(anyPlaceholder, (whole, word: string) => placed[word.trim() as Placeholder] ?? whole)
}

/** Whether a text has a placeholder that is known here. */
export function hasPlaced(text: string, placed: Placed): boolean {
  return wordsIn(text).some((word) => Object.hasOwn(placed, word))
}
