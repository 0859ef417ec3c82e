import { locateManifest } from '../cluster/objects.ts'
import { keptFault } from '../health/fault.ts'
import { upgradeArguments, type UpgradeRequest, type WaitFlag } from '../helm/argv.ts'
import { helmErrorText } from '../helm/errors.ts'
import { diagnose, dueFaults, isHookRunning, nextDue } from '../health/diagnose.ts'
import type { AttemptEnd } from '../health/end.ts'
import type { Observed } from '../health/observed.ts'
import { stateOf } from '../health/rollout.ts'
import { steadyState, unstable, type Steady } from '../health/stability.ts'
import { formatDuration } from '../inputs/duration.ts'
import type { Exit, RunningProcess } from '../platform/process.ts'
import { availability, progressLines, waitingTable } from './progress.ts'
import { createTold } from './told.ts'
import { startedNoReturn } from './hooks.ts'
import { learnSecrets } from './learn-secrets.ts'
import { freshGenerations, observeRecord } from './release-objects.ts'
import { confirmLock, diagnosisOptions, startHelm, type Session } from './session.ts'

/** What came of an attempt to deploy. */
export interface Attempt {
  /** `stopped`: it had to be left where it was. */
  readonly end: AttemptEnd | { readonly kind: 'stopped' }
  /** The lowest number of serving replicas on the way. */
  readonly lowestAvailable: number
  /** When the whole deploy has to be over, ms by our clock. */
  readonly deadline: number
}

/** Changes come in bursts; judging each one alone would cost more than it tells. */
const settleMs = 40
const askAgainMs = 500
const interruptGraceMs = 20_000
/** The runner leaves a cancelled step 7.5 s; what still works then is settled by the post step. */
const stoppedGraceMs = 4000

/**
 * Runs `helm upgrade --install` and watches beside it: ends it as soon as a fault is certain, or at the deadline, and after
 * Helm's success waits until every rollout is complete by our own reading. Undoes nothing.
 */
export async function attemptDeploy(
  session: Session,
  request: UpgradeRequest,
  history: { readonly last: number; readonly version: string; readonly wait: WaitFlag },
): Promise<Attempt> {
  const { inputs, observer, storage, clock, log } = session
  const options = diagnosisOptions(inputs)
  const told = createTold()
  const stop = new AbortController()
  const deadline = clock.now() + inputs.timeoutMs
  let seenRecord = false
  let lowestAvailable = Number.POSITIVE_INFINITY

  observer.begin()
  const blind = await confirmLock(session)
  if (blind) throw new Error(blind)
  session.stop.throwIfAborted()
  const helm = startHelm(session, 'upgrade', upgradeArguments(request, history.wait))
  let exit: Exit | null = null
  let failure: unknown
  const exited = helm.exited.then(
    (done) => void (exit = done),
    (error: unknown) => void (failure = error),
  )
  void storage.watch(
    history.version,
    (record) => {
      if (seenRecord || record.revision <= history.last) return
      seenRecord = true
      learnSecrets(session, record)
      log.line(`Helm began revision ${record.revision} (chart ${record.chart.name} ${record.chart.version})`)
      // A watch that is refused shows itself in `refusals`, and the deploy goes on without it; any other goes on trying.
      void observeRecord(session, record).catch((error: unknown) =>
        log.line(`the release's objects cannot be seen yet: ${String(error)}`, 'caution'),
      )
    },
    stop.signal,
  )

  let generations: ReadonlyMap<string, number> | null = null
  let stable: { readonly until: number; readonly before: Steady } | null = null
  async function judge(): Promise<Attempt['end'] | null> {
    if (session.stop.aborted) return { kind: 'stopped' }
    const seen = observer.observed()
    noteNoReturn(session)
    for (const { text, tone } of progressLines(seen, { ...options, tellsPodLines: session.tellsPodLines }, told))
      log.line(text, tone)
    if (seenRecord) lowestAvailable = Math.min(lowestAvailable, availability(seen).available)
    if (failure) throw failure
    if (exit && exit.code !== 0)
      return {
        kind: 'helm-failed',
        error: helmErrorText(helm.output().stderr) || `Helm ended with ${exit.signal ?? `exit code ${exit.code}`}`,
      }
    if (stable) return watchStable(seen, stable)
    const faults = diagnose(seen, options)
    const due = inputs.failFast ? dueFaults(faults, seen.now) : []
    if (due.length > 0 && !isHookRunning(seen)) return { kind: 'doomed', due: due.map(keptFault) }
    if (exit) {
      // Helm has ended well: an API server that does not answer now is no reason to go back before the time is up.
      generations ??= await appliedGenerations(session).catch((error: unknown) => {
        log.reminder(() => `what Helm has recorded cannot be read yet: ${String(error)}`)
        return null
      })
      const now = observer.observed()
      if (generations && isComplete(now, inputs.waitForJobs, generations, observer.refusals().needed.length > 0)) {
        if (inputs.stabilizeMs === 0) return { kind: 'complete' }
        log.line(`complete; watched for ${formatDuration(inputs.stabilizeMs)} more`)
        stable = { until: clock.now() + inputs.stabilizeMs, before: steadyState(now) }
        return null
      }
    }
    if (clock.now() >= deadline) return { kind: 'deadline' }
    const reminderIn = log.reminder(() => waitingTable(seen, options))
    const verdictIn = inputs.failFast ? (nextDue(faults, seen.now) ?? Infinity) - seen.now : Infinity
    const isOver = new AbortController()
    const wake = AbortSignal.any([isOver.signal, session.stop])
    if (!exit) void exited.then(() => isOver.abort())
    if (exit && !generations) {
      await clock.sleep(askAgainMs, session.stop)
      return null
    }
    await observer.nextChange(Math.max(1, Math.min(deadline - clock.now(), verdictIn, reminderIn)), wake)
    if (!exit) await clock.sleep(settleMs, wake)
    return null
  }

  /** What is complete has no deadline any more, and no crash is forgiven. */
  async function watchStable(
    seen: Observed,
    { until, before }: { readonly until: number; readonly before: Steady },
  ): Promise<AttemptEnd | null> {
    if (unstable(seen, options, before).length > 0) return { kind: 'unstable', ...before }
    if (clock.now() >= until) return { kind: 'complete' }
    await observer.nextChange(until - clock.now(), session.stop)
    return null
  }

  try {
    for (;;) {
      const end = await judge()
      if (!end) continue
      await interrupt(session, helm, () => exit !== null || failure !== undefined, exited)
      return { end, lowestAvailable, deadline }
    }
  } finally {
    stop.abort()
    // Whatever broke here, nothing is undone beside a Helm that still works.
    await interrupt(session, helm, () => exit !== null || failure !== undefined, exited)
  }
}

/** Written down at once: afterwards the hook's delete policy may leave nothing that tells. */
function noteNoReturn({ observer, journal }: Session): void {
  if (journal.read().passedNoReturn !== null) return
  const passed = startedNoReturn({ observer }, observer.observed().startedAt)
  if (passed) journal.note({ passedNoReturn: passed })
}

/** Ends a running `helm upgrade`: SIGINT makes it mark the revision failed and leave within 0.01 s (design decision 1). */
async function interrupt(
  session: Session,
  helm: RunningProcess,
  hasExited: () => boolean,
  exited: Promise<void>,
): Promise<void> {
  if (hasExited()) return
  helm.signal('SIGINT')
  const isOver = new AbortController()
  void exited.then(() => isOver.abort())
  await session.clock.sleep(session.stop.aborted ? stoppedGraceMs : interruptGraceMs, isOver.signal)
  if (hasExited() || session.stop.aborted) return
  helm.signal('SIGKILL')
  await exited
}

/** Watches what Helm recorded in the end, and tells how fresh our view of it must be. */
async function appliedGenerations(session: Session): Promise<ReadonlyMap<string, number>> {
  const { entries } = await session.storage.list()
  const last = entries.at(-1)
  if (!last) return new Map()
  const record = await session.storage.read(last)
  await observeRecord(session, record)
  return freshGenerations(session, await locateManifest(session.discovery, record.manifest, session.target.namespace))
}

function isComplete(
  seen: Observed,
  waitForJobs: boolean,
  generations: ReadonlyMap<string, number>,
  isPartlyBlind: boolean,
): boolean {
  return seen.objects.every((object) => {
    const { live, hookEvents } = object
    if (hookEvents.length > 0) return true
    // What may not be watched is left to Helm's own wait; the run warns of it.
    if (!live) return isPartlyBlind
    if ((live.metadata.generation ?? 0) < (generations.get(live.metadata.uid ?? '') ?? 0)) return false
    return stateOf(object, waitForJobs)?.done === true
  })
}
