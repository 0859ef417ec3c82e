import { deleteObject, mapLimited, readObject } from '../cluster/objects.ts'
import { parseManifest, refText, toRef } from '../cluster/manifest.ts'
import type { KubeObject } from '../cluster/types.ts'
import { hasHookEnded } from '../health/rollout.ts'
import type { ResourceRef } from '../health/finding.ts'
import { describeError } from '../platform/errors.ts'
import type { ReleaseRecord } from '../release/record.ts'
import type { Drift, NotUndone } from '../report/model.ts'
import { hasRun } from './progress.ts'
import { locateHooks } from './release-objects.ts'
import { confirmLock, type Session } from './session.ts'
import type { Snapshot } from './snapshot.ts'

const pollMs = 250

/** A hook's object that this run made and that is still in the cluster. */
interface HookObject {
  readonly path: string
  readonly ref: ResourceRef
  readonly live: KubeObject
  readonly isRunnable: boolean
  readonly existedBefore: boolean
}

/**
 * Nothing is undone beside a running hook of the failed revision (design decision 5): one that never started is deleted, one
 * that runs is waited for until `deadline` (ms, our clock), then ended and gone. Gives a hook that is a point of no return and runs:
 * that one is left as it is.
 */
export async function settleHooks(
  session: Session,
  record: ReleaseRecord,
  before: Snapshot,
  since: number,
  deadline: number,
): Promise<ResourceRef | null> {
  const { log, clock, client, observer } = session
  for (const hook of await hooksOfRun(session, record, before, since)) {
    if (hasHookEnded(hook.live)) continue
    if (hasRun(observer.observed(), hook.live.metadata.uid)) {
      if (isNoReturn(hook.live)) return hook.ref
      log.line(`waiting: hook ${refText(hook.ref)} still runs; nothing is undone beside it`)
      await until(session, deadline, async () => {
        const live = await readObject(client, hook.path)
        return !live || live.metadata.uid !== hook.live.metadata.uid || hasHookEnded({ ...live, kind: hook.ref.kind })
      })
    }
    log.line(`hook ${refText(hook.ref)} is ended before the undo`)
    await remove(session, hook, Math.max(deadline, clock.now() + 5000))
  }
  return null
}

/** The annotation of a hook after whose start the old code no longer fits. */
export const noReturnAnnotation = 'atomic-helm.dev/point-of-no-return'

function isNoReturn({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[noReturnAnnotation] === 'true'
}

/** A hook that is a point of no return and has started since then (ms, the API server's time), as far as it was watched. */
export function startedNoReturn({ observer }: Pick<Session, 'observer'>, since: number): ResourceRef | null {
  const observed = observer.observed()
  const passed = observed.objects.find(
    ({ hookEvents, manifest, live }) =>
      hookEvents.length > 0 &&
      isNoReturn(manifest.object) &&
      live &&
      isSince(live, since) &&
      hasRun(observed, live.metadata.uid),
  )
  return passed ? toRef(passed.manifest) : null
}

/** The same by Helm's own record, where a hook's delete policy may have left nothing to watch. A rollback's hooks are those of its target. */
export function recordedNoReturn({ hooks, description }: ReleaseRecord): ResourceRef | null {
  if (description.startsWith('Rollback ')) return null
  const [passed] = hooks
    .filter(({ ended }) => ended !== '')
    .flatMap(({ manifest }) => parseManifest(manifest))
    .filter(({ object }) => isNoReturn(object))
  return passed ? toRef(passed) : null
}

/** The hooks of this run that ran: what they did is not undone. Told before the undo, while they are still watched. */
export function hooksThatRan(session: Session): NotUndone[] {
  const observed = session.observer.observed()
  return observed.objects
    .filter(({ hookEvents, live }) => hookEvents.length > 0 && live && hasRun(observed, live.metadata.uid))
    .map(({ manifest, hookEvents }) => ({
      object: toRef(manifest),
      why: `the ${hookEvents.join(', ')} hook ran: what it did is not undone`,
    }))
}

/** What is to be told of the hooks' objects after the undo. */
export interface HooksLeft {
  /** Objects that were there before and have been replaced. */
  readonly notUndone: readonly NotUndone[]
  /** Objects of this run that could not be removed. */
  readonly drifts: readonly Drift[]
}

/** Deletes what the hooks of this run left behind. */
export async function clearHooks(
  session: Session,
  record: ReleaseRecord,
  before: Snapshot,
  since: number,
  deadline: number,
): Promise<HooksLeft> {
  const hooks = await hooksOfRun(session, record, before, since)
  const notUndone = hooks.filter(isReplaced).map(({ ref }): NotUndone => {
    return { object: ref, why: 'a hook object that existed before and was made anew by this deploy' }
  })
  const made = hooks.filter((hook) => !isReplaced(hook))
  const drifts = await mapLimited(made, async (hook): Promise<Drift | null> => {
    const problem = await remove(session, hook, deadline)
    return problem
      ? { object: hook.ref, kind: 'left-over', details: [`a hook of the failed revision: ${problem}`] }
      : null
  })
  return { notUndone, drifts: drifts.filter((drift) => drift !== null) }
}

/** A Secret or ConfigMap that was there before under that name may be in use by the old revision, so the new one stays. */
function isReplaced(hook: HookObject): boolean {
  return hook.existedBefore && !hook.isRunnable
}

async function hooksOfRun(
  session: Session,
  record: ReleaseRecord,
  before: Snapshot,
  since: number,
): Promise<HookObject[]> {
  const located = await locateHooks(session, record.hooks)
  const found = await mapLimited(located, async ({ object }): Promise<HookObject | null> => {
    const live = await readObject(session.client, object.path)
    const earlier = before.get(object.path)?.live
    if (!live || live.metadata.deletionTimestamp || live.metadata.uid === earlier?.metadata.uid) return null
    if (object.object.metadata.annotations?.['helm.sh/resource-policy'] === 'keep') return null
    const isRunnable = object.kind === 'Job' || object.kind === 'Pod'
    return {
      path: object.path,
      ref: toRef(object),
      live: { ...live, kind: object.kind },
      isRunnable,
      existedBefore: (earlier ?? null) !== null,
    }
  })
  return found.filter((hook) => hook !== null && isSince(hook.live, since)) as HookObject[]
}

/** Made since then; the second is the resolution of creation times, the other one that of our reading of the server's clock. */
function isSince({ metadata }: KubeObject, since: number): boolean {
  return Date.parse(metadata.creationTimestamp ?? '') >= since - 2000
}

/** Deletes it and waits until it and its pods are gone; gives the reason when they are not. */
async function remove(session: Session, hook: HookObject, deadline: number): Promise<string | null> {
  const uid = hook.live.metadata.uid ?? ''
  try {
    const blind = await confirmLock(session)
    if (blind) return blind
    await deleteObject(session.client, hook.path, uid)
    const isGone = await until(session, deadline, async () => {
      const live = await readObject(session.client, hook.path)
      const isReallyGone = !live || live.metadata.uid !== uid
      return isReallyGone && !session.observer.observed().pods.some((pod) => isRunningPodOf(session, pod, uid))
    })
    return isGone ? null : 'it is still being deleted'
  } catch (error) {
    return `it cannot be deleted: ${describeError(error)}`
  }
}

function isRunningPodOf(session: Session, pod: KubeObject, uid: string): boolean {
  const { gone } = session.observer.observed()
  return !gone.has(pod.metadata.uid ?? '') && (pod.metadata.ownerReferences ?? []).some((owner) => owner.uid === uid)
}

/** Asks again and again until it is so, or the deadline (ms, our clock) has passed. */
async function until({ clock, stop }: Session, deadline: number, isSo: () => Promise<boolean>): Promise<boolean> {
  for (;;) {
    stop.throwIfAborted()
    if (await isSo()) return true
    if (clock.now() >= deadline) return false
    await clock.sleep(pollMs, stop)
  }
}
