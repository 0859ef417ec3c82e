import type { LocatedObject } from '../cluster/discovery.ts'
import { refKey, refText, toRef } from '../cluster/manifest.ts'
import { mapLimited, readObject } from '../cluster/objects.ts'
import { objectText } from '../health/evidence.ts'
import { stateOf } from '../health/rollout.ts'
import type { Drift } from '../report/model.ts'
import type { Measure } from './measure.ts'
import type { Fallback } from './plan.ts'
import { freshGenerations, podsLeft } from './release-objects.ts'
import { replaceStuckPods } from './stuck-pods.ts'
import { retireStuckSets } from './stuck-sets.ts'
import type { ReleaseRecord } from '../release/record.ts'
import type { Session } from './session.ts'
import type { Snapshot } from './snapshot.ts'
import type { Verification } from './verify.ts'

/** What is known when a revision is to be undone. */
export interface UndoRequest {
  readonly fallback: Fallback
  /** The revision that failed. */
  readonly failed: ReleaseRecord
  /** The release's objects and hook objects as they were before it, as far as that is known. */
  readonly before: Snapshot
  readonly measure: Measure
  /** The API server's time when the failed revision began, ms since 1970: what is older is none of it. */
  readonly since: number
  /** Somebody asked for it, who knows what the hooks have done: a point of no return that is over keeps nobody. */
  readonly isByHand?: boolean
}

/**
 * Waits until the pods of the failed revision are gone and the restored workloads are complete, at most until `deadline`
 * (ms, our clock), then compares every object with the snapshot and looks for what the failed revision left.
 */
export async function settleAndVerify(
  session: Session,
  request: UndoRequest,
  failedObjects: readonly LocatedObject[],
  deadline: number,
): Promise<Verification> {
  const restored = request.measure.objects
  const concerned = new Map([...restored, ...failedObjects].map((object) => [object.path, object]))
  await session.observer.watch([...concerned.values()].map((object) => ({ object, hookEvents: [] })))
  const generations = await freshGenerations(session, restored)
  for (;;) {
    await waitUntilSettled(session, request.measure, generations, deadline)
    const compared = await compareAll(session, request, failedObjects, deadline)
    const unsettled = unsettledNow(session, request.measure, compared, generations)
    // Meanwhile an autoscaler may have made a pod, or a node may have lost one: that is waited for like any other.
    if (unsettled.length === 0 || session.clock.now() >= deadline)
      return { ...compared, drifts: [...compared.drifts, ...unsettled] }
  }
}

async function waitUntilSettled(
  session: Session,
  measure: Measure,
  generations: ReadonlyMap<string, number>,
  deadline: number,
): Promise<void> {
  const { observer, clock, log, stop } = session
  const restored = measure.objects
  const deleted = new Set<string>()
  const retired = new Set<string>()
  for (;;) {
    stop.throwIfAborted()
    const open = [
      ...podsLeft(session, restored).map(({ name }) => `pod ${name} still ends`),
      ...restored
        .filter((object) => isUnready(session, object, measure, generations))
        .map((object) => `${objectText(object)} is not ready yet`),
    ]
    if (open.length === 0 || clock.now() >= deadline) return
    await replaceStuckPods(session, deleted)
    await retireStuckSets(session, measure, retired)
    log.reminder(() => shortList(open))
    await observer.nextChange(Math.max(1, Math.min(1000, deadline - clock.now())), stop)
  }
}

/** One below the other, so many as one looks at. */
function shortList(open: readonly string[]): string {
  const more = open.length - 15
  const lines = [...open.slice(0, 15), ...(more > 0 ? [`and ${String(more)} more`] : [])]
  return ['waiting for the undo', ...lines.map((line) => `  ${line}`)].join('\n')
}

/** The objects of both revisions, each compared with how it was. */
async function compareAll(
  session: Session,
  { measure }: UndoRequest,
  failedObjects: readonly LocatedObject[],
  deadline: number,
): Promise<Verification> {
  const extra = failedObjects.filter(
    ({ path, object }) => !measure.existed(path) && object.metadata.annotations?.['helm.sh/resource-policy'] !== 'keep',
  )
  const [compared, left] = await Promise.all([measure.compare(), leftOver(session, extra, deadline)])
  return {
    checked: compared.checked + extra.length,
    drifts: [...compared.drifts, ...left],
    remarks: compared.remarks,
  }
}

/** What of the rollout is not as before at this moment: pods of the failed revision, and workloads that are not complete. */
function unsettledNow(
  session: Session,
  measure: Measure,
  { drifts }: Verification,
  generations: ReadonlyMap<string, number>,
): Drift[] {
  const restored = measure.objects
  const notBack = new Set(drifts.filter(({ kind }) => kind === 'changed').map(({ object }) => refText(object)))
  const stillNew = new Set(restored.filter((object) => notBack.has(refText(toRef(object)))).map(refKey))
  const pods = podsLeft(session, restored)
    // Of what is not back itself, those that are not of its present template are the pods of before.
    .filter(({ owner }) => !stillNew.has(owner))
    .map(({ name }): Drift => ({
      object: { kind: 'Pod', namespace: session.target.namespace, name },
      kind: 'left-over',
      details: ['a pod of the failed revision is still there'],
    }))
  const notReady = restored
    .filter((object) => isUnready(session, object, measure, generations))
    .map((object): Drift => ({ object: toRef(object), kind: 'not-ready', details: ['it is not ready again'] }))
  return [...pods, ...notReady]
}

async function leftOver(session: Session, objects: readonly LocatedObject[], deadline: number): Promise<Drift[]> {
  const found = await mapLimited(objects, async (object): Promise<Drift | null> => {
    for (;;) {
      const live = await readObject(session.client, object.path)
      if (!live) return null
      if (session.clock.now() >= deadline || !live.metadata.deletionTimestamp) {
        const details = live.metadata.deletionTimestamp
          ? [
              `it is being deleted${live.metadata.finalizers?.length ? `, held by ${live.metadata.finalizers.join(', ')}` : ''}`,
            ]
          : ['the failed revision made it']
        return { object: toRef(object), kind: 'left-over', details }
      }
      session.stop.throwIfAborted()
      await session.clock.sleep(250, session.stop)
    }
  })
  return found.filter((drift) => drift !== null)
}

/** Not complete although it has to be. */
function isUnready(
  session: Session,
  object: LocatedObject,
  measure: Measure,
  generations: ReadonlyMap<string, number>,
): boolean {
  const { objects } = session.observer.observed()
  const watched = objects.find(({ manifest }) => refKey(manifest) === refKey(object))
  if (!watched?.live || !measure.mustBeReady(object)) return false
  const { generation = 0, uid = '' } = watched.live.metadata
  return generation < (generations.get(uid) ?? 0) || stateOf(watched, false)?.done === false
}
