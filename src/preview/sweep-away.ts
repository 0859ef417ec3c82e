import { readNamespace } from '../cluster/namespaces.ts'
import { metadataList } from '../cluster/objects.ts'
import type { KubeList } from '../cluster/types.ts'
import { withQuery } from '../cluster/watch.ts'
import { unwrittenJournal } from '../deploy/journal.ts'
import { lockPorts } from '../deploy/open-release.ts'
import type { TransactionResult } from '../deploy/outcome.ts'
import type { Session } from '../deploy/session.ts'
import type { GitHubCall } from '../github/call.ts'
import { describeError } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'
import { livingHolder } from '../release/living-holder.ts'
import { openStorage } from '../release/storage.ts'
import type { SweptPreview } from '../report/model.ts'
import { revisionSelectorOf } from './labels.ts'
import type { Preview } from './preview.ts'
import { removePreview } from './remove.ts'
import { decideSweep, readCandidate, type Candidate, type SweepDecision } from './sweep-decision.ts'
import { lookAtPull } from './sweep-pulls.ts'

/** What a sweep removes with. */
export interface Broom {
  readonly session: Session
  readonly github: GitHubCall
  readonly runUrl: string | null
  /** Ms since 1970, by this machine's clock: what is not begun by then is left to the next sweep. */
  readonly deadline: number
  readonly tellRemoved: TellRemoved
}

/** A release of a preview that is gone. */
export interface Gone {
  readonly preview: Preview
  readonly namespace: string
  readonly release: string
  readonly environment: string
  /** When its removal began, ms since 1970, by this machine's clock. */
  readonly startedAtMs: number
}

/** Tells the pull request and its GitHub Deployment that a preview is gone; never throws. */
export type TellRemoved = (gone: Gone, result: TransactionResult) => Promise<void>

/** What came of a preview. */
export interface Swept {
  readonly entry: SweptPreview
  /** Kept without anybody knowing that it has to be: worth a warning. */
  readonly isUnsure: boolean
  /** Of its removals, when there were any. */
  readonly results: readonly TransactionResult[]
}

/** A removal that has less time than this is not begun. */
const leastMs = 10_000
/** What is left of the time when Helm has to be done, for what comes after it. */
const reserveMs = 5000

/** Removes a preview, release by release, unless it turns out that it stays. Never throws. */
export async function sweepAway(
  broom: Broom,
  one: Candidate,
  { why: because, isExpired }: Pick<SweepDecision, 'why' | 'isExpired'>,
): Promise<Swept> {
  const { session, deadline, tellRemoved } = broom
  const { clock, stop, log } = session
  const results: TransactionResult[] = []
  const end = (outcome: SweptPreview['outcome'], why: string, isUnsure = false): Swept => {
    log.line(`${one.namespace}: ${outcome}: ${why}`, outcome === 'failed' ? 'bad' : undefined)
    return { entry: entryOf(one, outcome, why), isUnsure, results }
  }
  try {
    const { ours, others } = await releasesIn(session, one)
    if (ours.length === 0 && others.length > 0)
      return end('kept', `it holds ${others.join(', ')}, which no preview has made`, true)
    for (const release of ours.length > 0 ? ours : [one.release]) {
      if (deadline - clock.now() < leastMs) return end('kept', 'the time of this sweep was up', true)
      const holder = await livingHolder(lockPorts(session), { namespace: one.namespace, release }, stop)
      const decision = decideSweep(one, { kind: 'closed' }, holder, session.client.now())
      if (decision.kind === 'keep') return end('kept', decision.why)
      const startedAtMs = clock.now()
      const asked = { isUnsure: false }
      const run = { preview: one.preview, github: broom.github, runUrl: broom.runUrl, isOfFork: false }
      const stays = (): Promise<string | null> => whyItStays(broom, one, asked)
      const result = await removePreview(sessionFor(broom, one, release), run, () => undefined, stays)
      if (result.isSuperseded) return end('kept', result.reason ?? '', asked.isUnsure)
      results.push(result)
      if (result.status !== 'removed') return end('failed', whyNot(result))
      const { preview, namespace, environment } = one
      const next = isExpired ? ' The next push brings it back.' : ''
      const reason = `${release} and all that it had in ${namespace} is gone: ${because}.${next}`
      await tellRemoved({ preview, namespace, release, environment, startedAtMs }, { ...result, reason })
    }
    return end('removed', because)
  } catch (error) {
    return end('failed', stop.aborted ? timeIsUp : describeError(error))
  }
}

const timeIsUp = 'it was not gone when the time of this sweep was up'

/** A line of the report. */
export function entryOf(
  { preview: { pull }, namespace, release }: Candidate,
  outcome: SweptPreview['outcome'],
  why: string,
): SweptPreview {
  return { pull, namespace, release, outcome, why }
}

function whyNot({ status, reason, problems }: TransactionResult): string {
  if (status === 'cancelled') return timeIsUp
  return problems.map(({ problem }) => problem).join('; ') || (reason ?? status)
}

/** Asked again by whoever has the lock: a push, a reopening or a forger may have come in between. */
async function whyItStays(
  { session, github }: Broom,
  one: Candidate,
  asked: { isUnsure: boolean },
): Promise<string | null> {
  const { repository, pull } = one.preview
  const { sight } = await lookAtPull(github, repository, pull)
  const live = await readNamespace(session.client, one.namespace)
  const now = live ? readCandidate(live.metadata, one.preview) : one
  if (!('preview' in now)) return now.why
  if (now.uid !== one.uid || now.preview.pull !== pull) return 'it is another one by now'
  const { kind, why, isUnsure } = decideSweep(now, sight, null, session.client.now())
  asked.isUnsure = isUnsure
  return kind === 'keep' ? why : null
}

/** The releases in the namespace: those that bear the label of this preview, and all others. */
async function releasesIn(
  { client, storage }: Session,
  { namespace, preview }: Candidate,
): Promise<{ readonly ours: readonly string[]; readonly others: readonly string[] }> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/${storage.driver}s`
  const named = async (labelSelector: string): Promise<string[]> => {
    const { items } = await client.get<KubeList>(withQuery(path, { labelSelector }), { accept: metadataList })
    return [...new Set((items ?? []).map(({ metadata }) => metadata.labels?.['name'] ?? ''))].filter(Boolean)
  }
  const [ours, all] = await Promise.all([named(revisionSelectorOf(preview)), named('owner=helm')])
  return { ours, others: all.filter((name) => !ours.includes(name)) }
}

/** A session for one release of the sweep. Nothing of it is written down for the post step: the next sweep finds by itself what is left. */
function sessionFor({ session, deadline }: Broom, { namespace, environment }: Candidate, release: string): Session {
  const { client, clock, storage, target } = session
  const leftMs = Math.max(1000, deadline - clock.now() - reserveMs)
  const rollbackTimeoutMs = Math.min(session.inputs.rollbackTimeoutMs, leftMs)
  return {
    ...session,
    inputs: { ...session.inputs, release, namespace, environment, rollbackTimeoutMs },
    target: { ...target, release, namespace },
    storage: openStorage(client, clock, storage.driver, namespace, release),
    journal: unwrittenJournal(),
    log: prefixed(session.log, namespace),
  }
}

/** Several are removed at a time: each line says of which it is. */
function prefixed(log: Log, name: string): Log {
  return {
    ...log,
    line: (text, tone) => log.line(`${name}: ${text}`, tone),
    warning: (text) => log.warning(`${name}: ${text}`),
    reminder: (text) => log.reminder(() => `${name}: ${text()}`),
  }
}
