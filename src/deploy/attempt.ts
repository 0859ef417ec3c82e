import { keptFault } from '../health/fault.ts'
import { upgradeArguments, type UpgradeRequest, type WaitFlag } from '../helm/argv.ts'
import { helmErrorText } from '../helm/errors.ts'
import { diagnose, dueFaults, isHookRunning, nextDue } from '../health/diagnose.ts'
import type { AttemptEnd } from '../health/end.ts'
import type { Observed } from '../health/observed.ts'
import { steadyState, unstable, type Steady } from '../health/stability.ts'
import type { AnsweredUrl } from '../health/url-answer.ts'
import { formatDuration } from '../inputs/duration.ts'
import type { Exit, RunningProcess } from '../platform/process.ts'
import { isComplete, readApplied, type Applied } from './completeness.ts'
import { availability, progressLines, waitingTable } from './progress.ts'
import { createTold } from './told.ts'
import { startedNoReturn } from './hooks.ts'
import { learnSecrets } from './learn-secrets.ts'
import { observeRecord } from './release-objects.ts'
import { confirmLock, diagnosisOptions, startHelm, type Session } from './session.ts'
import { beginUrlCheck, type UrlCheck } from './verify-url.ts'

/** What came of an attempt to deploy. */
export interface Attempt {
  /** `stopped`: it had to be left where it was. */
  readonly end: AttemptEnd | { readonly kind: 'stopped' }
  /** The lowest number of serving replicas on the way. */
  readonly lowestAvailable: number
  /** When the whole deploy has to be over, ms by our clock. */
  readonly deadline: number
  /** Null unless `verify-url` asked for it, and until it answers. */
  readonly answered: AnsweredUrl | null
}

/** Changes come in bursts; judging each one alone would cost more than it tells. */
const settleMs = 40
const askAgainMs = 500
const interruptGraceMs = 20_000
/** The runner leaves a cancelled step 7.5 s; what still works then is settled by the post step. */
const stoppedGraceMs = 4000

/**
 * Runs `helm upgrade --install` and watches beside it: ends it as soon as a fault is certain, or at the deadline, and after
 * Helm's success waits until every rollout is complete by our own reading, and the environment answers where `verify-url` asks for it.
 * Undoes nothing.
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

  let applied: Applied | null = null
  let check = null as UrlCheck | null
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
      applied ??= await readApplied(session).catch((error: unknown) => {
        log.reminder(() => `what Helm has recorded cannot be read yet: ${String(error)}`)
        return null
      })
      const now = observer.observed()
      if (applied && isComplete(now, inputs.waitForJobs, applied, observer.refusals().needed.length > 0)) {
        if (inputs.verifyUrl)
          check ??= beginUrlCheck(session, applied.manifest, deadline, AbortSignal.any([stop.signal, session.stop]))
        const unanswered = check && clock.now() >= deadline ? await check.ended : null
        if (check && session.stop.aborted) return { kind: 'stopped' }
        if (unanswered && 'unanswered' in unanswered) return { kind: 'url-unanswered', ...unanswered.unanswered }
        if (!check || check.answered()) return whenComplete(now)
      }
    }
    if (clock.now() >= deadline) return { kind: 'deadline' }
    const reminderIn = log.reminder(() => waitingTable(seen, options) || (check?.waitsFor() ?? ''))
    const verdictIn = inputs.failFast ? (nextDue(faults, seen.now) ?? Infinity) - seen.now : Infinity
    const isOver = new AbortController()
    const wake = AbortSignal.any([isOver.signal, session.stop])
    if (!exit) void exited.then(() => isOver.abort())
    if (check && !check.answered()) void check.ended.then(() => isOver.abort())
    if (exit && !applied) {
      await clock.sleep(askAgainMs, session.stop)
      return null
    }
    await observer.nextChange(Math.max(1, Math.min(deadline - clock.now(), verdictIn, reminderIn)), wake)
    if (!exit) await clock.sleep(settleMs, wake)
    return null
  }

  function whenComplete(now: Observed): Attempt['end'] | null {
    if (inputs.stabilizeMs === 0) return { kind: 'complete' }
    log.line(`complete; watched for ${formatDuration(inputs.stabilizeMs)} more`)
    stable = { until: clock.now() + inputs.stabilizeMs, before: steadyState(now) }
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
      return { end, lowestAvailable, deadline, answered: check?.answered() ?? null }
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
