import { refText } from '../cluster/manifest.ts'
import type { ReleaseRecord, RevisionEntry } from './record.ts'
import type { LiveFact, RecoveryFacts } from './recovery-facts.ts'

const namedObjects = 5

/**
 * Why a release that was never good must not be uninstalled: something of it was ready, existed before, or holds a volume
 * (design decision 6), or that cannot be known. Empty when nothing speaks against it.
 */
export function obstaclesToRemoval({ live, skipped }: Pick<RecoveryFacts, 'live' | 'skipped'>): string[] {
  if (skipped.length > 0) return [`${names(skipped.map(({ name }) => name))} may be a good revision and cannot be read`]
  if (live === null) return ['its objects could not be looked at']
  const existing = live.filter(({ exists }) => exists)
  const claims = live.flatMap(({ boundClaims }) => boundClaims ?? [])
  return [
    told(
      existing.filter(({ everReady }) => everReady === true),
      'was ready',
    ),
    told(
      existing.filter(({ everReady }) => everReady === null),
      'may have been ready, which cannot be seen',
    ),
    told(
      existing.filter(({ existedBefore }) => existedBefore === true),
      'existed before it was installed',
    ),
    told(
      existing.filter(({ existedBefore }) => existedBefore === null),
      'may have existed before it was installed',
    ),
    claims.length > 0 ? `a volume is bound to ${names(claims)}` : '',
    told(
      live.filter(({ boundClaims }) => boundClaims === null),
      'may hold a volume, which cannot be seen',
    ),
  ].filter(Boolean)
}

function told(facts: readonly LiveFact[], what: string): string {
  return facts.length > 0 ? `${names(facts.map(({ object }) => refText(object)))} ${what}` : ''
}

function names(all: readonly string[]): string {
  const more = all.length - namedObjects
  return all.slice(0, namedObjects).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** The revisions since the last install: a history that an uninstall kept is not of them. */
export function revisionsSinceInstall(entries: readonly RevisionEntry[]): readonly RevisionEntry[] {
  const removed = entries.findLastIndex(({ status }) => status === 'uninstalled')
  const installing = entries.findLastIndex(({ status }) => status === 'pending-install')
  return entries.slice(Math.max(removed + 1, installing, 0))
}

/**
 * When the release was installed, ms since 1970: by the server's clock, else, when the history no longer tells, by that of whoever
 * installed it; null when neither does.
 */
export function installedAt(entries: readonly RevisionEntry[], last: ReleaseRecord): number | null {
  const since = revisionsSinceInstall(entries)
  const [first] = since
  const isFirst = first && (first.revision === 1 || first.status === 'pending-install' || first !== entries[0])
  const said = Date.parse(last.firstDeployed ?? '') || null
  const seen = (isFirst ? first.createdAt : undefined) ?? null
  if (seen === null) return said
  // An install over a kept history calls what was uninstalled superseded, so that the history seems to go on.
  return since.some(({ status }) => status === 'superseded') ? Math.max(seen, said ?? seen) : seen
}
