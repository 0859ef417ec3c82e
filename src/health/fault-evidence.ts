import type { Pod } from '../cluster/types.ts'
import { objectEvidence, podEvidence } from './evidence.ts'
import type { Fault } from './fault.ts'
import type { Evidence } from './finding.ts'
import { podContainers, type Observed, type WatchedObject } from './observed.ts'
import { ownedPods } from './ownership.ts'

/** Gathers what proves a fault, as the cluster shows it by now. */
export function faultEvidence(observed: Observed, { object, witness }: Fault): Evidence {
  const { uid = object.live?.metadata.uid, container, message } = witness
  const pod = observed.pods.find(({ metadata }) => metadata.uid === uid)
  if (pod && container !== undefined) return podEvidence(observed, pod, container)
  if (object.manifest.kind === 'Job') return jobEvidence(observed, object, message)
  if (pod) return podEvidence(observed, pod, podContainers(pod).at(-1)?.name ?? null)
  return objectEvidence(observed, uid, message)
}

/** The evidence of a Job or hook: its newest failed pod, even when the pod is deleted by now. */
export function jobEvidence(observed: Observed, object: WatchedObject, message?: string): Evidence {
  const told = message ? { message } : {}
  const pods = ownedPods(observed, object).fresh.toSorted((a, b) => created(b) - created(a))
  for (const pod of pods) {
    const failed = podContainers(pod).find(
      ({ status }) => (status.state?.terminated ?? status.lastState?.terminated)?.exitCode,
    )
    if (failed) return { ...podEvidence(observed, pod, failed.name), ...told }
  }
  const [pod] = pods
  if (pod) return { ...podEvidence(observed, pod, podContainers(pod).at(-1)?.name ?? null), ...told }
  return objectEvidence(observed, object.live?.metadata.uid, message)
}

function created(pod: Pod): number {
  return Date.parse(pod.metadata.creationTimestamp ?? '') || 0
}
