// Turns what a deploy saw into a fixture of the diagnosis: the same objects, without what tells of the machine that they were seen on.
import { stringify } from 'yaml'
import { createMemory } from '../../src/health/memory.ts'
import type { Observed, WatchedObject } from '../../src/health/observed.ts'
import type { Recording } from '../../src/health/recording.ts'
import { judge, toObserved } from '../unit/health/fixture.ts'
import type { HealthFixture } from '../unit/health/fixture-file.ts'
import { versions } from '../testbed/versions.ts'

/** The text of a fixture: what was there when the deploy ended, and what is found in it now, for somebody to read through. */
export function fixtureOf(recording: Recording, about: string, names: Readonly<Record<string, string>>): string {
  const memory = createMemory(recording.options)
  for (const change of recording.changes) memory.apply(change)
  const seen = memory.observed(recording.endedAt)
  const told = pruned(contents(seen)) as object
  const plain = renamed(told, { ...uids(seen), [recording.namespace]: 'shop', ...names })
  const fixture = {
    about,
    recorded: `Kubernetes ${versions.kubernetes}`,
    expect: { faults: [], unfinished: [] },
    ...plain,
  }
  const { faults, ...rest } = judge(toObserved(fixture as unknown as HealthFixture))
  return stringify({ ...fixture, expect: { faults: faults.map(pruned), ...rest } }, { lineWidth: 0, singleQuote: true })
}

function contents(seen: Observed): object {
  const known = new Set([...seen.objects, ...seen.others].map(({ live }) => live?.metadata.uid))
  const isOurs = (uid: string | undefined): boolean =>
    known.has(uid) || seen.pods.some(({ metadata }) => metadata.uid === uid)
  const sets = seen.replicaSets.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => known.has(uid)))
  for (const { metadata } of sets) known.add(metadata.uid)
  const claims = seen.pods.flatMap(({ spec }) => spec?.volumes ?? []).map((one) => one.persistentVolumeClaim?.claimName)
  return {
    startedAt: iso(seen.startedAt),
    now: iso(seen.now),
    objects: seen.objects.flatMap(told),
    others: some(seen.others.flatMap(told)),
    replicaSets: some(sets.map((set) => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', ...set }))),
    pods: some(seen.pods),
    events: some(
      seen.events
        .filter(({ involvedObject: about }) => isOurs(about?.uid) || claims.includes(about?.name))
        .map(({ metadata, ...event }) => ({ ...event, metadata: { name: metadata.name } })),
    ),
    podsBefore: some([...seen.podsBefore].filter((uid) => seen.pods.some(({ metadata }) => metadata.uid === uid))),
    gone: some([...seen.gone.keys()].filter(isOurs)),
    signalSince: times(seen.signalSince),
    firstStart: times(seen.firstStart),
    appeared: times(seen.appeared),
    logs: seen.logs.size > 0 ? Object.fromEntries(seen.logs) : undefined,
  }
}

/** An object as it is; what the diagnosis reads of the manifest only comes from there. */
function told({ live, manifest, hookEvents, isNew, wasDeleted }: WatchedObject): object[] {
  if (!live) return []
  const { spec } = manifest.object as { spec?: object }
  const { metadata, status } = live
  const own = {
    apiVersion: manifest.apiVersion,
    kind: manifest.kind,
    metadata,
    spec: { ...spec, ...live.spec },
    status,
  }
  return [{ ...(hookEvents.length > 0 ? { hookEvents } : {}), isNew, ...(wasDeleted ? { wasDeleted } : {}), live: own }]
}

/** Each uid is the kind and the name of its object. */
function uids({ objects, others, replicaSets, pods }: Observed): Record<string, string> {
  const watched = [...objects, ...others].flatMap(({ live, manifest }) =>
    live ? [{ ...live, kind: manifest.kind }] : [],
  )
  const sets = replicaSets.map((set) => ({ ...set, kind: 'ReplicaSet' }))
  const all = [...watched, ...sets, ...pods.map((pod) => ({ ...pod, kind: 'Pod' }))]
  return Object.fromEntries(
    all.map(({ kind, metadata }) => [metadata.uid ?? '', `${kind.toLowerCase()}-${metadata.name}`]),
  )
}

/** Of no use to any rule. */
const dropped =
  /^(resourceVersion|containerID|imageID|hostIPs?|podIPs?|qosClass|lastUpdateTime|lastProbeTime|last(Heartbeat)?Time|allocatedResources|user|volumeMounts|collisionCount|uncountedTerminatedPods)$/

/** Without what is empty, and what tells nothing. */
function pruned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pruned)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([key, one]) => one !== undefined && one !== null && !dropped.test(key))
  return Object.fromEntries(
    fields.map(([key, one]) => [key, pruned(one)] as const).filter(([key, one]) => key === 'state' || !isEmpty(one)),
  )
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
}

function renamed(value: object, names: Readonly<Record<string, string>>): object {
  let text = JSON.stringify(value)
  // The longest first: a name may be a part of another one.
  for (const [from, to] of Object.entries(names).toSorted(([one], [other]) => other.length - one.length))
    if (from) text = text.replaceAll(from, to)
  return JSON.parse(text) as object
}

function times(map: ReadonlyMap<string, number>): Record<string, string> | undefined {
  return map.size > 0 ? Object.fromEntries([...map].map(([key, ms]) => [key, iso(ms)])) : undefined
}

function some<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length > 0 ? items : undefined
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
