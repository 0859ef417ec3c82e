import type { DiagnosisOptions, Fault } from '../../../src/health/fault.ts'
import { diagnose, isHookRunning, toFinding, unfinished } from '../../../src/health/diagnose.ts'
import { refText } from '../../../src/cluster/manifest.ts'
import { indexed } from '../../../src/health/observed.ts'
import type { Observed, WatchedObject } from '../../../src/health/observed.ts'
import type { Expectation, ExpectedFault, HealthFixture } from './fixture-file.ts'

export { readFixture, readFixtures } from './fixture-file.ts'

export const options: DiagnosisOptions = { crashTolerance: 2, unschedulableGraceMs: null, waitForJobs: false }

/** The fixture as the diagnosis takes it. */
export function toObserved(fixture: HealthFixture): Observed {
  const times = (map: Readonly<Record<string, string>> = {}): Map<string, number> =>
    new Map(Object.entries(map).map(([key, at]) => [key, Date.parse(at)]))
  return indexed({
    startedAt: Date.parse(fixture.startedAt),
    now: Date.parse(fixture.now),
    objects: fixture.objects.map((object) => toWatched(fixture, object)),
    others: (fixture.others ?? []).map((object) => toWatched(fixture, object)),
    replicaSets: fixture.replicaSets ?? [],
    pods: fixture.pods ?? [],
    events: fixture.events ?? [],
    gone: new Map((fixture.gone ?? []).map((uid) => [uid, Date.parse(fixture.startedAt)])),
    podsBefore: new Set(fixture.podsBefore),
    signalSince: times(fixture.signalSince),
    firstStart: times(fixture.firstStart),
    appeared: times(fixture.appeared),
    logs: new Map(Object.entries(fixture.logs ?? {})),
  })
}

function toWatched(
  { startedAt }: HealthFixture,
  { live, hookEvents = [], isNew, wasDeleted = false }: HealthFixture['objects'][number],
): WatchedObject {
  const { name, namespace = '' } = live.metadata
  const manifest = {
    apiVersion: live.apiVersion ?? '',
    kind: live.kind ?? '',
    name,
    namespace,
    object: live,
    source: '',
  }
  return { manifest, live, hookEvents, isNew, changedAt: Date.parse(startedAt), wasDeleted }
}

/** What is found, in the words of a fixture. */
export function judge(observed: Observed): Expectation {
  const running = isHookRunning(observed)
  return {
    faults: diagnose(observed, options).map((fault) => describeFault(fault, observed)),
    unfinished: unfinished(observed, options).map(({ object, cause }) => `${refText(object.manifest)}: ${cause}`),
    ...(running ? { isHookRunning: true } : {}),
  }
}

function describeFault(fault: Fault, observed: Observed): ExpectedFault {
  const { resource, cause, count, evidence } = toFinding(fault, observed)
  return {
    class: fault.class,
    resource: refText(resource),
    cause,
    count,
    ends: endsText(fault.dueAt, observed.startedAt),
    ...(evidence.object ? { pod: evidence.object.name } : {}),
    ...(evidence.decisiveLine ? { line: evidence.decisiveLine } : {}),
    ...(evidence.message ? { message: evidence.message } : {}),
    events: evidence.events.map(({ reason, count: times }) => (times > 1 ? `${reason} ×${times}` : reason)),
  }
}

function endsText(dueAt: number | null, startedAt: number): string {
  if (dueAt === null) return 'at the timeout'
  return dueAt === 0 ? 'at once' : `after ${Math.round((dueAt - startedAt) / 1000)} s`
}
