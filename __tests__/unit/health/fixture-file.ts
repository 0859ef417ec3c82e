import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { KubeEvent, Pod, Workload } from '../../../src/cluster/types.ts'

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

export interface Expectation {
  readonly faults: readonly ExpectedFault[]
  /** Objects whose rollout is not complete, with the reason. */
  readonly unfinished: readonly string[]
  readonly isHookRunning?: boolean
}

export interface ExpectedFault {
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

const folder = new URL('../../fixtures/health/', import.meta.url)
let all: ReadonlyMap<string, HealthFixture> | undefined

/** All fixtures by name, read once. */
export function readFixtures(): ReadonlyMap<string, HealthFixture> {
  const names = all ? [] : readdirSync(folder).filter((file) => file.endsWith('.yaml'))
  all ??= new Map(names.sort().map((file) => [file.replace('.yaml', ''), readFixture(file.replace('.yaml', ''))]))
  return all
}

/** The fixture of that name. */
export function readFixture(name: string): HealthFixture {
  return parse(readFileSync(new URL(`${name}.yaml`, folder), 'utf8')) as HealthFixture
}
