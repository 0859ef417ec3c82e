import { collectionPath } from '../cluster/discovery.ts'
import { hasStarted, missingKey, type Observed } from '../health/observed.ts'
import { ownedPods } from '../health/ownership.ts'
import { saidOf } from '../health/pod-faults.ts'
import type { SignalOptions } from '../health/row.ts'
import { podSignals } from '../health/signals.ts'

/** A Secret or ConfigMap that a pod waits for: its key in the memory, its collection in the API, its name. */
export interface MissingThing {
  readonly what: string
  readonly path: string
  readonly name: string
}

/** What the new pods of a release miss, so that its coming can be seen. */
export function missingThings(observed: Observed, options: SignalOptions): MissingThing[] {
  return observed.objects
    .flatMap((object) => ownedPods(observed, object).fresh)
    .filter((pod) => !hasStarted(pod))
    .flatMap((pod) =>
      podSignals(pod, options, saidOf(observed, pod)).flatMap(({ missing }) => {
        if (!missing) return []
        const namespace = pod.metadata.namespace ?? ''
        const path = collectionPath('v1', `${missing.kind.toLowerCase()}s`, namespace)
        return [{ what: missingKey(pod, missing), path, name: missing.name }]
      }),
    )
}
