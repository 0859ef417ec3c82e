import { ApiError } from '../cluster/client.ts'
import { systemSteadyClock } from '../platform/clock.ts'
import type { Problem } from '../platform/errors.ts'
import { acquireLock, type LockResult } from '../release/acquire-lock.ts'
import { outageMs } from '../release/lease-write.ts'
import { leaseName, type LeaseFacts } from '../release/lease.ts'
import { disabledLock, LockLost, type Lock, type LockPorts } from '../release/lock.ts'
import { removeCreatedNamespace } from './created-namespace.ts'
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
 * Works on a release that nobody else works on: makes its namespace if it has to be made, takes the lock, and gives both back. Work that
 * has to stop may throw: everything is then left as it is.
 */
export async function withRelease(
  session: Session,
  onPhase: OnPhase,
  work: (session: Session, opened: Opened, onPhase: OnPhase) => Promise<TransactionResult>,
): Promise<TransactionResult> {
  let locked = session
  try {
    const taken = await takeInHand(session, onPhase)
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
  const { lock, journal, stop } = session
  // Whatever ended before the stop was noticed has ended: a deploy that is complete is not taken back.
  if (stop.aborted && result.status === 'cancelled') {
    // The post step goes on with the lock. What was taken over is the other run's.
    lock.suspend()
    if (stop.reason instanceof LockLost) journal.note({ stage: 'settled' })
    return result
  }
  await lock.release()
  const isLeft = journal.read().createdNamespace && result.revision === null
  const left = isLeft ? await removeCreatedNamespace(session) : []
  journal.note({ stage: 'settled' })
  if (left.length === 0) return result
  if (result.undo) return { ...result, undo: { ...result.undo, notUndone: [...result.undo.notUndone, ...left] } }
  return {
    ...result,
    warnings: [...result.warnings, ...left.map(({ object, why }) => `${object.kind} ${object.name} stays: ${why}`)],
  }
}

interface Taken extends Opened {
  readonly lock: Lock
}

/** The lock lies in the namespace: that it cannot be made says that the namespace is missing, and nobody has to ask for that. */
async function takeInHand(session: Session, onPhase: OnPhase): Promise<Taken | Problem> {
  const { inputs, log, owner, target, stop } = session
  if (inputs.lock === 'off') return withoutLock(session)
  onPhase('lock')
  const options = { ...target, takeOver: inputs.lock === 'take-over', signal: stop }
  const acquire = (): Promise<LockResult> => acquireLock(lockPorts(session), owner, options)
  const first = await acquire()
  const problem = first.kind === 'no-namespace' ? await makeNamespace(session) : null
  if (problem) return problem
  const acquired = first.kind === 'no-namespace' ? await acquire() : first
  switch (acquired.kind) {
    case 'held':
      log.line(`locked for this run by Lease ${leaseName(target.release)}`)
      return acquired
    case 'forbidden':
      log.warning(`no lock: ${acquired.why}; other runs are told apart by Helm's own records only`)
      return withoutLock(session)
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

/** Makes the namespace as Helm's `--create-namespace` would (helm v4 pkg/action/install.go); the problem when it may not be made. */
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
