import type { LocatedObject } from '../cluster/discovery.ts'
import { refText, toRef } from '../cluster/manifest.ts'
import { locateManifest, mapLimited, readObject } from '../cluster/objects.ts'
import type { ResourceRef } from '../health/finding.ts'
import { describeError } from '../platform/errors.ts'
import type { ReleaseRecord } from '../release/record.ts'
import type { Drift, NotUndone, RollbackResult, UndoReport } from '../report/model.ts'
import { driftCommands } from './drift-commands.ts'
import { clearHooks, hooksThatRan, recordedNoReturn, settleHooks, startedNoReturn } from './hooks.ts'
import { lasting } from './lasting.ts'
import { wouldDeleteEarlier, type Fallback } from './plan.ts'
import { rollBack, type RolledBack } from './roll-back.ts'
import type { Session } from './session.ts'
import type { Snapshot } from './snapshot.ts'
import type { Verification } from './verify.ts'
import { takeBackServiceAccounts } from './service-accounts.ts'
import { settleAndVerify, type UndoRequest } from './settle.ts'
import { uninstall } from './uninstall.ts'

export interface UndoResult {
  readonly result: RollbackResult
  readonly report: UndoReport | null
  readonly notUndone: readonly NotUndone[]
  readonly remarks: readonly string[]
  /** The hook that is a point of no return and has started: then nothing is undone. */
  readonly noReturn: ResourceRef | null
}

/** After an undo that failed the report is urgent, but pods that are just ending are not left over. */
const lastLookMs = 10_000

/**
 * Takes the failed revision back and checks that everything is as it was; within `rollback-timeout`. What fails on the way, Helm or the
 * cluster, is told in the result; throws only when the run has to stop.
 */
export function undoDeploy(session: Session, request: UndoRequest): Promise<UndoResult> {
  const startedAt = session.clock.now()
  return takeBack(session, request, startedAt).catch((error: unknown) => {
    if (session.stop.aborted) throw error
    return broken(session, request, describeError(error), startedAt)
  })
}

async function takeBack(session: Session, request: UndoRequest, startedAt: number): Promise<UndoResult> {
  const { clock, inputs, log } = session
  const deadline = startedAt + inputs.rollbackTimeoutMs
  const { fallback, failed, before } = request
  session.client.persist(deadline)
  if (fallback.kind === 'none') return impossible(session, request, 'no revision of it was ever good', startedAt)
  const failedObjects = await locateManifest(session.discovery, failed.manifest, session.target.namespace)
  if (fallback.kind === 'uninstall') {
    const inTheWay = await earlierObjects(session, failedObjects, before)
    if (inTheWay.length > 0)
      return impossible(
        session,
        request,
        `an uninstall would delete what existed before: ${inTheWay.map((object) => refText(toRef(object))).join(', ')}`,
        startedAt,
      )
  }
  const passed =
    knownNoReturn(session, request) ??
    // Half of the budget at most: what is left must do for the undo itself.
    (await settleHooks(session, failed, before, request.since, startedAt + inputs.rollbackTimeoutMs / 2))
  if (passed) return leave(session, request, passed)
  const ran = hooksThatRan(session)
  const check = (until: number): Promise<Verification> => settleAndVerify(session, request, failedObjects, until)
  const { error, remarks, repaired }: RolledBack =
    fallback.kind === 'rollback'
      ? await rollBack(session, {
          to: fallback.to,
          from: failed.revision,
          deadline,
          restored: request.measure.objects,
          check,
        })
      : { error: await uninstall(session, fallback.keepHistory, deadline), remarks: [], repaired: [] }
  if (error) log.line(`${fallback.kind} failed: ${error}`, 'bad')
  if (fallback.kind === 'rollback')
    await takeBackServiceAccounts(session, failed.manifest, request.measure.objects, before)
  const hooks = await clearHooks(session, withRollbackHooks(failed, fallback), before, request.since, deadline)
  const notUndone = [...ran, ...hooks.notUndone, ...(await lasting(session, request, failedObjects))]
  const verification = await check(error ? Math.min(deadline, clock.now() + lastLookMs) : deadline)
  const drifts = [...verification.drifts, ...hooks.drifts]
  const problem = error || notServing(drifts)
  const result: RollbackResult = problem ? 'failed' : drifts.length > 0 ? 'drifted' : 'restored'
  const report: UndoReport = {
    action: fallback.kind,
    toRevision: fallback.kind === 'rollback' ? fallback.to.revision : null,
    durationMs: clock.now() - startedAt,
    checkedObjects: verification.checked,
    drifts,
    ...(repaired.length > 0 ? { repaired } : {}),
    ...(problem ? { error: problem } : {}),
    commands: problem
      ? [...manualCommands(session, fallback), ...driftCommands(drifts.filter(isLeftOver), session.target)]
      : driftCommands(drifts, session.target),
  }
  return { result, report, notUndone, remarks: [...remarks, ...verification.remarks], noReturn: null }
}

/** A point of no return that is known to have started before the undo has done anything. */
export function knownNoReturn(
  session: Session,
  { failed, since, isByHand }: Pick<UndoRequest, 'failed' | 'since' | 'isByHand'>,
): ResourceRef | null {
  if (isByHand) return null
  return session.journal.read().passedNoReturn ?? startedNoReturn(session, since) ?? recordedNoReturn(failed)
}

/** The hooks that ran on the way are those of the failed revision, and on the way back the rollback hooks of its target. */
function withRollbackHooks(failed: ReleaseRecord, fallback: Fallback): ReleaseRecord {
  if (fallback.kind !== 'rollback') return failed
  const own = fallback.to.hooks.filter(({ events }) => events.some((event) => event.endsWith('-rollback')))
  return { ...failed, hooks: [...failed.hooks, ...own] }
}

const isLeftOver = ({ kind }: Drift): boolean => kind === 'left-over'

/** What served before and does not serve again is more than a drift: somebody has to look. */
function notServing(drifts: readonly Drift[]): string {
  const names = drifts.filter(({ kind }) => kind === 'not-ready').map(({ object }) => refText(object))
  return names.length === 0 ? '' : `${names.join(', ')} is not ready again`
}

/** Objects of the failed revision that were there before the deploy: an uninstall must not touch them. */
async function earlierObjects(
  session: Session,
  objects: readonly LocatedObject[],
  before: Snapshot,
): Promise<LocatedObject[]> {
  const now = await mapLimited(objects, async (object) => ({
    object,
    uid: (await readObject(session.client, object.path))?.metadata.uid,
  }))
  return wouldDeleteEarlier(before, now)
}

/** The undo itself broke, as when the cluster cannot be reached any more: told with the commands that remain. */
function broken(session: Session, { fallback }: UndoRequest, error: string, startedAt: number): UndoResult {
  const toRevision = fallback.kind === 'rollback' ? fallback.to.revision : null
  const durationMs = session.clock.now() - startedAt
  session.log.line(`the undo is cut off: ${error}`, 'bad')
  const report = { ...untried(fallback), toRevision, durationMs, error, commands: manualCommands(session, fallback) }
  return { result: 'failed', report, notUndone: [], remarks: [], noReturn: null }
}

/** Nothing is undone: what the hook did does not fit the old revision any more. */
function leave(session: Session, { fallback }: UndoRequest, noReturn: ResourceRef): UndoResult {
  const name = refText(noReturn)
  session.log.line(`nothing is undone: ${name} is a point of no return and has started`, 'bad')
  const report = { ...untried(fallback), commands: manualCommands(session, fallback) }
  const why = 'a point of no return that has started: nothing is rolled back by itself'
  return { result: 'none', report, notUndone: [{ object: noReturn, why }], remarks: [], noReturn }
}

function impossible(session: Session, { fallback }: UndoRequest, why: string, startedAt: number): UndoResult {
  session.log.line(`nothing can be undone: ${why}`, 'bad')
  const { release, namespace } = session.target
  const commands = [
    `helm -n ${namespace} history ${release}`,
    `helm -n ${namespace} status ${release}`,
    `kubectl -n ${namespace} get all`,
  ]
  const report = { ...untried(fallback), durationMs: session.clock.now() - startedAt, error: why, commands }
  return { result: 'failed', report, notUndone: [], remarks: [], noReturn: null }
}

/** What is told of an undo of which nothing was done. */
export function untried({ kind }: Fallback): UndoReport {
  return {
    action: kind === 'uninstall' ? 'uninstall' : 'rollback',
    toRevision: null,
    durationMs: 0,
    checkedObjects: 0,
    drifts: [],
    commands: [],
  }
}

function manualCommands(session: Session, fallback: Fallback): string[] {
  if (fallback.kind === 'none') return []
  const { release, namespace } = session.target
  const look = [`helm -n ${namespace} history ${release}`, `kubectl -n ${namespace} get pods`]
  if (fallback.kind === 'rollback')
    return [...look, `helm -n ${namespace} rollback ${release} ${fallback.to.revision} --wait`]
  return [...look, `helm -n ${namespace} uninstall ${release} --wait`]
}
