import { refText, toRef } from '../cluster/manifest.ts'
import { toFinding } from './diagnose.ts'
import type { Fault } from './fault.ts'
import { jobEvidence } from './fault-evidence.ts'
import type { Finding } from './finding.ts'
import { workloadKinds } from './memory.ts'
import { hasStarted, type Observed, type WatchedObject } from './observed.ts'
import { ownedPods } from './ownership.ts'
import { hasHookEnded, rollout } from './rollout.ts'
import { podSignals } from './signals.ts'

/** What Helm says of hooks: the phase that failed, its whole text, and the finding that is made of the text alone. */
export interface HookError {
  readonly phase: string
  readonly error: string
  readonly own: Finding
}

/** Which hook of a phase failed, and why, as far as anybody saw it. */
export function hookFindings(
  observed: Observed,
  faults: readonly Fault[],
  { phase, error, own }: HookError,
): Finding[] {
  const ofPhase = observed.objects.filter(({ hookEvents, live }) => hookEvents.includes(phase) && live)
  const failed = ofPhase.filter(({ live }) => live && rollout(live, true).failed)
  const named = /job(?:\/\S+\/| )([a-z0-9.-]+)/i.exec(error)?.[1]
  const guess =
    failed.length > 0 ? failed : ofPhase.filter(({ manifest }) => ofPhase.length === 1 || manifest.name === named)
  if (guess.length === 0)
    return [{ ...own, class: 'hook-failed', cause: `the ${phase} hook failed: ${error.split('\n')[0]}` }]
  return guess.flatMap((object) => explained(observed, faults, object) ?? hookFinding(observed, object, phase, error))
}

/** Hooks that still run when the time is up: they are why. */
export function runningHooks(observed: Observed, faults: readonly Fault[]): Finding[] {
  return observed.objects
    .filter(({ hookEvents, live, wasDeleted }) => hookEvents.length > 0 && live && !wasDeleted && !hasHookEnded(live))
    .flatMap(
      (object) =>
        explained(observed, faults, object) ?? hookFinding(observed, object, object.hookEvents.join(', '), 'timed out'),
    )
}

/** A hook whose process never ran is told by what kept its pod from running, the lowest layer first; null for any other. */
function explained(observed: Observed, faults: readonly Fault[], hook: WatchedObject): Finding[] | null {
  const own = faults.filter(({ object }) => object.manifest === hook.manifest)
  if (own.length === 0 || !hook.live || rollout(hook.live, true).failed) return null
  // One that is tried again has run before.
  if (ownedPods(observed, hook).fresh.some(hasStarted)) return null
  return own.map((fault) => toFinding(fault, observed))
}

function hookFinding(observed: Observed, object: WatchedObject, phase: string, error: string): Finding {
  const evidence = jobEvidence(observed, object, error)
  const code = evidence.status['exit code']
  const isLate = /deadline exceeded|timed out/i.test(error) && !/BackoffLimitExceeded|Job Failed/.test(error)
  const why = isLate ? keptAlive(observed, object) : code ? `it exited with ${code}` : ''
  const file = object.manifest.source
  return {
    class: 'hook-failed',
    resource: toRef(object.manifest),
    cause: `the ${phase} hook ${isLate ? 'did not end in time' : 'failed'}${why ? `: ${why}` : ''}`,
    severity: { kind: 'now' },
    count: 1,
    evidence: file ? { ...evidence, source: { file } } : evidence,
  }
}

/** A hook that has done its work and does not end, because another container of its pod runs on (H10). */
function keptAlive(observed: Observed, object: WatchedObject): string {
  const pods = ownedPods(observed, object).fresh
  const signals = pods.flatMap((pod) => podSignals(pod, { crashTolerance: 0, unschedulableGraceMs: null }))
  return signals.find(({ id }) => id === 'H10')?.cause ?? ''
}

/**
 * Names the deadlock of a chart whose pods wait for something that only a post-install or post-upgrade hook makes: Helm runs that
 * hook when the pods are ready, which they never are.
 */
export function withDeadlock(observed: Observed, findings: readonly Finding[]): Finding[] {
  const isUpgrade = observed.objects.some(({ hookEvents, live, isNew }) => hookEvents.length === 0 && live && !isNew)
  const phase = isUpgrade ? 'post-upgrade' : 'post-install'
  // Hooks of other kinds are not watched, so that nobody knows whether they have run.
  const hook = observed.objects.find(
    ({ hookEvents, live, manifest: { kind } }) => !live && hookEvents.includes(phase) && workloadKinds.has(kind),
  )
  if (!hook) return [...findings]
  const why = `Helm runs the ${phase} hook ${refText(toRef(hook.manifest))} only when everything is ready`
  const isOfHook = ({ resource }: Finding): boolean =>
    observed.objects.some(
      ({ manifest, hookEvents }) =>
        hookEvents.length > 0 && manifest.kind === resource.kind && manifest.name === resource.name,
    )
  return findings.map((finding) => {
    if (isOfHook(finding)) return finding
    switch (finding.class) {
      case 'missing-config':
        return {
          ...finding,
          cause: `${finding.cause}; ${why}`,
          advice: 'If that hook makes it, let it run before: as a pre-install and pre-upgrade hook',
        }
      case 'not-ready':
        return { ...finding, advice: `${finding.advice ?? 'See what it waits for'}; ${why}` }
      default:
        return finding
    }
  })
}
