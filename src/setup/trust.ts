import type { Problem } from '../platform/errors.ts'
import { oneLine } from '../platform/untrusted.ts'

/** The hash that an archive must have, and who says so. */
export interface TrustedHash {
  /** SHA-256, lower-case hex. */
  readonly sha256: string
  readonly from: 'input' | 'known' | 'published'
}

type KnownHashes = Readonly<Record<string, Readonly<Record<string, string>>>>

/** The hash that is known without asking anybody: the user's, else that of the table; null when neither has one. */
export function hashInAdvance(
  input: string,
  version: string,
  platform: string,
  known: KnownHashes,
): TrustedHash | null {
  if (input) return { sha256: input, from: 'input' }
  const sha256 = known[version]?.[platform]
  return sha256 ? { sha256, from: 'known' } : null
}

/** Reads a published `.sha256sum`, `hash  file`; a problem that shows what came back when it is not one for this archive. */
export function publishedHash(content: string, archive: string, url: string): TrustedHash | Problem {
  const match = /^([0-9a-fA-F]{64})(?:\s+\*?(\S+))?$/.exec(content.trim())
  const named = match?.[2]?.split('/').at(-1)
  if (match?.[1] && (named === undefined || named === archive))
    return { sha256: match[1].toLowerCase(), from: 'published' }
  return {
    problem: `${url} does not hold the hash of ${archive} but "${oneLine(content, 120)}"`,
    remedy: 'Check `helm-download-url`, or give the hash in `helm-sha256`',
  }
}

/** What is wrong with an archive of this hash; null when it is the expected one. */
export function hashProblem(trusted: TrustedHash, found: string, url: string): Problem | null {
  if (trusted.sha256 === found) return null
  const sources: Readonly<Record<TrustedHash['from'], string>> = {
    input: '`helm-sha256` says',
    known: 'this release of the action knows it as',
    published: 'the .sha256sum beside it says',
  }
  return {
    // Both hashes first: a headline is cut.
    problem: `SHA-256 is ${found}, but ${sources[trusted.from]} ${trusted.sha256}: ${url} is not the expected archive`,
    remedy:
      trusted.from === 'input'
        ? 'Do not use it before it is clear why; correct `helm-sha256` if it is that of another version or platform'
        : 'Do not use it before it is clear why: it was damaged on the way, or exchanged. Another `helm-download-url` may have the right one',
  }
}
