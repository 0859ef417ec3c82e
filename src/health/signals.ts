import type { Pod } from '../cluster/types.ts'
import type { FindingClass, Severity } from './finding.ts'
import { hasStarted, podContainers } from './observed.ts'
import { sentence, type PodRow, type Said, type Sight, type SignalOptions } from './row.ts'
import { claimRows } from './table/claims.ts'
import { crashRows } from './table/crashes.ts'
import { imageRows } from './table/images.ts'
import { jobPodRows } from './table/jobs.ts'
import { mountRows } from './table/mounts.ts'
import { creatingRows, gateRows, readinessRows } from './table/readiness.ts'
import { schedulingRows } from './table/scheduling.ts'
import { startRows } from './table/start.ts'

/** One sign of failure on one pod. `key` stays the same while it is the same fault, so that its age can be told. */
export interface Signal extends Sight {
  /** The row of the table that saw it. */
  readonly id: string
  readonly class: FindingClass
  readonly key: string
  readonly container: string | null
  /** Tells apart what one pod can show several times of its class; the same on all pods of a revision. */
  readonly subject: string
  readonly advice: string
  readonly severity: Severity
  /** It is usual for a while in a rollout that goes well. */
  readonly isUsual: boolean
}

/** The rows about one container, lowest layer first: the first that applies is its fault. */
export const containerRows = [...imageRows, ...startRows, ...crashRows, ...readinessRows] as const

/** The rows about a pod: of each group the first that applies. */
export const podRowGroups = {
  /** Before it has a node. */
  placing: [...claimRows, ...schedulingRows],
  /** Before any of its containers has started. */
  making: [...mountRows, ...creatingRows],
  running: [...gateRows, ...jobPodRows],
} as const

const nothingSaid: Said = { ofPod: [], ofClaim: () => [] }

/** All signs of failure on a pod, the gravest of each container; none for a pod that is being deleted. */
export function podSignals(pod: Pod, options: SignalOptions, said: Said = nothingSaid): Signal[] {
  if (pod.metadata.deletionTimestamp) return []
  const groups = hasStarted(pod)
    ? [podRowGroups.running]
    : [podRowGroups.placing, ...(pod.spec?.nodeName ? [podRowGroups.making] : [])]
  const found = groups.flatMap((rows) => firstOf(rows, pod, options, said))
  for (const container of podContainers(pod)) {
    for (const row of containerRows) {
      const sight = row.see(container, pod, options)
      if (!sight) continue
      found.push(toSignal(row, sight, pod, container.name))
      break
    }
  }
  return found
}

function firstOf(rows: readonly PodRow[], pod: Pod, options: SignalOptions, said: Said): Signal[] {
  for (const row of rows) {
    const sight = row.see(pod, said, options)
    if (sight) return [sight].flat().map((one) => toSignal(row, one, pod, null))
  }
  return []
}

type AnyRow = Pick<PodRow, 'id' | 'class' | 'advice' | 'severity' | 'isUsual'>

function toSignal(row: AnyRow, sight: Sight, pod: Pod, container: string | null): Signal {
  const place = container === null ? row.class : `${container}|${row.class}`
  const subject = sight.subject ?? sight.missing?.name ?? ''
  return {
    id: row.id,
    class: row.class,
    advice: row.advice,
    severity: row.severity,
    isUsual: row.isUsual === true,
    ...sight,
    cause: sentence(sight.cause),
    key: [pod.metadata.uid ?? pod.metadata.name, place, sight.detail ?? ''].join('|'),
    container,
    subject: `${container ?? ''}|${subject}`,
  }
}
