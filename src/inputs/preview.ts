import { noQuota, parseQuota, type PreviewQuota } from '../preview/quota.ts'
import { parseSecretName, type SecretName } from '../preview/secret-names.ts'
import { parseDuration } from './duration.ts'
import type { RawInputs, Tell } from './readers.ts'

const dayMs = 86_400_000

/** Readers of the inputs that only `mode: preview` has. */
export function previewReaders(raw: RawInputs, tell: Tell) {
  /** A duration that may begin with days, such as `7d` or `1d12h`; null when none is given. */
  function ttl(name: string): number | null {
    const text = raw(name).trim()
    if (text === '') return null
    const [, days, rest = text] = /^(\d{1,5})d(.*)$/.exec(text) ?? []
    const restMs = rest === '' ? 0 : parseDuration(rest)
    const ms = restMs === null ? null : Number(days ?? 0) * dayMs + restMs
    if (ms === null)
      tell(`\`${name}\`: "${text}" is not a duration`, 'Use a number and a unit, such as 7d, 36h or 1d12h')
    else if (ms < 1000) tell(`\`${name}\`: "${text}" is under a second`, 'Give at least 1s, or leave it out')
    return ms
  }

  function quota(name: string): PreviewQuota {
    const text = raw(name)
    if (text.trim() === '') return noQuota
    const parsed = parseQuota(text)
    if (!('problem' in parsed)) return parsed
    tell(`\`${name}\` ${parsed.problem}`, parsed.remedy)
    return noQuota
  }

  function secretNames(name: string): SecretName[] {
    const found: SecretName[] = []
    for (const line of raw(name).split(/\r?\n/)) {
      const text = line.trim()
      const parsed = text === '' ? null : parseSecretName(text)
      if (parsed === 'no-name')
        tell(`\`${name}\`: "${text}" does not name a secret`, 'Write namespace/name, one a line, such as ci/registry')
      else if (parsed && found.some((other) => other.name === parsed.name))
        tell(`\`${name}\`: "${text}" is the second with this name`, 'The copies keep their names: give each name once')
      else if (parsed) found.push(parsed)
    }
    return found
  }

  return { ttl, quota, secretNames }
}
