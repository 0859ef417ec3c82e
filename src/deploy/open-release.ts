import { ApiError } from '../cluster/client.ts'
import { systemSteadyClock } from '../platform/clock.ts'
import type { Problem } from '../platform/errors.ts'
import { acquireLock, type LockResult } from '../release/acquire-lock.ts'
import { outageMs } from '../release/lease-write.ts'
import { leaseName, type LeaseFacts } from '../release/lease.ts'
import { disabledLock, LockLost, type Lock, type LockPorts } from '../release/lock.ts'
import { removeCreatedNamespace, removePreviewNamespace } from './created-namespace.ts'
import { nothing, rejectedWith, stopped, type TransactionResult } from './outcome.ts'
import type { OnPhase, Session } from './session.ts'

/** What taking a release in hand has shown. */
export interface Opened {
  /** The owner that the lock was taken from: dead, or fenced off. */
  readonly stale: LeaseFacts | null
  /** What is pending is of this very run, whose main was cut off: nobody else works on it. */
  readonly isOurs?: boolean
}

/**
 * Sees to the namespace before the lock is taken in it: null when it is there, else how the run ends. Asked again when the namespace has
 * vanished while the lock was waited for.
 */
export type SeeToNamespace = (session: Session) => Promise<TransactionResult | null>

/**
 * Works on a release that nobody else works on: makes its namespace if it has to be made, takes the lock, and gives both back. Work that
 * has to stop may throw: everything is then left as it is.
 */
export async function withRelease(
  session: Session,
  onPhase: OnPhase,
  work: (session: Session, opened: Opened, onPhase: OnPhase) => Promise<TransactionResult>,
  seeToNamespace?: SeeToNamespace,
): Promise<TransactionResult> {
  let locked = session
  try {
    const taken = seeToNamespace
      ? await takeWithNamespace(session, onPhase, seeToNamespace)
      : await takeInHand(session, onPhase)
    if ('status' in taken) return await closeRelease(session, taken)
    if ('problem' in taken) return await closeRelease(session, rejectedWith(taken))
    const { lock } = taken
    session.client.persist(session.clock.now() + outageMs)
    locked = { ...session, lock, stop: AbortSignal.any([session.stop, fenced(lock)]) }
    session.journal.note({ stage: 'open', lockIdentity: lock.identity })
    const noting: OnPhase = (name) => {
      onPhase(name)
      lock.note(name)
    }
    return await closeRelease(locked, await work(locked, taken, noting))
  } catch (error) {
    if (locked.stop.aborted) return closeRelease(locked, stopped(locked, null))
    await closeRelease(locked, nothing)
    throw error
  }
}

/** Aborts when another run has taken the lock. One that merely could not be renewed for a while is taken up again before the next change. */
function fenced({ lost }: Lock): AbortSignal {
  const abort = new AbortController()
  const tell = (): void => {
    if (lost.reason instanceof LockLost && lost.reason.kind === 'taken') abort.abort(lost.reason)
  }
  if (lost.aborted) tell()
  lost.addEventListener('abort', tell, { once: true })
  return abort.signal
}

/** Gives the lock back, and takes the namespace that this run made away again if there is no release in it. */
export async function closeRelease(session: Session, result: TransactionResult): Promise<TransactionResult> {
  const { lock, journal, stop, inputs } = session
  // Whatever ended before the stop was noticed has ended: a deploy that is complete is not taken back.
  if (stop.aborted && result.status === 'cancelled') {
    // The post step goes on with the lock. What was taken over is the other run's.
    lock.suspend()
    if (stop.reason instanceof LockLost) journal.note({ stage: 'settled' })
    return result
  }
  const isLeft = journal.read().createdNamespace && result.revision === null
  // That of a preview goes with all that is in it, while nobody else can put anything there.
  const isWhole = isLeft && inputs.mode === 'preview' && lock.identity !== ''
  const removed = isWhole ? await removePreviewNamespace(session) : null
  await lock.release()
  const left = removed ?? (isLeft ? await removeCreatedNamespace(session) : [])
  journal.note({ stage: 'settled' })
  if (removed?.length === 0) return withoutNamespaced(result, session.target.namespace)
  if (left.length === 0) return result
  if (result.undo) return { ...result, undo: { ...result.undo, notUndone: [...result.undo.notUndone, ...left] } }
  return {
    ...result,
    warnings: [...result.warnings, ...left.map(({ object, why }) => `${object.kind} ${object.name} stays: ${why}`)],
  }
}

/** What was left in a namespace is gone with it. */
function withoutNamespaced(result: TransactionResult, namespace: string): TransactionResult {
  if (!result.undo) return result
  const notUndone = result.undo.notUndone.filter(({ object }) => object.namespace !== namespace)
  return { ...result, undo: { ...result.undo, notUndone } }
}

interface Taken extends Opened {
  readonly lock: Lock
}

const mostVanished = 5

/** The same for a namespace that others may take away at any moment, as that of a preview whose pull request is closed and reopened. */
async function takeWithNamespace(
  session: Session,
  onPhase: OnPhase,
  seeToNamespace: SeeToNamespace,
): Promise<Taken | TransactionResult | Problem> {
  if (session.inputs.lock !== 'off') onPhase('lock')
  for (let vanished = 0; ; vanished++) {
    const ended = await seeToNamespace(session)
    if (ended) return ended
    if (session.inputs.lock === 'off') return { lock: disabledLock(), stale: null }
    const acquired = await acquire(session)
    if (acquired.kind !== 'no-namespace' || vanished >= mostVanished) return settleLock(session, acquired)
  }
}

/** The lock lies in the namespace: that it cannot be made says that the namespace is missing, and nobody has to ask for that. */
async function takeInHand(session: Session, onPhase: OnPhase): Promise<Taken | Problem> {
  if (session.inputs.lock === 'off') return withoutLock(session)
  onPhase('lock')
  const first = await acquire(session)
  const problem = first.kind === 'no-namespace' ? await makeNamespace(session) : null
  if (problem) return problem
  return settleLock(session, first.kind === 'no-namespace' ? await acquire(session) : first)
}

function acquire(session: Session): Promise<LockResult> {
  const { inputs, owner, target, stop } = session
  return acquireLock(lockPorts(session), owner, { ...target, takeOver: inputs.lock === 'take-over', signal: stop })
}

async function settleLock(session: Session, acquired: LockResult): Promise<Taken | Problem> {
  const { log, target } = session
  switch (acquired.kind) {
    case 'held':
      log.line(`locked for this run by Lease ${leaseName(target.release)}`)
      return acquired
    case 'forbidden':
      log.warning(`no lock: ${acquired.why}; other runs are told apart by Helm's own records only`)
      return session.inputs.mode === 'preview' ? { lock: disabledLock(), stale: null } : withoutLock(session)
    case 'no-namespace':
      return missingNamespace(session)
    case 'gave-up':
      return {
        problem: `The release "${target.release}" is in the hands of ${acquired.owner}, and was so for 15 minutes`,
        remedy: 'Wait for that run or cancel it; `lock: take-over` takes the release from it',
      }
  }
}

async function withoutLock(session: Session): Promise<Taken | Problem> {
  const problem = (await doesNamespaceExist(session)) ? null : await makeNamespace(session)
  return problem ?? { lock: disabledLock(), stale: null }
}

/** What the lock needs of the outside. */
export function lockPorts({ client, clock, log, isAttemptCompleted }: Session): LockPorts {
  return { client, clock, steady: systemSteadyClock, log, isAttemptCompleted }
}

function missingNamespace({ target, inputs }: Session): Problem {
  return {
    problem: `The namespace "${target.namespace}" does not exist`,
    remedy:
      inputs.mode === 'deploy'
        ? 'Create it, correct `namespace`, or set `create-namespace: true`'
        : 'Correct `namespace`',
  }
}

/** Whoever may not read namespaces is taken at their word that it exists: Helm will tell. */
async function doesNamespaceExist({ client, target }: Session): Promise<boolean> {
  try {
    await client.get(`/api/v1/namespaces/${encodeURIComponent(target.namespace)}`)
    return true
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false
    if (error instanceof ApiError && error.status === 403) return true
    throw error
  }
}

/**
 * Makes the namespace as Helm's `--create-namespace` would (helm v4 pkg/action/install.go); the problem when it may not be made. Helm is
 * never asked to: it would create or apply a namespace that is there already, which an account of that namespace alone may not.
 */
async function makeNamespace(session: Session): Promise<Problem | null> {
  const { client, target, log, inputs, journal } = session
  if (inputs.mode !== 'deploy' || !inputs.createNamespace) return missingNamespace(session)
  const name = target.namespace
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { name } } }
  try {
    await client.send('POST', '/api/v1/namespaces', { body })
    journal.note({ createdNamespace: true, stage: 'open' })
    log.line(`namespace ${name} created`)
  } catch (error) {
    // Somebody else was faster, so it is theirs.
    if (!(error instanceof ApiError && error.status === 409)) throw error
  }
  return null
}
