import { refKey } from '../cluster/manifest.ts'
import type { Pod, Workload } from '../cluster/types.ts'
import type { Observed } from '../health/observed.ts'
import { ownedPods } from '../health/ownership.ts'
import { describeError } from '../platform/errors.ts'
import type { Measure } from './measure.ts'
import { confirmLock, type Session } from './session.ts'

/**
 * Scales the failed revision's ReplicaSets to zero, each once, where their Deployment would keep them without end: it was not ready before
 * the deploy either, so with `maxUnavailable: 0` it takes no pod away before another is ready (kubernetes deployment/rolling.go,
 * cleanupUnhealthyReplicas). Only pods that this deploy made and that are not ready go with it.
 */
export async function retireStuckSets(session: Session, measure: Measure, retired: Set<string>): Promise<void> {
  const { client, log, observer } = session
  const hopeless = new Set(measure.objects.filter((object) => !measure.mustBeReady(object)).map(refKey))
  for (const { metadata } of stuckSets(observer.observed(), hopeless)) {
    const { name, namespace, uid = '' } = metadata
    if (retired.has(uid)) continue
    if (await confirmLock(session)) return
    retired.add(uid)
    log.line(`ReplicaSet/${name}: of the failed revision; scaled to zero, because its Deployment would keep it`)
    // The server refuses the change when the name stands for another set by now.
    const body = { metadata: { uid }, spec: { replicas: 0 } }
    const path = `/apis/apps/v1/namespaces/${namespace}/replicasets/${name}`
    await client
      .send('PATCH', path, { body, contentType: 'application/merge-patch+json' })
      .catch((error: unknown) => log.warning(`ReplicaSet ${name} cannot be scaled: ${describeError(error)}`))
  }
}

/**
 * The ReplicaSets whose pods are all of this deploy and broken, of Deployments (by `refKey`) that have all the pods of their present
 * template; pure.
 */
export function stuckSets(observed: Observed, deployments: ReadonlySet<string>): Workload[] {
  return observed.objects.flatMap((watched) => {
    const { live, manifest } = watched
    if (live?.kind !== 'Deployment' || !deployments.has(refKey(manifest)) || !isUnrolled(live)) return []
    const { old } = ownedPods(observed, watched)
    return (observed.setsOf.get(live.metadata.uid ?? '') ?? []).filter(({ metadata }) => {
      const pods = old.filter((pod) => pod.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid))
      return pods.length > 0 && pods.every((pod) => isBroken(observed, pod))
    })
  })
}

/** The controller has seen the restored template and made all its pods: what it does not take away now, it keeps. */
function isUnrolled({ metadata, spec, status }: Workload): boolean {
  const isSeen = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  return isSeen && (status?.updatedReplicas ?? 0) >= (spec?.replicas ?? 1)
}

function isBroken({ podsBefore }: Observed, { metadata, status }: Pod): boolean {
  const isReady = status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True')
  return !metadata.deletionTimestamp && !podsBefore.has(metadata.uid ?? '') && isReady !== true
}
