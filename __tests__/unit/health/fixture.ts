import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { KubeEvent, Pod, Workload } from '../../../src/cluster/types.ts'
import { diagnose, isHookRunning, toFinding, unfinished } from '../../../src/health/diagnose.ts'
import type { DiagnosisOptions, Fault } from '../../../src/health/fault.ts'
import { refText } from '../../../src/cluster/manifest.ts'
import { indexed } from '../../../src/health/observed.ts'
import type { Observed, WatchedObject } from '../../../src/health/observed.ts'

/** What a cluster showed at one moment of a deploy, and what must be found in it: one file of `fixtures/health`. */
export interface HealthFixture {
  readonly about: string
  /** The Kubernetes that it was recorded from, or `by hand`. */
  readonly recorded: string
  readonly startedAt: string
  readonly now: string
  readonly objects: readonly {
    readonly hookEvents?: readonly string[]
    readonly isNew: boolean
    readonly wasDeleted?: boolean
    readonly live: Workload
  }[]
  readonly others?: HealthFixture['objects']
  readonly replicaSets?: readonly Workload[]
  readonly pods?: readonly Pod[]
  readonly events?: readonly KubeEvent[]
  /** Uids of pods that were there before the deploy. */
  readonly podsBefore?: readonly string[]
  readonly gone?: readonly string[]
  readonly signalSince?: Readonly<Record<string, string>>
  readonly firstStart?: Readonly<Record<string, string>>
  readonly appeared?: Readonly<Record<string, string>>
  readonly logs?: Readonly<Record<string, readonly string[]>>
  readonly expect: Expectation
}

interface Expectation {
  readonly faults: readonly ExpectedFault[]
  /** Objects whose rollout is not complete, with the reason. */
  readonly unfinished: readonly string[]
  readonly isHookRunning?: boolean
}

interface ExpectedFault {
  readonly class: string
  readonly resource: string
  readonly cause: string
  /** How many pods show it. */
  readonly count: number
  /** When it ends the deploy: `at once`, `at the timeout`, or after so many seconds of the deploy. */
  readonly ends: string
  readonly pod?: string
  readonly line?: string
  readonly message?: string
  /** Reasons of the events shown. */
  readonly events: readonly string[]
}

export const options: DiagnosisOptions = { crashTolerance: 2, unschedulableGraceMs: null, waitForJobs: false }

const folder = new URL('../../fixtures/health/', import.meta.url)

/** All fixtures by name. */
export function readFixtures(): Map<string, HealthFixture> {
  const names = readdirSync(folder).filter((file) => file.endsWith('.yaml'))
  return new Map(names.sort().map((file) => [file.replace('.yaml', ''), readFixture(file.replace('.yaml', ''))]))
}

export function readFixture(name: string): HealthFixture {
  return parse(readFileSync(new URL(`${name}.yaml`, folder), 'utf8')) as HealthFixture
}

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
