import { rollbackArguments } from '../helm/argv.ts'
import { isPassingFault, recogniseHelmError } from '../helm/errors.ts'
import type { LocatedObject } from '../cluster/discovery.ts'
import type { FindingClass } from '../health/finding.ts'
import type { ReleaseRecord, RevisionEntry } from '../release/record.ts'
import type { Repaired } from '../report/model.ts'
import { removeUnchangeable } from './repair.ts'
import { confirmLock, runHelm, type Session } from './session.ts'
import type { Verification } from './verify.ts'

/** What came of a rollback: Helm's error, empty when the release is back, and what people should know. */
export interface RolledBack {
  readonly error: string
  readonly remarks: readonly string[]
  readonly repaired: readonly Repaired[]
}

export interface RollbackRequest {
  readonly to: ReleaseRecord
  /** The newest revision that is to be gone back from. */
  readonly from: number
  /** Ms, our clock. */
  readonly deadline: number
  /** What has to be back. */
  readonly restored: readonly LocatedObject[]
  /** Compares the cluster with how it has to be, until then at the latest (ms, our clock). */
  readonly check: (until: number) => Promise<Verification>
}

const longestPauseMs = 8000

/**
 * What Helm refuses to go back over: fields of another manager (Helm 4), and fields that cannot change, which Helm 3 also finds where the
 * failed revision never began to apply its manifest, as with a Job that each revision names anew.
 */
const refusals: ReadonlySet<FindingClass> = new Set(['conflict', 'immutable-field'])

/**
 * Goes back to an explicit revision with `helm rollback`, as often as it takes: faults of the connection are waited out until the
 * deadline, fields that another manager took are taken back, and a rollback hook that fails keeps nobody from the old revision.
 */
export async function rollBack(session: Session, request: RollbackRequest): Promise<RolledBack> {
  const { log, clock, target, stop } = session
  const remarks: string[] = []
  const repaired: Repaired[] = []
  let flags: RollbackFlags = { force: false, noHooks: false }
  for (let pauseMs = 500; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const { entries } = await session.storage.list()
    if (await isBack(session, request, entries)) return { error: '', remarks, repaired }
    log.line(`rolling back to revision ${request.to.revision}${words(flags)}`)
    const blind = await confirmLock(session)
    if (!blind) await forgetUnfinished(session, request, entries)
    const error = blind || (await attempt(session, request, flags))
    if (!error) return { error: '', remarks, repaired }
    const known = recogniseHelmError(error, target.namespace)
    if (refusals.has(known?.class ?? 'unknown') && (await isAsBefore(session, request))) {
      log.line('Helm refuses the rollback, but everything is as before already')
      return { error: '', remarks, repaired }
    }
    if (known?.class === 'conflict' && !flags.force) {
      // Fields have another manager by now (an autoscaler, kubectl): those of the revision are taken back.
      flags = { ...flags, force: true }
    } else if (!flags.noHooks && !blind && (await failedByHook(session, error))) {
      remarks.push(
        `a rollback hook of revision ${request.to.revision} failed, so it was rolled back without hooks: ${error}`,
      )
      log.line(`the rollback's own hook failed: ${error}`, 'bad')
      flags = { ...flags, noHooks: true }
    } else if ((blind || isPassingFault(error, target.namespace)) && clock.now() + pauseMs < request.deadline) {
      log.line(`the rollback was cut off, tried again in ${pauseMs / 1000} s: ${error}`, 'caution')
      await clock.sleep(pauseMs, stop)
    } else if (session.inputs.repair === 'safe' && repaired.length === 0 && known?.class === 'immutable-field') {
      repaired.push(...(await removeUnchangeable(session, request.restored)))
      if (repaired.length === 0) return { error, remarks, repaired }
    } else return { error, remarks, repaired }
  }
}

interface RollbackFlags {
  readonly force: boolean
  readonly noHooks: boolean
}

function words({ force, noHooks }: RollbackFlags): string {
  return `${force ? ', taking back the fields that another manager has taken' : ''}${noHooks ? ', without hooks' : ''}`
}

async function attempt(session: Session, { to, deadline }: RollbackRequest, flags: RollbackFlags): Promise<string> {
  const timeoutMs = Math.max(1000, deadline - session.clock.now())
  return (await runHelm(session, 'rollback', rollbackArguments(session.target, to.revision, timeoutMs, flags))).error
}

/**
 * Whether a hook of the rollback failed. Helm's text does not say so, but of all ways to fail only this one leaves `pending-rollback`
 * behind (helm v3.22 and v4.3 rollback.go), but for a Helm that was cut off. The objects may not even be changed then.
 */
async function failedByHook({ storage, target }: Session, error: string): Promise<boolean> {
  if (isPassingFault(error, target.namespace)) return false
  const { entries } = await storage.list()
  return entries.at(-1)?.status === 'pending-rollback'
}

/**
 * Takes rollbacks that began and did not end out of the history. Helm takes the manifest of the newest revision for what is there, and
 * that of an unfinished rollback has nothing of the failed revision any more: what that one added would never be taken away
 * (helm v3.22 and v4.3 rollback.go).
 */
async function forgetUnfinished(
  { storage, log }: Session,
  { to }: RollbackRequest,
  entries: readonly RevisionEntry[],
): Promise<void> {
  for (const entry of entries.filter(({ revision }) => revision > to.revision).toReversed()) {
    if (entry.status !== 'pending-rollback' && entry.status !== 'failed') return
    const { manifest, description } = await storage.read(entry)
    if (manifest !== to.manifest || !/^Rollback (to|")/.test(description)) return
    log.line(`revision ${entry.revision}, a rollback that did not end, is taken out of the history`)
    await storage.remove(entry)
  }
}

/** Whether a rollback to that very manifest is what is deployed: of an earlier attempt whose end nobody saw, or of the post step's main. */
async function isBack(
  { storage }: Session,
  { to, from }: RollbackRequest,
  entries: readonly RevisionEntry[],
): Promise<boolean> {
  const last = entries.at(-1)
  if (last?.status !== 'deployed' || last.revision <= from) return false
  return (await storage.read(last)).manifest === to.manifest
}

/** Often the upgrade was refused for the same reason, and nothing has changed: the state decides. */
async function isAsBefore(session: Session, request: RollbackRequest): Promise<boolean> {
  const { drifts } = await request.check(session.clock.now())
  return drifts.length === 0 && recordAsBack(session, request)
}

/**
 * Everything is back without Helm, whose record of the refused rollback says `failed`, and of the revision before that it is deployed
 * still: writes down what Helm would have. False when there is no such record.
 */
async function recordAsBack(session: Session, { to, from }: RollbackRequest): Promise<boolean> {
  const { storage } = session
  const { entries } = await storage.list()
  const last = entries.at(-1)
  if (!last || last.revision <= from || (await storage.read(last)).manifest !== to.manifest) return false
  if (await confirmLock(session)) return false
  await storage.mark(last, 'deployed', `Rollback to ${to.revision}`)
  const replaced = entries.filter(({ revision, status }) => revision < last.revision && status === 'deployed')
  for (const entry of replaced) await storage.mark(entry, 'superseded')
  return true
}
