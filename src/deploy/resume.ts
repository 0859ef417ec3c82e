import { describeError } from '../platform/errors.ts'
import { isAlive, runsProgram } from '../platform/process-identity.ts'
import type { ReleaseRecord } from '../release/record.ts'
import { presentRevision } from '../release/state.ts'
import type { ReleaseStorage } from '../release/storage.ts'
import type { HelmProcess, JournalBefore, JournalEntries } from './journal.ts'
import { readStanding, type Before } from './look.ts'
import { learnSecrets } from './learn-secrets.ts'
import { asBefore } from './measure.ts'
import { nothing, unfinished, type TransactionResult } from './outcome.ts'
import { recoverRelease } from './recover.ts'
import { observeRecord } from './release-objects.ts'
import type { OnPhase, Session } from './session.ts'
import type { Snapshot } from './snapshot.ts'
import { lookAgain } from './look-again.ts'
import { undoDeploy } from './undo.ts'
import { uninstall } from './uninstall.ts'
import { goWayBack } from './way-back.ts'

const pollMs = 100
/** Helm marks its revision failed within a moment of SIGINT; one that does not is stuck in the network. */
const interruptMs = 20_000
const leastUndoMs = 20_000

/**
 * Goes on where main was cut off: settles a Helm that still runs, then looks at the release and takes back what main's deploy has
 * changed. Deploys nothing.
 */
export async function resumeTransaction(
  given: Session,
  journal: JournalEntries,
  written: JournalBefore | null,
  onPhase: OnPhase,
): Promise<TransactionResult> {
  onPhase('settle')
  const deadline = given.clock.now() + given.inputs.rollbackTimeoutMs
  given.client.persist(deadline)
  if (journal.process) await settleProcess(given, journal.process)
  // What settling took is not there for the undo any more.
  const rollbackTimeoutMs = Math.max(leastUndoMs, deadline - given.clock.now())
  const session = { ...given, inputs: { ...given.inputs, rollbackTimeoutMs } }
  const cancelled: TransactionResult = {
    ...nothing,
    status: 'cancelled',
    findings: journal.findings,
    chartDigest: journal.chartDigest,
  }
  if (journal.stage !== 'changing' || !written)
    return { ...cancelled, ...(await resumeWithoutBefore(session, journal, onPhase)) }
  const before = await readBack(session, written)
  const { attempted, revision, later } = await lookAgain(session, before.lastRevision)
  const facts = { ...cancelled, before, attempted, revision }
  if (!attempted) return facts
  // What main has found may quote them.
  for (const record of [attempted, ...(before.fallback.kind === 'rollback' ? [before.fallback.to] : [])])
    learnSecrets(session, record)
  if (session.inputs.onFailure === 'keep') return { ...facts, warnings: ['nothing is undone: `on-failure: keep`'] }
  const { fallback } = before
  // A revision after ours may be main's own rollback, begun before it was cut off.
  const isOwn =
    !later || (fallback.kind === 'rollback' && (await session.storage.read(later)).manifest === fallback.to.manifest)
  if (!isOwn)
    return { ...facts, warnings: [`revision ${later.revision} was made by somebody else: nothing is rolled back`] }

  onPhase(fallback.kind === 'uninstall' ? 'uninstall' : 'roll back')
  session.observer.begin()
  await observeRecord(session, attempted)
  const request = {
    fallback,
    failed: attempted,
    before: before.everything,
    measure: asBefore(session, before.objects),
    since: journal.changingSince ?? 0,
  }
  const undo = await undoDeploy(session, request)
  return { ...facts, undo, revision: await currentRevision(session).catch(() => revision), warnings: undo.remarks }
}

/** A rollback or a recovery of main's may have been cut off: the one is finished and checked, and what the other left pending recovered. */
async function resumeWithoutBefore(
  session: Session,
  { process, wayBack }: JournalEntries,
  onPhase: OnPhase,
): Promise<Partial<TransactionResult>> {
  if (process && wayBack) {
    onPhase('roll back')
    const to = await readRevision(session.storage, wayBack.to)
    const failed = await readRevision(session.storage, wayBack.failed)
    for (const record of [to, failed]) learnSecrets(session, record)
    const undo = await goWayBack(session, { ...wayBack, to, failed })
    return { undo, revision: await currentRevision(session).catch(() => null), warnings: undo.remarks }
  }
  if (process?.verb === 'uninstall' && session.inputs.mode === 'preview') {
    // A removal goes on to its end; its namespace is the next run's.
    onPhase('remove')
    const error = await uninstall(session, false, session.clock.now() + session.inputs.rollbackTimeoutMs)
    const revision = await currentRevision(session).catch(() => null)
    return { revision, reason: error ? `the preview is not removed yet: ${error}` : null }
  }
  const { state, entries } = await readStanding(session)
  // What main has not begun is somebody else's.
  if (!process || (state.kind !== 'locked' && state.kind !== 'uninstalling'))
    return { revision: presentRevision(entries) }
  const opened = { stale: null, isOurs: true }
  const { undo, revision, warnings, problems } = await recoverRelease(session, opened, onPhase)
  return { undo, revision, warnings, problems }
}

/** What a resumed run comes to when the cluster cannot be asked at all. */
export function resumeBroke(session: Session, error: unknown): TransactionResult {
  return { ...unfinished(session, null, describeError(error)), status: 'cancelled' }
}

/** An upgrade is told to end, and marks its revision failed; a rollback or an uninstall is waited for (design decision 5). */
async function settleProcess(
  { log, clock, inputs, system, helm }: Session,
  { pid, startTicks, verb }: HelmProcess,
): Promise<void> {
  const isOurs = isAlive(pid, startTicks) && (startTicks !== null || runsProgram(pid, helm.path, system))
  if (!isOurs) return log.line(`helm ${verb} has ended`)
  const mayInterrupt = verb === 'upgrade'
  log.line(`helm ${verb} (process ${pid}) still runs: ${mayInterrupt ? 'interrupted' : 'waited for'}`)
  if (mayInterrupt) signal(pid, 'SIGINT')
  const deadline = clock.now() + (mayInterrupt ? interruptMs : inputs.rollbackTimeoutMs)
  while (isAlive(pid, startTicks)) {
    if (clock.now() >= deadline) {
      log.warning(`helm ${verb} does not end: killed`)
      signal(pid, 'SIGKILL')
      return
    }
    await clock.sleep(pollMs)
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended by itself in between.
  }
}

/** What main had found, with the revision to go back to read anew. */
async function readBack({ storage }: Session, { entries, lastRevision, fallback }: JournalBefore): Promise<Before> {
  const snapshotOf = (some: JournalBefore['entries']): Snapshot =>
    new Map(some.map(({ object, live }) => [object.path, { object, live }]))
  return {
    fallback:
      fallback.kind === 'rollback'
        ? { kind: 'rollback', to: await readRevision(storage, fallback.revision) }
        : fallback,
    lastRevision,
    objects: snapshotOf(entries.filter(({ isObject }) => isObject)),
    everything: snapshotOf(entries),
  }
}

async function readRevision(storage: ReleaseStorage, revision: number): Promise<ReleaseRecord> {
  const { entries } = await storage.list()
  const entry = entries.find((one) => one.revision === revision)
  if (!entry) throw new Error(`revision ${revision} is not in the history any more`)
  return storage.read(entry)
}

async function currentRevision({ storage }: Session): Promise<number | null> {
  return presentRevision((await storage.list()).entries)
}
