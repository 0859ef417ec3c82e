import { toRef } from '../cluster/manifest.ts'
import type { DiagnosisOptions, Fault } from './fault.ts'
import { faultEvidence } from './fault-evidence.ts'
import { findingClasses, type Finding } from './finding.ts'
import { hasStarted, type Observed, type WatchedObject } from './observed.ts'
import { objectFaults } from './object-faults.ts'
import { ownedPods } from './ownership.ts'
import { podFaults } from './pod-faults.ts'
import { hasHookEnded, stateOf } from './rollout.ts'
import { atTimeout } from './row.ts'
import { tuningOf } from './tuning.ts'

/** Names every fault that can be seen now, the lowest layer first; pure. */
export function diagnose(observed: Observed, options: DiagnosisOptions): Fault[] {
  const faults = [...observed.objects, ...observed.others].flatMap((object) => {
    const tuning = tuningOf(object.manifest)
    return [...objectFaults(observed, object, tuning), ...podFaults(observed, object, options, tuning)]
  })
  return faults.sort((a, b) => layer(a) - layer(b) || b.count - a.count)
}

/** The faults that end the deploy now. */
export function dueFaults(faults: readonly Fault[], now: number): Fault[] {
  return faults.filter(({ dueAt }) => dueAt !== null && dueAt <= now)
}

/** When the next fault becomes a verdict, ms since 1970; null when none will without a change. */
export function nextDue(faults: readonly Fault[], now: number): number | null {
  const coming = faults.map(({ dueAt }) => dueAt).filter((due): due is number => due !== null && due > now)
  return coming.length > 0 ? Math.min(...coming) : null
}

/** The objects whose rollout is not complete, as faults without a better explanation than their own status. */
export function unfinished(observed: Observed, options: DiagnosisOptions): Fault[] {
  return observed.objects
    .filter(({ hookEvents }) => hookEvents.length === 0)
    .flatMap((object) => {
      const state = stateOf(object, options.waitForJobs)
      if (state?.done) return []
      const cause = state ? `the rollout is not complete: ${state.message}` : 'it does not exist in the cluster'
      return [stalled(object, cause)]
    })
}

function stalled(object: WatchedObject, cause: string): Fault {
  return {
    id: '',
    key: 'rollout',
    class: 'rollout-stalled',
    object,
    cause,
    severity: atTimeout,
    count: 1,
    dueAt: null,
    witness: {},
  }
}

/** Dresses a fault with its evidence. */
export function toFinding(fault: Fault, observed: Observed): Finding {
  const { class: name, object, cause, advice, severity, count } = fault
  const source = object.manifest.source
  return {
    class: name,
    resource: toRef(object.manifest),
    cause,
    ...(advice ? { advice } : {}),
    severity,
    count,
    evidence: { ...faultEvidence(observed, fault), ...(source ? { source: { file: source } } : {}) },
  }
}

/** Whether a hook of this run works at this moment: its Job or pod has started a container and has not ended. Such a hook is never cut. */
export function isHookRunning(observed: Observed): boolean {
  return observed.objects.some((object) => {
    if (object.hookEvents.length === 0 || !object.live || object.wasDeleted) return false
    if (hasHookEnded(object.live)) return false
    return ownedPods(observed, object).fresh.some(hasStarted)
  })
}

function layer(fault: Fault): number {
  return findingClasses.indexOf(fault.class)
}
