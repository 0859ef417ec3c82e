import type { ClusterClient } from '../cluster/client.ts'
import type { Discovery } from '../cluster/discovery.ts'
import type { HelmTarget } from '../helm/argv.ts'
import type { HelmBinary } from '../helm/binary.ts'
import { helmErrorText } from '../helm/errors.ts'
import { formatDuration } from '../inputs/duration.ts'
import type { DiagnosisOptions } from '../health/fault.ts'
import type { Inputs } from '../inputs/inputs.ts'
import type { Clock } from '../platform/clock.ts'
import { describeError } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'
import type { Exit, RunningProcess, StartProcess } from '../platform/process.ts'
import { startTicks } from '../platform/process-identity.ts'
import type { System } from '../platform/system.ts'
import type { SecretKeeper } from '../platform/secret-keeper.ts'
import { unlessStopped } from '../platform/stop.ts'
import type { ReleaseStorage } from '../release/storage.ts'
import type { LockOwner } from '../release/lease.ts'
import { LockLost, type IsAttemptCompleted, type Lock } from '../release/lock.ts'
import type { Journal } from './journal.ts'
import type { Observer } from './observer.ts'

/** Told when a phase of the run begins. */
export type OnPhase = (name: string) => void

/** What every step of the transaction works with: the edges, opened, for one release. */
export interface Session {
  readonly inputs: Inputs
  readonly target: HelmTarget
  readonly helm: HelmBinary
  /** The API server's version, as it says it: `v1.36.3`. */
  readonly kubeVersion: string
  /** The environment that Helm is given. */
  readonly env: Readonly<Record<string, string>>
  readonly workspace: string
  /** The private files of this run. */
  readonly folder: string
  readonly client: ClusterClient
  readonly discovery: Discovery
  readonly storage: ReleaseStorage
  readonly observer: Observer
  readonly clock: Clock
  readonly log: Log
  readonly secrets: SecretKeeper
  /** Whether lines of pods may be told in the job's log, which everybody can read in a public repository. */
  readonly tellsPodLines: boolean
  readonly system: System
  readonly start: StartProcess
  readonly journal: Journal
  /** Aborts when this process has to leave everything as it is: the job was cancelled, or another run has taken the lock. */
  readonly stop: AbortSignal
  readonly owner: LockOwner
  readonly isAttemptCompleted: IsAttemptCompleted
  /** Confirmed before everything that changes the cluster. */
  readonly lock: Lock
}

/** What the inputs say about the diagnosis. */
export function diagnosisOptions({ crashTolerance, waitForJobs, unschedulableGraceMs }: Inputs): DiagnosisOptions {
  return { crashTolerance, waitForJobs, unschedulableGraceMs }
}

/**
 * Makes sure that the release is still this run's before it is changed. Throws when another run has it; gives what keeps us from knowing,
 * which may be over in a moment, and the empty string when all is well.
 */
export async function confirmLock({ lock }: Pick<Session, 'lock'>): Promise<string> {
  try {
    await lock.confirm()
    return ''
  } catch (error) {
    if (error instanceof LockLost && error.kind === 'expired') return describeError(error)
    // Somebody has deleted the Lease, and nobody has taken it: whoever does next sees by Helm's records what is under way.
    if (error instanceof LockLost && error.kind === 'gone') return ''
    throw error
  }
}

/** What a call of Helm may have beside its arguments. */
export interface HelmOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** After so many ms it is ended. */
  readonly limitMs?: number
}

/** Starts Helm with these arguments; its output goes to files. */
export function startHelm(
  session: Session,
  name: string,
  args: readonly string[],
  { env, input }: HelmOptions = {},
): RunningProcess {
  const options = { env: { ...session.env, ...env }, cwd: session.workspace, name }
  const running = session.start(session.helm.path, args, input === undefined ? options : { ...options, input })
  const [verb = ''] = args
  if (changing.has(verb))
    session.journal.note({ process: { pid: running.pid, startTicks: startTicks(running.pid), verb } })
  return running
}

/** The verbs that change the cluster: such a Helm is written down, because it can outlive this process. */
const changing = new Set(['upgrade', 'rollback', 'uninstall'])

/**
 * Runs Helm to its end; `error` is its own text, empty when it succeeded. When the run has to stop, it throws the reason: a Helm that
 * changes the cluster is then left to itself (design decision 5), any other is ended.
 */
export async function runHelm(
  session: Session,
  name: string,
  args: readonly string[],
  options: HelmOptions = {},
): Promise<{ readonly exit: Exit; readonly error: string; readonly stdout: string; readonly stderr: string }> {
  const running = startHelm(session, name, args, options)
  const end = endOf(running, session.clock, options.limitMs)
  const { exit, isLate } = await unlessStopped(end, session.stop).catch((reason: unknown) => {
    if (session.stop.aborted && !changing.has(args[0] ?? '')) running.signal('SIGKILL')
    throw reason
  })
  const { stdout, stderr } = running.output()
  const said = helmErrorText(stderr) || `Helm ended with ${exit.signal ?? exit.code}`
  const error = isLate ? `helm ${args[0]} took longer than ${formatDuration(options.limitMs ?? 0)}` : said
  return { exit, stdout, stderr, error: exit.code === 0 ? '' : error }
}

async function endOf(
  running: RunningProcess,
  clock: Clock,
  limitMs: number | undefined,
): Promise<{ readonly exit: Exit; readonly isLate: boolean }> {
  if (limitMs === undefined) return { exit: await running.exited, isLate: false }
  const ended = new AbortController()
  const late = clock.sleep(limitMs, ended.signal).then(() => !ended.signal.aborted)
  const exited = running.exited.finally(() => ended.abort())
  const isLate = await Promise.race([late, exited.then(() => false)])
  if (isLate) running.signal('SIGKILL')
  return { exit: await exited, isLate }
}
