import { deleteNamespace, isForbidden, waitUntilGone } from '../cluster/namespaces.ts'
import { metadataList } from '../cluster/objects.ts'
import type { KubeList } from '../cluster/types.ts'
import { withQuery } from '../cluster/watch.ts'
import { learnSecrets } from '../deploy/learn-secrets.ts'
import { withRelease } from '../deploy/open-release.ts'
import { nothing, rejectedWith, type TransactionResult } from '../deploy/outcome.ts'
import { confirmLock, type OnPhase, type Session } from '../deploy/session.ts'
import { uninstall } from '../deploy/uninstall.ts'
import type { ReleaseRecord, RevisionEntry } from '../release/record.ts'
import { readRecord } from '../release/records.ts'
import { presentRevision } from '../release/state.ts'
import { previewId } from './labels.ts'
import { lookAtNamespace, nothingToRemove, notOurs } from './namespace.ts'
import { askPull, type PreviewRun } from './of.ts'
import { checkPull } from './pull-check.ts'
import { outlivingUninstall, remainsOfRelease, type Remains } from './remains.ts'
import { namespaceRefused, namespaceStays, previewGone, releaseGone, releaseStays } from './removal-ends.ts'
import { readClaims } from './volumes.ts'

/** Why a preview stays after all, asked when nobody else works on it; null when it goes. */
export type WhyItStays = (session: Session, run: PreviewRun) => Promise<string | null>

/** Removes a preview: release, volumes and namespace. What is not there is removed already, so it can be done again and again. */
export function removePreview(
  session: Session,
  run: PreviewRun,
  onPhase: OnPhase,
  whyItStays: WhyItStays = isReopened,
): Promise<TransactionResult> {
  return withRelease(
    session,
    onPhase,
    (locked, _opened, noting) => removeInTurn(locked, run, noting, whyItStays),
    (given) => isThereToRemove(given, run),
  )
}

/** Before the lock: whether there is anything, and whether it is ours. */
async function isThereToRemove(session: Session, run: PreviewRun): Promise<TransactionResult | null> {
  const { client, clock, stop, target, inputs } = session
  const standing = await lookAtNamespace(session, run.preview)
  switch (standing.kind) {
    case 'unreadable':
      return rejectedWith(standing.problem)
    case 'absent':
      return nothingToRemove(`there is nothing to remove: there is no namespace ${target.namespace}`)
    case 'other':
      return rejectedWith(notOurs(target.namespace, `is the preview of ${standing.whose}`))
    case 'unlabelled':
      return isOfPreview(await newestEntry(session), run) ? null : rejectedWith(notOurs(target.namespace, notMade))
    case 'ours': {
      if (!standing.isEnding) return null
      const { name, uid = '' } = standing.namespace.metadata
      session.log.line(`namespace ${name} is being deleted already, and waited for`)
      const deadline = clock.now() + inputs.rollbackTimeoutMs
      const left = await waitUntilGone({ client, clock, stop, deadline }, name, uid)
      return left
        ? namespaceStays(session, left, clock.now() - inputs.rollbackTimeoutMs)
        : previewGone(session, { outside: [], volumes: { claims: [], warnings: [] }, deadline, changed: true })
    }
  }
}

const notMade = 'was not made by this action'
const none: Remains = { drifts: [], commands: [] }
const leastMs = 10_000

async function removeInTurn(
  session: Session,
  run: PreviewRun,
  onPhase: OnPhase,
  whyItStays: WhyItStays,
): Promise<TransactionResult> {
  const reason = await whyItStays(session, run)
  if (reason === null) return removeInHand(session, run, onPhase)
  session.log.line(reason)
  const revision = presentRevision((await session.storage.list()).entries)
  return { ...nothing, reason, revision, isSuperseded: true }
}

/**
 * A reopened pull request keeps its preview: its own run deploys it, before or after this one. An answer that is older than the event knows
 * nothing of the end yet, and keeps nothing.
 */
async function isReopened(_session: Session, run: PreviewRun): Promise<string | null> {
  const { pull, seenAtMs } = run.preview
  const now = checkPull(await askPull(run), { sha: null, seenAtMs })
  return now.kind === 'current' ? `pull request ${pull} is open again: its preview stays` : null
}

/** Removes a preview that this run has in hand. */
export async function removeInHand(session: Session, run: PreviewRun, onPhase: OnPhase): Promise<TransactionResult> {
  const { clock, inputs, client, stop, target, log } = session
  const startedAt = clock.now()
  const deadline = startedAt + inputs.rollbackTimeoutMs
  onPhase('remove')
  client.persist(deadline)
  // What is still there after this is told by this.
  session.journal.note({ createdNamespace: false })
  const [entry, volumes, standing] = await Promise.all([
    newestEntry(session),
    readClaims(session),
    lookAtNamespace(session, run.preview),
  ])
  const record = entry && (await readWhole(session, entry))
  if (entry && standing.kind !== 'ours' && !isOfPreview(entry, run))
    return rejectedWith(notOurs(target.namespace, notMade))
  const error = record ? await uninstall(session, false, deadline) : ''
  const [remains, outside] = record
    ? await Promise.all([
        remainsOfRelease(session, record, !error && standing.kind === 'ours'),
        outlivingUninstall(session, record),
      ])
    : [none, []]
  if (error || remains.drifts.length > 0) return releaseStays(session, error, remains, startedAt)
  if (record) log.line(`release ${target.release} is removed`)
  if (standing.kind !== 'ours') {
    const stays = standing.kind === 'absent' ? [] : [`the namespace ${target.namespace} stays: it ${notMade}`]
    return releaseGone(
      session,
      { outside, volumes, deadline, changed: record !== null },
      { warnings: stays, others: [] },
    )
  }
  const others = await otherReleases(session)
  if (others.length > 0)
    return releaseGone(session, { outside, volumes, deadline, changed: true }, { warnings: [], others })
  await confirmLock(session)
  // What holds the namespace up is known only when its controller has tried.
  const until = Math.max(deadline, clock.now() + leastMs)
  const left = await deleteNamespace({ client, clock, stop, deadline: until }, standing.namespace).catch(
    (refused: unknown) => {
      if (isForbidden(refused)) return refused
      throw refused
    },
  )
  if (left instanceof Error) return namespaceRefused(session, left.message, startedAt)
  if (left) return namespaceStays(session, left, startedAt)
  log.line(`namespace ${target.namespace} is removed`)
  return previewGone(session, { outside, volumes, deadline, changed: true })
}

async function newestEntry({ storage }: Session): Promise<RevisionEntry | null> {
  return (await storage.list()).entries.at(-1) ?? null
}

/** A revision, for what it made. One that cannot be read is uninstalled all the same. */
async function readWhole(session: Session, entry: RevisionEntry): Promise<ReleaseRecord> {
  const record = await readRecord(session.storage, entry)
  if ('unreadable' in record) return { ...emptyRecord, revision: entry.revision, status: entry.status }
  learnSecrets(session, record)
  return record
}

const emptyRecord: Omit<ReleaseRecord, 'revision' | 'status'> = {
  description: '',
  manifest: '',
  hooks: [],
  chart: { name: '', version: '', appVersion: '' },
  crdFiles: [],
  lastDeployed: '',
  notes: '',
}

/** Whether a revision bears the label of this preview: a release of the same name may be anybody's. */
function isOfPreview(entry: RevisionEntry | null, { preview }: PreviewRun): boolean {
  return entry?.preview === previewId(preview)
}

/** The releases that other steps of ours have in the same namespace; the last of them to go takes it away. */
async function otherReleases({ client, target, storage }: Session): Promise<string[]> {
  const path = `/api/v1/namespaces/${encodeURIComponent(target.namespace)}/${storage.driver}s`
  const query = { labelSelector: 'owner=helm,atomic-helm.dev/managed=true' }
  const { items } = await client.get<KubeList>(withQuery(path, query), { accept: metadataList })
  const names = (items ?? []).map(({ metadata }) => metadata.labels?.['name'] ?? '')
  return [...new Set(names)].filter((name) => name !== '' && name !== target.release)
}
