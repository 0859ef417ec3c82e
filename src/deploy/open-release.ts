import { ApiError } from '../cluster/client.ts'
import { unlessStopped } from '../platform/stop.ts'
import type { LeaseFacts } from '../release/lease.ts'
import { acquireLock, disabledLock, type Lock } from '../release/lock.ts'
import { removeCreatedNamespace } from './created-namespace.ts'
import { rejectedWith, type TransactionResult } from './outcome.ts'
import type { OnPhase, Session } from './session.ts'

/** What taking a release in hand has shown. */
export interface Opened {
  /** The owner that the lock was taken from: dead, or fenced off. */
  readonly stale: LeaseFacts | null
  readonly createdNamespace: boolean
}

/** Works on a release that nobody else works on: makes its namespace if it has to be made, takes the lock, and gives both back. */
export async function withRelease(
  session: Session,
  onPhase: OnPhase,
  work: (session: Session, opened: Opened) => Promise<TransactionResult>,
): Promise<TransactionResult> {
  const { target, inputs, journal } = session
  const isThere = await doesNamespaceExist(session)
  const mayCreate = inputs.mode === 'deploy' && inputs.createNamespace
  if (!isThere && !mayCreate)
    return rejectedWith({
      problem: `The namespace "${target.namespace}" does not exist`,
      remedy:
        inputs.mode === 'deploy'
          ? 'Create it, correct `namespace`, or set `create-namespace: true`'
          : 'Correct `namespace`',
    })
  const createdNamespace = !isThere && (await createNamespace(session))
  if (createdNamespace) journal.note({ createdNamespace })
  const taken = await takeLock(session, onPhase)
  if ('problem' in taken) {
    const left = createdNamespace ? await removeCreatedNamespace(session) : []
    return { ...rejectedWith(taken), warnings: left.map(({ why }) => why) }
  }
  const { lock, stale } = taken
  journal.note({ stage: 'open', lockIdentity: lock.identity })
  const locked = { ...session, lock, stop: AbortSignal.any([session.stop, lock.lost]) }
  const result = await work(locked, { stale, createdNamespace })
  return closeRelease(locked, result, createdNamespace)
}

/** Gives the lock back, and takes the namespace that this run made away again if there is no release in it. */
export async function closeRelease(
  session: Session,
  result: TransactionResult,
  createdNamespace: boolean,
): Promise<TransactionResult> {
  const { lock, journal, stop } = session
  if (stop.aborted) {
    // The post step goes on with the lock. What was taken over is the other run's.
    lock.suspend()
    if (lock.lost.aborted) journal.note({ stage: 'settled' })
    return result
  }
  await lock.release()
  const left = createdNamespace && result.revision === null ? await removeCreatedNamespace(session) : []
  journal.note({ stage: 'settled' })
  if (left.length === 0) return result
  if (result.undo) return { ...result, undo: { ...result.undo, notUndone: [...result.undo.notUndone, ...left] } }
  return {
    ...result,
    warnings: [...result.warnings, ...left.map(({ object, why }) => `${object.kind} ${object.name} stays: ${why}`)],
  }
}

interface Taken {
  readonly lock: Lock
  readonly stale: LeaseFacts | null
}

async function takeLock(session: Session, onPhase: OnPhase): Promise<Taken | { problem: string; remedy: string }> {
  const { inputs, log, owner } = session
  if (inputs.lock === 'off') return { lock: disabledLock(), stale: null }
  onPhase('lock')
  const ports = { client: session.client, clock: session.clock, log, isAttemptCompleted: session.isAttemptCompleted }
  const options = { takeOver: inputs.lock === 'take-over', cancel: session.stop }
  const acquired = await unlessStopped(acquireLock(ports, owner, options), session.stop)
  switch (acquired.kind) {
    case 'held':
      return acquired
    case 'forbidden':
      log.warning(`no lock: ${acquired.why}; other runs are told apart by Helm's own records only`)
      return { lock: disabledLock(), stale: null }
    case 'gave-up':
      return {
        problem: `The release "${session.target.release}" is in the hands of ${acquired.owner}, and was so for 15 minutes`,
        remedy: 'Wait for that run or cancel it; `lock: take-over` takes the release from it',
      }
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

/** Makes the namespace as Helm's `--create-namespace` would (helm v4 pkg/action/install.go), before the lock, which lies in it. */
async function createNamespace({ client, target, log }: Session): Promise<boolean> {
  const body = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: target.namespace, labels: { name: target.namespace } },
  }
  try {
    await client.send('POST', '/api/v1/namespaces', { body })
    log.line(`namespace ${target.namespace} created`)
    return true
  } catch (error) {
    if (error instanceof ApiError && error.status === 409) return false
    throw error
  }
}

